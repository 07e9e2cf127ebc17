"""Operators that are quantised themselves; see cases.py."""

from cases import DT, MICROSOFT, T, b, case, f, h, i8, np, rng, rs, ru, u

for op in ["QLinearAdd", "QLinearMul"]:
    case(
        f"{op.lower()}_u8",
        [h.make_node(op, ["a", "as", "az", "b", "bs", "bz", "cs", "cz"], ["c"], **MICROSOFT)],
        {"a": ru(2, 3, 7), "b": ru(3, 7)},
        {
            "as": f(0.0213),
            "az": u(120),
            "bs": f(0.0137),
            "bz": u(3),
            "cs": f(0.0311 if op == "QLinearAdd" else 0.05),
            "cz": u(97),
        },
        {"c": T.UINT8},
    )
    case(
        f"{op.lower()}_s8",
        [h.make_node(op, ["a", "as", "az", "b", "bs", "bz", "cs", "cz"], ["c"], **MICROSOFT)],
        {"a": rs(2, 3, 7), "b": rs(2, 3, 1)},
        {
            "as": f(0.021),
            "az": i8(-5),
            "bs": f(0.013),
            "bz": i8(3),
            "cs": f(0.03 if op == "QLinearAdd" else 0.04),
            "cz": i8(9),
        },
        {"c": T.INT8},
    )
case(
    "qlinearaveragepool_u8",
    [
        h.make_node(
            "QLinearAveragePool",
            ["x", "xs", "xz", "ys", "yz"],
            ["y"],
            kernel_shape=[3, 3],
            strides=[2, 2],
            pads=[1, 1, 1, 1],
            **MICROSOFT,
        )
    ],
    {"x": ru(1, 3, 9, 9)},
    {"xs": f(0.02), "xz": u(128), "ys": f(0.017), "yz": u(110)},
    {"y": T.UINT8},
)
case(
    "qlinearaveragepool_s8_count_include_pad",
    [
        h.make_node(
            "QLinearAveragePool",
            ["x", "xs", "xz", "ys", "yz"],
            ["y"],
            kernel_shape=[2, 3],
            pads=[0, 1, 1, 1],
            count_include_pad=1,
            **MICROSOFT,
        )
    ],
    {"x": rs(2, 2, 6, 8)},
    {"xs": f(0.02), "xz": i8(-7), "ys": f(0.017), "yz": i8(11)},
    {"y": T.INT8},
)
case(
    "qlinearaveragepool_ceil",
    [
        h.make_node(
            "QLinearAveragePool",
            ["x", "xs", "xz", "ys", "yz"],
            ["y"],
            kernel_shape=[3, 3],
            strides=[2, 2],
            ceil_mode=1,
            **MICROSOFT,
        )
    ],
    {"x": ru(1, 3, 8, 8)},
    {"xs": f(0.02), "xz": u(128), "ys": f(0.017), "yz": u(110)},
    {"y": T.UINT8},
)
case(
    "qlinearglobalaveragepool_u8",
    [h.make_node("QLinearGlobalAveragePool", ["x", "xs", "xz", "ys", "yz"], ["y"], **MICROSOFT)],
    {"x": ru(2, 5, 7, 7)},
    {"xs": f(0.02), "xz": u(128), "ys": f(0.004), "yz": u(110)},
    {"y": T.UINT8},
)
case(
    "qlinearglobalaveragepool_s8",
    [h.make_node("QLinearGlobalAveragePool", ["x", "xs", "xz", "ys", "yz"], ["y"], **MICROSOFT)],
    {"x": rs(2, 5, 3, 4)},
    {"xs": f(0.02), "xz": i8(1), "ys": f(0.01), "yz": i8(-3)},
    {"y": T.INT8},
)
case(
    "qlinearconcat_u8",
    [
        h.make_node(
            "QLinearConcat",
            ["ys", "yz", "a", "as", "az", "b", "bs", "bz", "c", "cs", "cz"],
            ["y"],
            axis=1,
            **MICROSOFT,
        )
    ],
    {"a": ru(2, 3, 4), "b": ru(2, 1, 4), "c": ru(2, 2, 4)},
    {
        "ys": f(0.02),
        "yz": u(128),
        "as": f(0.02),
        "az": u(128),
        "bs": f(0.031),
        "bz": u(100),
        "cs": f(0.007),
        "cz": u(0),
    },
    {"y": T.UINT8},
)
case(
    "qlinearconcat_s8",
    [
        h.make_node(
            "QLinearConcat",
            ["ys", "yz", "a", "as", "az", "b", "bs", "bz"],
            ["y"],
            axis=-1,
            **MICROSOFT,
        )
    ],
    {"a": rs(2, 3, 4), "b": rs(2, 3, 2)},
    {"ys": f(0.02), "yz": i8(1), "as": f(0.05), "az": i8(-3), "bs": f(0.031), "bz": i8(0)},
    {"y": T.INT8},
)
for op, kw in [("QLinearSigmoid", {}), ("QLinearLeakyRelu", {"alpha": 0.1})]:
    case(
        f"{op.lower()}_u8",
        [h.make_node(op, ["x", "xs", "xz", "ys", "yz"], ["y"], **kw, **MICROSOFT)],
        {"x": np.arange(256, dtype=np.uint8).reshape(4, 64)},
        {
            "xs": f(0.04),
            "xz": u(111),
            "ys": f(1 / 256 if op == "QLinearSigmoid" else 0.02),
            "yz": u(0 if op == "QLinearSigmoid" else 50),
        },
        {"y": T.UINT8},
    )
    case(
        f"{op.lower()}_s8",
        [h.make_node(op, ["x", "xs", "xz", "ys", "yz"], ["y"], **kw, **MICROSOFT)],
        {"x": np.arange(-128, 128).astype(np.int8).reshape(4, 64)},
        {
            "xs": f(0.04),
            "xz": i8(-11),
            "ys": f(1 / 256 if op == "QLinearSigmoid" else 0.02),
            "yz": i8(-128 if op == "QLinearSigmoid" else 5),
        },
        {"y": T.INT8},
    )
