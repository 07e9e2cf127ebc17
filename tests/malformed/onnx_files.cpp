// Models that are broken, contradict themselves or ask for too much.
#include <functional>

#include "base/limits.hpp"
#include "files/onnx_builder.hpp"
#include "malformed/bad_files.hpp"

namespace octet::testing {
namespace {

using enum StatusCode;

struct Malformed {
  const char* name;
  StatusCode code;
  const char* message;  // a part of it
  std::function<void(OnnxBuilder&)> make;
};

// A model around one node, with an image x and a vector v.
void unary(OnnxBuilder& m, const std::string& op, std::vector<std::string> inputs = {"x"}) {
  m.input("x", {1, 4, 6, 6}).output("y").node(op, inputs, {"y"});
}

void quantize(OnnxBuilder& m, const Dims& scale_dims, const std::vector<float>& scales) {
  m.constant<float>("s", scale_dims, scales);
  m.input("x", {1, 4, 6, 6})
      .output("y", TensorProto::UINT8)
      .node("QuantizeLinear", {"x", "s"}, {"y"});
}

void conv(OnnxBuilder& m, const Dims& filter) {
  std::int64_t elements = 1;
  for (const std::int64_t extent : filter) elements *= extent;
  m.constant<float>("w", filter, std::vector<float>(static_cast<std::size_t>(elements)));
  unary(m, "Conv", {"x", "w"});
}

TensorProto raw(const std::string& name, int type, const Dims& dims, const std::string& bytes) {
  TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t extent : dims) tensor.add_dims(extent);
  tensor.set_raw_data(bytes);
  return tensor;
}

void with_tensor(OnnxBuilder& m, const TensorProto& tensor) {
  *m.graph().add_initializer() = tensor;
  unary(m, "Relu");
}

GraphProto branch(int depth) {
  OnnxBuilder inner;
  inner.output("b");
  if (depth == 0) {
    inner.node("Neg", {"x"}, {"b"});
  } else {
    inner.node("If", {"c"}, {"b"});
    *inner.add_attribute("then_branch", AttributeProto::GRAPH).mutable_g() = branch(depth - 1);
    *inner.add_attribute("else_branch", AttributeProto::GRAPH).mutable_g() = branch(0);
  }
  return inner.graph();
}

void nested_ifs(OnnxBuilder& m, int depth) {
  m.constant<bool>("c", {}, {true});
  unary(m, "If", {"c"});
  *m.add_attribute("then_branch", AttributeProto::GRAPH).mutable_g() = branch(depth);
  *m.add_attribute("else_branch", AttributeProto::GRAPH).mutable_g() = branch(0);
}

const Malformed kMalformed[] = {
    // --- the model ------------------------------------------------------------------------------
    {"no_graph", invalid_model, "known format", [](OnnxBuilder&) {}},
    {"no_opset", invalid_model, "no opset",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.model().clear_opset_import(); }},
    {"opset_twice", invalid_model, "given twice",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.import("ai.onnx", 13); }},
    {"opset_too_old", unsupported, "opset 6",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.model().mutable_opset_import(0)->set_version(6); }},
    {"opset_too_new", unsupported, "opset 22",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.model().mutable_opset_import(0)->set_version(22); }},
    {"no_output", invalid_model, "no output",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.graph().clear_output(); }},
    {"output_unmade", invalid_model, "\"z\"",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.output("z"); }},
    {"output_twice", invalid_model, "listed twice",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.output("y"); }},
    {"output_of_other_type", invalid_model, "declared as s32",
     [](OnnxBuilder& m) {
       unary(m, "Relu"), m.graph().clear_output(), m.output("y", TensorProto::INT32);
     }},
    {"sparse_initializer", unsupported, "sparse",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.graph().add_sparse_initializer(); }},
    // --- names ----------------------------------------------------------------------------------
    {"input_twice", invalid_model, "listed twice",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.input("x", {1}); }},
    {"input_without_name", invalid_model, "no name",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.input("", {1}); }},
    {"value_made_twice", invalid_model, "made twice",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.node("Neg", {"x"}, {"y"}); }},
    {"input_made_again", invalid_model, "made twice",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.node("Neg", {"y"}, {"x"}); }},
    {"initializer_twice", invalid_model, "made twice",
     [](OnnxBuilder& m) {
       unary(m, "Relu"), m.constant<float>("c", {1}, {1}).constant<float>("c", {1}, {1});
     }},
    {"dangling_input", invalid_model, "\"ghost\"",
     [](OnnxBuilder& m) { unary(m, "Relu", {"ghost"}); }},
    {"cycle", invalid_model, "cycle",
     [](OnnxBuilder& m) {
       unary(m, "Add", {"x", "b"}), m.node("Relu", {"y"}, {"b"});
     }},
    {"reads_itself", invalid_model, "cycle",
     [](OnnxBuilder& m) {
       unary(m, "Add", {"x", "y"});
     }},
    {"endless_name", resource_exhausted, "name",
     [](OnnxBuilder& m) {
       unary(m, "Relu"), m.input(std::string(limits::kNameBytes + 1, 'n'), {1});
     }},
    // --- declared types -------------------------------------------------------------------------
    {"input_without_shape", invalid_model, "no declared shape",
     [](OnnxBuilder& m) {
       unary(m, "Relu");
       m.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
     }},
    {"input_without_type", invalid_model, "no declared type",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.graph().mutable_input(0)->clear_type(); }},
    {"input_of_unknown_type", invalid_model, "element type 77",
     [](OnnxBuilder& m) { m.input("z", {1}, 77), unary(m, "Relu"); }},
    {"input_of_strings", unsupported, "STRING",
     [](OnnxBuilder& m) { m.input("z", {1}, TensorProto::STRING), unary(m, "Relu"); }},
    {"sequence_input", unsupported, "sequences",
     [](OnnxBuilder& m) {
       unary(m, "Relu"), m.graph().mutable_input(0)->mutable_type()->mutable_sequence_type();
     }},
    {"input_of_rank_9", unsupported, "9 axes",
     [](OnnxBuilder& m) { m.input("z", Dims(9, 1)), unary(m, "Relu"); }},
    {"input_too_large", resource_exhausted, "elements",
     [](OnnxBuilder& m) {
       m.input("z", {1 << 30, 1 << 30}), unary(m, "Relu");
     }},
    {"initializer_contradicts_input", invalid_model, "declared",
     [](OnnxBuilder& m) {
       unary(m, "Relu"), m.input("c", {3}).constant<float>("c", {2}, {1, 2});
     }},
    // --- tensors --------------------------------------------------------------------------------
    {"raw_data_too_short", invalid_model, "bytes",
     [](OnnxBuilder& m) { with_tensor(m, raw("t", TensorProto::FLOAT, {2}, "1234")); }},
    {"raw_data_too_long", invalid_model, "bytes",
     [](OnnxBuilder& m) { with_tensor(m, raw("t", TensorProto::FLOAT, {1}, "12345678")); }},
    {"tensor_without_data", invalid_model, "elements",
     [](OnnxBuilder& m) {
       TensorProto tensor = raw("t", TensorProto::INT64, {1000}, "");
       tensor.clear_raw_data();
       with_tensor(m, tensor);
     }},
    {"claims_gigabytes", resource_exhausted, "elements",
     [](OnnxBuilder& m) {
       with_tensor(m, raw("t", TensorProto::DOUBLE, {1 << 20, 1 << 20}, ""));
     }},
    {"extents_overflow", resource_exhausted, "elements",
     [](OnnxBuilder& m) {
       with_tensor(m, raw("t", TensorProto::FLOAT, {1ll << 62, 4}, ""));
     }},
    {"negative_extent", invalid_model, "extent -2",
     [](OnnxBuilder& m) { with_tensor(m, raw("t", TensorProto::FLOAT, {-2}, "")); }},
    {"tensor_of_unknown_type", invalid_model, "element type 99",
     [](OnnxBuilder& m) { with_tensor(m, raw("t", 99, {1}, "1")); }},
    {"complex_tensor", unsupported, "COMPLEX64",
     [](OnnxBuilder& m) { with_tensor(m, raw("t", TensorProto::COMPLEX64, {1}, "12345678")); }},
    {"external_tensor", unsupported, "outside",
     [](OnnxBuilder& m) {
       TensorProto tensor = raw("t", TensorProto::FLOAT, {1}, "");
       tensor.clear_raw_data();
       tensor.set_data_location(TensorProto::EXTERNAL);
       with_tensor(m, tensor);
     }},
    // --- operators ------------------------------------------------------------------------------
    {"unknown_operator", unsupported, "Frobnicate", [](OnnxBuilder& m) { unary(m, "Frobnicate"); }},
    {"operator_without_name", unsupported, "opset 17", [](OnnxBuilder& m) { unary(m, ""); }},
    {"unknown_domain", invalid_model, "org.example",
     [](OnnxBuilder& m) {
       m.input("x", {1}).output("y").node("Relu", {"x"}, {"y"}, "org.example");
     }},
    {"operator_of_another_opset", unsupported, "Upsample",
     [](OnnxBuilder& m) { unary(m, "Upsample"); }},
    {"loop", unsupported, "Loop", [](OnnxBuilder& m) { unary(m, "Loop"); }},
    {"scan", unsupported, "Scan", [](OnnxBuilder& m) { unary(m, "Scan"); }},
    {"if_without_branch", invalid_model, "branch",
     [](OnnxBuilder& m) { m.constant<bool>("c", {}, {true}), unary(m, "If", {"c"}); }},
    {"if_of_a_computed_condition", unsupported, "condition",
     [](OnnxBuilder& m) {
       nested_ifs(m, 0);
       m.last().set_input(0, "k");
       m.input("k", {}, TensorProto::BOOL);
     }},
    {"subgraphs_too_deep", resource_exhausted, "subgraphs",
     [](OnnxBuilder& m) { nested_ifs(m, 40); }},
    {"missing_input", invalid_model, "input 1 is missing", [](OnnxBuilder& m) { unary(m, "Add"); }},
    {"wrong_attribute_type", invalid_model, "axis",
     [](OnnxBuilder& m) { unary(m, "Softmax"), m.attribute("axis", 1.0f); }},
    {"unknown_attribute", unsupported, "colour",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.attribute("colour", 1); }},
    {"attribute_twice", invalid_model, "occurs twice",
     [](OnnxBuilder& m) { unary(m, "Softmax"), m.attribute("axis", 1).attribute("axis", 2); }},
    {"axis_out_of_range", invalid_model, "axis 9",
     [](OnnxBuilder& m) { unary(m, "Softmax"), m.attribute("axis", 9); }},
    {"axis_overflows", invalid_model, "axis",
     [](OnnxBuilder& m) {
       unary(m, "Concat"), m.attribute("axis", std::numeric_limits<std::int64_t>::min());
     }},
    {"unmade_second_output", unsupported, "output 1",
     [](OnnxBuilder& m) { unary(m, "Relu"), m.last().add_output("z"); }},
    // --- convolution and pooling ----------------------------------------------------------------
    {"filter_of_wrong_rank", invalid_model, "rank",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3});
     }},
    {"filter_of_other_channels", invalid_model, "channels",
     [](OnnxBuilder& m) {
       conv(m, {2, 3, 3, 3});
     }},
    {"kernel_shape_contradicts_filter", invalid_model, "kernel_shape",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("kernel_shape", Dims{5, 5});
     }},
    {"groups_do_not_divide", invalid_model, "group",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("group", 3);
     }},
    {"no_groups", invalid_model, "group",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("group", 0);
     }},
    {"stride_zero", invalid_model, "stride",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("strides", Dims{0, 1});
     }},
    {"negative_pads", invalid_model, "pad",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("pads", Dims{-1, 0, 0, 0});
     }},
    {"pads_of_wrong_count", invalid_model, "pads",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("pads", Dims{1, 1});
     }},
    {"unknown_auto_pad", invalid_model, "auto_pad",
     [](OnnxBuilder& m) {
       conv(m, {2, 4, 3, 3}), m.attribute("auto_pad", "MAYBE");
     }},
    {"window_does_not_fit", invalid_model, "does not fit into 6",
     [](OnnxBuilder& m) {
       unary(m, "MaxPool"), m.attribute("kernel_shape", Dims{9, 9});
     }},
    {"huge_stride", invalid_model, "stride",
     [](OnnxBuilder& m) {
       unary(m, "MaxPool"),
           m.attribute("kernel_shape", Dims{1, 1}).attribute("strides", Dims{1ll << 62, 1});
     }},
    {"huge_kernel_over_same_padding", invalid_model, "kernel_shape",
     [](OnnxBuilder& m) {
       unary(m, "MaxPool"), m.attribute("kernel_shape", Dims{1ll << 62, 1})
                                .attribute("auto_pad", "SAME_UPPER")
                                .attribute("dilations", Dims{4, 1});
     }},
    {"huge_output_padding", invalid_model, "output_padding",
     [](OnnxBuilder& m) {
       m.constant<float>("w", {4, 1, 1, 1}, {1, 2, 3, 4});
       unary(m, "ConvTranspose", {"x", "w"}), m.attribute("output_padding", Dims{(1ll << 62), 0})
                                                  .attribute("output_shape", Dims{-(1ll << 62), 3});
     }},
    {"pool_without_kernel", invalid_model, "kernel_shape",
     [](OnnxBuilder& m) { unary(m, "MaxPool"); }},
    // --- quantisation ---------------------------------------------------------------------------
    {"scale_zero", invalid_model, "scale", [](OnnxBuilder& m) { quantize(m, {}, {0.0f}); }},
    {"scale_negative", invalid_model, "scale", [](OnnxBuilder& m) { quantize(m, {}, {-1.0f}); }},
    {"scale_not_a_number", invalid_model, "scale",
     [](OnnxBuilder& m) { quantize(m, {}, {std::numeric_limits<float>::quiet_NaN()}); }},
    {"scales_of_wrong_count", invalid_model, "3 scales",
     [](OnnxBuilder& m) {
       quantize(m, {3}, {1, 2, 3});
     }},
    {"scales_of_rank_2", unsupported, "several axes",
     [](OnnxBuilder& m) {
       quantize(m, {2, 2}, {1, 2, 3, 4}), m.attribute("axis", 1);
     }},
    {"blocks", unsupported, "blocks",
     [](OnnxBuilder& m) { quantize(m, {}, {1.0f}), m.attribute("block_size", 32); }},
    {"zero_points_of_wrong_count", invalid_model, "zero points",
     [](OnnxBuilder& m) {
       m.constant<std::uint8_t>("z", {2}, {1, 2});
       quantize(m, {4}, {1, 2, 3, 4}), m.last().add_input("z");
     }},
    {"dequantize_of_floats", invalid_model, "f32",
     [](OnnxBuilder& m) {
       m.constant<float>("s", {}, {1.0f}), unary(m, "DequantizeLinear", {"x", "s"});
     }},
    // --- shapes ---------------------------------------------------------------------------------
    {"reshape_to_other_size", invalid_model, "cannot be reshaped to {7,7}",
     [](OnnxBuilder& m) {
       m.constant<std::int64_t>("s", {2}, {7, 7}), unary(m, "Reshape", {"x", "s"});
     }},
    {"reshape_to_giant", resource_exhausted, "more than 2147483648 elements",
     [](OnnxBuilder& m) {
       m.constant<std::int64_t>("s", {3}, {1 << 20, 1 << 20, 1 << 20}),
           unary(m, "Expand", {"x", "s"});
     }},
    {"giant_constant_of_shape", resource_exhausted, "more than 2147483648 elements",
     [](OnnxBuilder& m) {
       m.constant<std::int64_t>("s", {2}, {1 << 30, 1 << 30})
           .output("y")
           .node("ConstantOfShape", {"s"}, {"y"});
     }},
    {"shapes_do_not_broadcast", invalid_model, "broadcast",
     [](OnnxBuilder& m) {
       m.constant<float>("c", {5}, {1, 2, 3, 4, 5}), unary(m, "Add", {"x", "c"});
     }},
    {"gather_out_of_range", invalid_model, "the index 7",
     [](OnnxBuilder& m) {
       m.constant<float>("c", {2}, {1, 2}).constant<std::int64_t>("i", {1}, {7});
       m.output("y").node("Gather", {"c", "i"}, {"y"});
     }},
    {"split_of_wrong_sizes", invalid_model, "do not add up to the extent 4",
     [](OnnxBuilder& m) {
       m.constant<std::int64_t>("s", {2}, {1, 1}), unary(m, "Split", {"x", "s"});
       m.attribute("axis", 1), m.last().add_output("z");
     }},
};

// More nodes than the limit, each an empty message.
std::string too_many_nodes() {
  std::string graph;
  for (std::size_t i = 0; i <= limits::kNodes; ++i) graph += std::string("\x0a\x00", 2);
  std::string bytes = "\x3a";  // field 7, a message
  for (std::size_t size = graph.size(); size > 0; size >>= 7)
    bytes += static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
  return bytes + graph;
}

}  // namespace
}  // namespace octet::testing

namespace octet::test {

std::vector<BadCase> bad_onnx_files() {
  std::vector<BadCase> files{{"too_many_nodes", octet::testing::too_many_nodes(),
                              StatusCode::resource_exhausted, "operators"}};
  for (const octet::testing::Malformed& malformed : octet::testing::kMalformed) {
    octet::testing::OnnxBuilder model;
    malformed.make(model);
    files.push_back({malformed.name, model.bytes(), malformed.code, malformed.message});
  }
  return files;
}

}  // namespace octet::test
