"""Float operators between DequantizeLinear and QuantizeLinear; see cases.py."""

from cases import MICROSOFT, T, b, case, f, h, i8, np, rng, rs, ru, u


def Q(x, y, s, z, **kw):
    return h.make_node("QuantizeLinear", [x, s, z], [y], **kw)


def DQ(x, y, s, z, **kw):
    return h.make_node("DequantizeLinear", [x, s, z], [y], **kw)


def conv_qdq(name, X, W, zx, ws, zy, bias, act=[], qtype=T.UINT8, axis=0, op="Conv", **kw):
    nodes = [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz", **({"axis": axis} if np.ndim(ws) else {})),
    ]
    init = {
        "w": W,
        "xs": f(0.02),
        "xz": zx,
        "ws": np.asarray(ws, np.float32),
        "wz": np.zeros(np.shape(ws), np.int8),
        "ys": f(0.09),
        "yz": zy,
    }
    ins = ["xf", "wf"]
    if bias is not None:
        init["b"] = bias
        ins.append("bf")
        init["bs"] = (f(0.02) * init["ws"]).astype(np.float32)
        init["bz"] = np.zeros(np.shape(ws), np.int32)
        nodes.append(DQ("b", "bf", "bs", "bz", **({"axis": 0} if np.ndim(ws) else {})))
    nodes.append(h.make_node(op, ins, ["c"], **kw))
    last = "c"
    for i, (a, k, extra) in enumerate(act):
        nodes.append(h.make_node(a, [last] + extra, [f"a{i}"], **k))
        last = f"a{i}"
    init.update(lo=f(0), hi=f(6))
    nodes.append(Q(last, "y", "ys", "yz"))
    case(name, nodes, {"x": X}, init, {"y": qtype}, ms=False)


conv_qdq(
    "conv_per_channel_qdq",
    ru(1, 3, 6, 6),
    rs(5, 3, 3, 3),
    u(120),
    rng.uniform(0.003, 0.01, 5),
    u(128),
    b(5),
    pads=[1, 1, 1, 1],
)
conv_qdq(
    "conv_relu_qdq", ru(1, 3, 6, 6), rs(5, 3, 3, 3), u(120), 0.007, u(0), b(5), [("Relu", {}, [])]
)
conv_qdq(
    "conv_clip_qdq",
    ru(1, 3, 6, 6),
    rs(5, 3, 3, 3),
    u(120),
    0.007,
    u(0),
    b(5),
    [("Clip", {}, ["lo", "hi"])],
)
conv_qdq(
    "conv_s8_no_bias_qdq", rs(1, 3, 6, 6), rs(5, 3, 3, 3), i8(0), 0.007, i8(0), None, qtype=T.INT8
)


def unary_qdq(name, op, extra=[], init={}, **kw):
    case(
        name,
        [
            DQ("x", "xf", "xs", "xz"),
            h.make_node(op, ["xf"] + extra, ["yf"], **kw),
            Q("yf", "y", "ys", "yz"),
        ],
        {"x": ru(1, 2, 6, 6)},
        {"xs": f(0.021), "xz": u(119), "ys": f(0.013), "yz": u(90), **init},
        {"y": T.UINT8},
        ms=False,
    )