case(
    "qlinearsoftmax_u8",
    [
        h.make_node(
            "QLinearSoftmax", ["x", "xs", "xz", "ys", "yz"], ["y"], axis=-1, opset=13, **MICROSOFT
        )
    ],
    {"x": ru(4, 10)},
    {"xs": f(0.05), "xz": u(111), "ys": f(1 / 256), "yz": u(0)},
    {"y": T.UINT8},
)
case(
    "qlinearsoftmax_s8_axis1_opset12",
    [
        h.make_node(
            "QLinearSoftmax", ["x", "xs", "xz", "ys", "yz"], ["y"], axis=1, opset=12, **MICROSOFT
        )
    ],
    {"x": rs(3, 2, 5)},
    {"xs": f(0.05), "xz": i8(1), "ys": f(1 / 256), "yz": i8(-128)},
    {"y": T.INT8},
)
case(
    "qlinearwhere_u8",
    [
        h.make_node(
            "QLinearWhere", ["c", "x", "xs", "xz", "y", "ys", "yz", "zs", "zz"], ["z"], **MICROSOFT
        )
    ],
    {"c": rng.integers(0, 2, (3, 5)).astype(bool), "x": ru(3, 5), "y": ru(3, 5)},
    {"xs": f(0.05), "xz": u(111), "ys": f(0.03), "yz": u(7), "zs": f(0.04), "zz": u(80)},
    {"z": T.UINT8},
)


def gemm(name, A, B, C, za, zb, bs, y=True, **kw):
    ins = ["a", "as", "az", "b", "bs", "bz", "c" if C is not None else ""] + (
        ["ys", "yz"] if y else []
    )
    init = {"b": B, "as": f(0.02), "az": za, "bs": np.asarray(bs, np.float32), "bz": zb}
    if C is not None:
        init["c"] = C
    if y:
        init.update(ys=f(0.6), yz=u(100) if A.dtype == np.uint8 else i8(-4))
    case(
        name,
        [h.make_node("QGemm", ins, ["y"], **kw, **MICROSOFT)],
        {"a": A},
        init,
        {"y": (T.UINT8 if A.dtype == np.uint8 else T.INT8) if y else T.FLOAT},
    )


gemm(
    "qgemm_u8s8_bias",
    ru(4, 16),
    rs(16, 6),
    rng.integers(-3000, 3000, 6).astype(np.int32),
    u(120),
    i8(0),
    0.011,
)
gemm(
    "qgemm_u8s8_per_column_transb",
    ru(4, 16),
    rs(6, 16),
    rng.integers(-3000, 3000, 6).astype(np.int32),
    u(120),
    np.zeros(6, np.int8),
    rng.uniform(0.005, 0.02, 6),
    transB=1,
)
gemm("qgemm_s8s8_alpha", rs(4, 16), rs(16, 6), None, i8(3), i8(0), 0.011, alpha=0.5)
gemm(
    "qgemm_u8s8_float_output",
    ru(4, 16),
    rs(16, 6),
    rng.integers(-3000, 3000, 6).astype(np.int32),
    u(120),
    i8(0),
    0.011,
    y=False,
)
gemm("qgemm_u8u8_transa", ru(16, 4), ru(16, 6), None, u(120), u(131), 0.011, transA=1)


