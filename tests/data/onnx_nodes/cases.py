"""Writes the cases of this folder: small quantised models with the outputs of ONNX Runtime 1.32.

Layout as ONNX's own node tests: CASE/model.onnx, CASE/test_data_set_0/{input,output}_K.pb.
Usage: make_qlinear_cases.py FOLDER; make_qdq_cases.py FOLDER   (need numpy, onnx, onnxruntime)

Products are computed with ONNX Runtime's optimisations, which turn Q/DQ pairs around them into
integer operators; everything else without, because its meaning is the literal one.
"""

import os
import sys

import numpy as np
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

OUT = sys.argv[1]
rng = np.random.default_rng(7)
DT = {
    np.dtype("uint8"): T.UINT8,
    np.dtype("int8"): T.INT8,
    np.dtype("float32"): T.FLOAT,
    np.dtype("int32"): T.INT32,
    np.dtype("int64"): T.INT64,
    np.dtype("bool"): T.BOOL,
    np.dtype("uint16"): T.UINT16,
    np.dtype("int16"): T.INT16,
}


def case(name, nodes, inputs, inits, outs, opset=17, ms=True):
    opt = name.startswith(("conv_", "gemm", "matmul"))
    g = h.make_graph(
        nodes,
        name,
        [h.make_tensor_value_info(k, DT[v.dtype], v.shape) for k, v in inputs.items()],
        [h.make_tensor_value_info(k, t, None) for k, t in outs.items()],
        [nh.from_array(np.asarray(v), k) for k, v in inits.items()],
    )
    imp = [h.make_opsetid("", opset)] + ([h.make_opsetid("com.microsoft", 1)] if ms else [])
    m = h.make_model(g, opset_imports=imp, ir_version=8 if opset < 21 else 10)
    so = ort.SessionOptions()
    so.graph_optimization_level = (
        ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        if opt
        else ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    )
    s = ort.InferenceSession(m.SerializeToString(), so, providers=["CPUExecutionProvider"])
    r = s.run(None, inputs)
    d = f"{OUT}/{name}"
    os.makedirs(d + "/test_data_set_0")
    m.producer_name = "octet tests"
    open(d + "/model.onnx", "wb").write(m.SerializeToString())
    for i, (k, v) in enumerate(inputs.items()):
        open(f"{d}/test_data_set_0/input_{i}.pb", "wb").write(nh.from_array(v).SerializeToString())
    for i, v in enumerate(r):
        open(f"{d}/test_data_set_0/output_{i}.pb", "wb").write(
            nh.from_array(np.ascontiguousarray(v)).SerializeToString()
        )


f = np.float32
u = np.uint8
i8 = np.int8


def ru(*s):
    return rng.integers(0, 256, s).astype(np.uint8)


def rs(*s):
    return rng.integers(-128, 128, s).astype(np.int8)


def b(n):
    return rng.integers(-2000, 2000, n).astype(np.int32)


MICROSOFT = dict(domain="com.microsoft")
