"""Operators as opsets 18 to 21 changed them, which the node tests of ONNX 1.12 do not cover."""

from cases import T, case, f, h, np, rng, rs, ru, u


def x(*shape):
    return rng.normal(size=shape).astype(np.float32)


def float_case(name, opset, node, inputs, inits=None, outputs=("y",), types=None):
    types = types or {k: T.FLOAT for k in outputs}
    case(name, [node], inputs, inits or {}, types, opset=opset, ms=False)


def node(op, inputs, outputs=("y",), **attributes):
    return h.make_node(op, list(inputs), list(outputs), **attributes)


i64 = lambda *values: np.array(values, np.int64)
f32 = lambda *values: np.array(values, np.float32)

float_case(
    "resize_axes_sizes",
    18,
    node("Resize", ["x", "", "", "n"], mode="linear", axes=[2, 3]),
    {"x": x(2, 3, 4, 5)},
    {"n": i64(7, 6)},
)
float_case(
    "resize_axes_one_size",
    18,
    node("Resize", ["x", "", "", "n"], mode="nearest", axes=[3]),
    {"x": x(2, 3, 4, 5)},
    {"n": i64(10)},
)
float_case(
    "resize_axes_scales",
    19,
    node("Resize", ["x", "", "s"], mode="nearest", axes=[-2, -1]),
    {"x": x(1, 2, 4, 4)},
    {"s": f32(1.5, 2)},
)
float_case(
    "split_num_outputs",
    18,
    node("Split", ["x"], ["a", "b", "c"], axis=1, num_outputs=3),
    {"x": x(2, 7)},
    outputs=("a", "b", "c"),
)
float_case(
    "pad_axes",
    18,
    node("Pad", ["x", "p", "v", "a"]),
    {"x": x(2, 3, 4)},
    {"p": i64(1, 2, 0, 1), "v": f(0.5), "a": i64(2, 0)},
)
float_case(
    "reducemean_axes_input",
    18,
    node("ReduceMean", ["x", "a"]),
    {"x": x(2, 3, 4, 5)},
    {"a": i64(2, 3)},
)
float_case("reducel2_noop", 18, node("ReduceL2", ["x"], noop_with_empty_axes=1), {"x": x(2, 3)})
float_case(
    "groupnormalization_18",
    18,
    node("GroupNormalization", ["x", "s", "b"], num_groups=2, epsilon=0.01),
    {"x": x(2, 4, 3, 3)},
    {"s": f32(1.5, -0.5), "b": f32(0.1, 0.2)},
)
float_case(
    "groupnormalization_21",
    21,
    node("GroupNormalization", ["x", "s", "b"], num_groups=2),
    {"x": x(2, 4, 3, 3)},
    {"s": x(4), "b": x(4)},
)
float_case("gelu", 20, node("Gelu", ["x"]), {"x": x(30)})
float_case("gelu_tanh", 20, node("Gelu", ["x"], approximate="tanh"), {"x": x(30)})
float_case("mish", 18, node("Mish", ["x"]), {"x": x(30)})
float_case(
    "averagepool_dilations",
    19,
    node("AveragePool", ["x"], kernel_shape=[2, 2], dilations=[2, 2]),
    {"x": x(1, 2, 5, 5)},
)
float_case("lpnormalization", 18, node("LpNormalization", ["x"], axis=1, p=1), {"x": x(2, 3, 4)})
float_case(
    "quantizelinear_u16",
    21,
    node("QuantizeLinear", ["x", "s", "z"]),
    {"x": x(40)},
    {"s": f(0.0001), "z": np.uint16(30000)},
    types={"y": T.UINT16},
)
float_case(
    "quantizelinear_output_dtype",
    21,
    node("QuantizeLinear", ["x", "s"], output_dtype=T.INT8),
    {"x": x(40)},
    {"s": f(0.01)},
    types={"y": T.INT8},
)


def conv_int4(name):
    """Weights of four bits between DequantizeLinear and a convolution."""
    w = h.make_tensor("w", T.INT4, [2, 3, 1, 1], [-8, -1, 7, 3, 0, 5])
    z = h.make_tensor("wz", T.INT4, [], [0])
    nodes = [
        node("Constant", [], ["w"], value=w),
        node("Constant", [], ["wz"], value=z),
        node("DequantizeLinear", ["w", "ws", "wz"], ["wf"]),
        node("DequantizeLinear", ["x", "xs", "xz"], ["xf"]),
        node("Conv", ["xf", "wf"], ["c"]),
        node("QuantizeLinear", ["c", "ys", "yz"], ["y"]),
    ]
    scales = {"ws": f(0.1), "xs": f(0.02), "xz": u(120), "ys": f(0.03), "yz": u(99)}
    case(name, nodes, {"x": ru(1, 3, 4, 4)}, scales, {"y": T.UINT8}, opset=21, ms=False)


conv_int4("int4_weights")