def qconv(name, X, W, B, zx, zw, ws, yz, **kw):
    ins = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz"] + (["b"] if B is not None else [])
    init = {
        "w": W,
        "xs": f(0.02),
        "xz": zx,
        "ws": np.asarray(ws, np.float32),
        "wz": zw,
        "ys": f(0.09),
        "yz": yz,
    }
    if B is not None:
        init["b"] = B
    case(
        name,
        [h.make_node("QLinearConv", ins, ["y"], **kw)],
        {"x": X},
        init,
        {"y": DT[yz.dtype]},
        ms=False,
    )


qconv(
    "qlinearconv_u8s8_per_channel",
    ru(2, 4, 8, 8),
    rs(6, 4, 3, 3),
    b(6),
    u(121),
    np.zeros(6, np.int8),
    rng.uniform(0.002, 0.01, 6),
    u(128),
    pads=[1, 1, 1, 1],
)
qconv(
    "qlinearconv_s8s8_stride_groups",
    rs(1, 8, 9, 9),
    rs(8, 2, 3, 3),
    b(8),
    i8(-3),
    i8(0),
    0.006,
    i8(5),
    strides=[2, 2],
    group=4,
    pads=[1, 1, 1, 1],
)
qconv(
    "qlinearconv_depthwise_dilated",
    ru(1, 6, 10, 10),
    rs(6, 1, 3, 3),
    b(6),
    u(7),
    np.zeros(6, np.int8),
    rng.uniform(0.002, 0.03, 6),
    u(60),
    group=6,
    dilations=[2, 2],
)
qconv(
    "qlinearconv_u8u8_weight_zero_point",
    ru(1, 3, 6, 6),
    ru(4, 3, 1, 1),
    None,
    u(121),
    u(113),
    0.01,
    u(128),
)
qconv("qlinearconv_1d", ru(1, 3, 12), rs(4, 3, 5), b(4), u(121), i8(0), 0.01, u(128), pads=[2, 2])
qconv(
    "qlinearconv_same_lower",
    ru(1, 3, 7, 6),
    rs(4, 3, 4, 4),
    b(4),
    u(9),
    i8(0),
    0.008,
    u(128),
    auto_pad="SAME_LOWER",
    strides=[2, 2],
)
case(
    "qlinearmatmul_u8s8_per_column",
    [h.make_node("QLinearMatMul", ["a", "as", "az", "b", "bs", "bz", "ys", "yz"], ["y"])],
    {"a": ru(2, 3, 12)},
    {
        "b": rs(12, 5),
        "as": f(0.02),
        "az": u(100),
        "bs": rng.uniform(0.004, 0.02, 5).astype(np.float32),
        "bz": np.zeros(5, np.int8),
        "ys": f(0.3),
        "yz": u(110),
    },
    {"y": T.UINT8},
    ms=False,
)
case(
    "qlinearmatmul_s8",
    [h.make_node("QLinearMatMul", ["a", "as", "az", "b", "bs", "bz", "ys", "yz"], ["y"])],
    {"a": rs(3, 12), "b": rs(12, 5)},
    {"as": f(0.02), "az": i8(2), "bs": f(0.01), "bz": i8(-4), "ys": f(0.3), "yz": i8(11)},
    {"y": T.INT8},
    ms=False,
)
case(
    "matmulinteger_u8s8",
    [h.make_node("MatMulInteger", ["a", "b", "az", "bz"], ["y"])],
    {"a": ru(3, 12)},
    {"b": rs(12, 5), "az": u(100), "bz": i8(3)},
    {"y": T.INT32},
    ms=False,
)
case(
    "convinteger_u8_padding",
    [h.make_node("ConvInteger", ["x", "w", "xz"], ["y"], pads=[1, 1, 1, 1])],
    {"x": ru(1, 2, 5, 5)},
    {"w": ru(3, 2, 3, 3), "xz": u(100)},
    {"y": T.INT32},
    ms=False,
)
case(
    "dynamic_matmul",
    [
        h.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        h.make_node("MatMulInteger", ["q", "w", "z"], ["p"]),
        h.make_node("Cast", ["p"], ["pf"], to=T.FLOAT),
        h.make_node("Mul", ["s", "ws"], ["sw"]),
        h.make_node("Mul", ["pf", "sw"], ["y"]),
    ],
    {"x": rng.normal(size=(4, 16)).astype(np.float32)},
    {"w": rs(16, 6), "ws": f(0.01)},
    {"y": T.FLOAT},
    ms=False,
)
case(
    "dynamic_conv",
    [
        h.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        h.make_node("ConvInteger", ["q", "w", "z"], ["p"], pads=[1, 1, 1, 1]),
        h.make_node("Cast", ["p"], ["pf"], to=T.FLOAT),
        h.make_node("Mul", ["s", "ws"], ["sw"]),
        h.make_node("Mul", ["pf", "sw"], ["y"]),
    ],
    {"x": rng.normal(size=(1, 3, 6, 6)).astype(np.float32)},
    {"w": ru(4, 3, 3, 3), "ws": f(0.01)},
    {"y": T.FLOAT},
    ms=False,
)
case(
    "quantizelinear_u16_ms",
    [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"], **MICROSOFT)],
    {"x": rng.normal(size=(40,)).astype(np.float32)},
    {"s": f(0.0001), "z": np.uint16(30000)},
    {"y": T.UINT16},
)
case(
    "dequantizelinear_s16_ms",
    [h.make_node("DequantizeLinear", ["x", "s", "z"], ["y"], **MICROSOFT)],
    {"x": rng.integers(-30000, 30000, (40,)).astype(np.int16)},
    {"s": f(0.0001), "z": np.int16(0)},
    {"y": T.FLOAT},
)
case(
    "quantizelinear_ties",
    [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])],
    {"x": (np.arange(-20, 21) * 0.5 * 0.25).astype(np.float32)},
    {"s": f(0.25), "z": i8(3)},
    {"y": T.INT8},
    ms=False,
)
case(
    "quantizelinear_per_axis",
    [h.make_node("QuantizeLinear", ["x", "s", "z"], ["y"], axis=1)],
    {"x": rng.normal(size=(2, 3, 4)).astype(np.float32)},
    {"s": np.array([0.01, 0.02, 0.05], np.float32), "z": np.array([3, 128, 200], np.uint8)},
    {"y": T.UINT8},
    ms=False,
)
case(
    "qlinearaveragepool_ceil_count_include_pad",
    [
        h.make_node(
            "QLinearAveragePool",
            ["x", "xs", "xz", "ys", "yz"],
            ["y"],
            kernel_shape=[3, 4],
            strides=[3, 2],
            pads=[1, 0, 0, 1],
            ceil_mode=1,
            count_include_pad=1,
            **MICROSOFT,
        )
    ],
    {"x": ru(2, 3, 10, 12)},
    {"xs": f(0.02), "xz": u(128), "ys": f(0.017), "yz": u(110)},
    {"y": T.UINT8},
)
for name, x, dtype in [("u8", ru(1, 2, 4, 5), T.UINT8), ("s8", rs(1, 2, 4, 5), T.INT8)]:
    case(
        f"resize_linear_{name}",
        [h.make_node("Resize", ["x", "", "s"], ["y"], mode="linear")],
        {"x": x},
        {"s": np.array([1, 1, 1.7, 2.3], np.float32)},
        {"y": dtype},
    )
case(
    "matmulintegertofloat",
    [h.make_node("MatMulIntegerToFloat", ["a", "b", "as", "bs", "az", "bz", "c"], ["y"], **MICROSOFT)],
    {"a": ru(2, 4, 9)},
    {
        "b": rs(9, 5),
        "as": f(0.021),
        "bs": np.array([0.01, 0.02, 0.03, 0.04, 0.05], np.float32),
        "az": u(117),
        "bz": np.array([0, 1, -2, 3, 0], np.int8),
        "c": rng.normal(size=5).astype(np.float32),
    },
    {"y": T.FLOAT},
)
case(
    "dynamicquantizematmul",
    [h.make_node("DynamicQuantizeMatMul", ["a", "b", "bs", "bz", "c"], ["y"], **MICROSOFT)],
    {"a": rng.normal(size=(3, 9)).astype(np.float32)},
    {
        "b": rs(9, 5),
        "bs": f(0.0171),
        "bz": i8(-3),
        "c": rng.normal(size=5).astype(np.float32),
    },
    {"y": T.FLOAT},
)