unary_qdq("sigmoid_qdq", "Sigmoid")
unary_qdq("leakyrelu_qdq", "LeakyRelu", alpha=0.2)
unary_qdq("relu_qdq", "Relu")
unary_qdq("hardswish_qdq", "HardSwish")
unary_qdq("tanh_qdq", "Tanh")
unary_qdq("maxpool_qdq", "MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
unary_qdq("averagepool_qdq", "AveragePool", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
unary_qdq("globalaveragepool_qdq", "GlobalAveragePool")
unary_qdq("softmax_qdq", "Softmax", axis=1)
unary_qdq("reducemean_qdq", "ReduceMean", axes=[2, 3])
unary_qdq("transpose_qdq", "Transpose", perm=[0, 2, 3, 1])
unary_qdq("pad_qdq", "Pad", ["p"], {"p": np.array([0, 0, 1, 1, 0, 0, 2, 1], np.int64)})
unary_qdq(
    "resize_nearest_qdq",
    "Resize",
    ["", "sc"],
    {"sc": np.array([1, 1, 2, 2], np.float32)},
    coordinate_transformation_mode="asymmetric",
    nearest_mode="floor",
)


def binary_qdq(name, op, **kw):
    case(
        name,
        [
            DQ("x", "xf", "xs", "xz"),
            DQ("z", "zf", "zs", "zz"),
            h.make_node(op, ["xf", "zf"], ["yf"], **kw),
            Q("yf", "y", "ys", "yz"),
        ],
        {"x": ru(1, 2, 6, 6), "z": ru(1, 2, 6, 6)},
        {"xs": f(0.0213), "xz": u(119), "zs": f(0.0171), "zz": u(31), "ys": f(0.0377), "yz": u(90)},
        {"y": T.UINT8},
        ms=False,
    )


binary_qdq("add_qdq", "Add")
binary_qdq("mul_qdq", "Mul")
binary_qdq("concat_qdq", "Concat", axis=1)
case(
    "gemm_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz"),
        DQ("b", "bf", "bs", "bz"),
        h.make_node("Gemm", ["xf", "wf", "bf"], ["yf"], transB=1),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(3, 16)},
    {
        "w": rs(6, 16),
        "b": b(6),
        "xs": f(0.02),
        "xz": u(100),
        "ws": f(0.01),
        "wz": i8(0),
        "bs": f(0.02) * f(0.01),
        "bz": np.int32(0),
        "ys": f(0.3),
        "yz": u(111),
    },
    {"y": T.UINT8},
    ms=False,
)
case(
    "matmul_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz", axis=1),
        h.make_node("MatMul", ["xf", "wf"], ["yf"]),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(2, 3, 16)},
    {
        "w": rs(16, 6),
        "xs": f(0.02),
        "xz": u(100),
        "ws": rng.uniform(0.005, 0.02, 6).astype(np.float32),
        "wz": np.zeros(6, np.int8),
        "ys": f(0.3),
        "yz": u(111),
    },
    {"y": T.UINT8},
    ms=False,
)
case(
    "conv_without_quantize",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz"),
        h.make_node("Conv", ["xf", "wf", "b"], ["y"]),
    ],
    {"x": ru(1, 3, 6, 6)},
    {
        "w": rs(5, 3, 3, 3),
        "b": rng.normal(size=5).astype(np.float32),
        "xs": f(0.02),
        "xz": u(100),
        "ws": f(0.01),
        "wz": i8(0),
    },
    {"y": T.FLOAT},
    ms=False,
)
case(
    "conv_float_weight_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        Q("w", "wq", "ws", "wz", axis=0),
        DQ("wq", "wf", "ws", "wz", axis=0),
        h.make_node("Conv", ["xf", "wf"], ["yf"]),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(1, 3, 6, 6)},
    {
        "w": rng.normal(size=(5, 3, 3, 3)).astype(np.float32),
        "xs": f(0.02),
        "xz": u(100),
        "ws": rng.uniform(0.01, 0.03, 5).astype(np.float32),
        "wz": np.zeros(5, np.int8),
        "ys": f(0.3),
        "yz": u(111),
    },
    {"y": T.UINT8},
    ms=False,
)


# --- appended, so that the numbers above stay ----------------------------------------------------
case(
    "maxpool_u16_qdq",
    [
        DQ("x", "xf", "s", "z"),
        h.make_node("MaxPool", ["xf"], ["yf"], kernel_shape=[2, 2]),
        Q("yf", "y", "s", "z"),
    ],
    {"x": rng.integers(0, 65536, (1, 2, 6, 6)).astype(np.uint16)},
    {"s": f(0.0002), "z": np.uint16(30000)},
    {"y": T.UINT16},
    opset=21,
    ms=False,
)
case(
    "matmul_batched_per_channel_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz", axis=2),
        h.make_node("MatMul", ["xf", "wf"], ["yf"]),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(2, 3, 8)},
    {
        "w": rs(2, 8, 5),
        "xs": f(0.02),
        "xz": u(120),
        "ws": rng.uniform(0.01, 0.02, 5).astype(np.float32),
        "wz": np.zeros(5, np.int8),
        "ys": f(0.1),
        "yz": u(128),
    },
    {"y": T.UINT8},
    ms=False,
)
case(
    "convtranspose_groups_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz", axis=1),
        h.make_node("ConvTranspose", ["xf", "wf"], ["yf"], group=2, strides=[2, 2]),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(1, 4, 5, 5)},
    {
        "w": rs(4, 3, 3, 3),
        "xs": f(0.02),
        "xz": u(120),
        "ws": rng.uniform(0.01, 0.02, 3).astype(np.float32),
        "wz": np.zeros(3, np.int8),
        "ys": f(0.1),
        "yz": u(128),
    },
    {"y": T.UINT8},
    ms=False,
)
case(
    "conv_bias_of_another_scale_qdq",
    [
        DQ("x", "xf", "xs", "xz"),
        DQ("w", "wf", "ws", "wz"),
        h.make_node("DequantizeLinear", ["b", "bs"], ["bf"]),
        h.make_node("Conv", ["xf", "wf", "bf"], ["yf"]),
        Q("yf", "y", "ys", "yz"),
    ],
    {"x": ru(1, 4, 5, 5)},
    {
        "w": rs(3, 4, 1, 1),
        "b": b(3),
        "bs": f(0.00037),
        "xs": f(0.02),
        "xz": u(120),
        "ws": f(0.01),
        "wz": i8(0),
        "ys": f(0.1),
        "yz": u(128),
    },
    {"y": T.UINT8},
    ms=False,
)
