// ONNX models that were changed in their meaning, not in their bytes: other attributes, extents,
// operands, opsets. Each is refused with an Error or read; what is read also runs. What harm is,
// the sanitizers tell.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/file.hpp"
#include "files/onnx_builder.hpp"
#include "support/bytes.hpp"
#include "support/run_graph.hpp"

namespace octet::testing {
namespace {

constexpr int kChangesPerModel = 60;
constexpr std::int64_t kMostElements = 20'000;  // of all values of a graph that is run

std::vector<std::string> model_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(OCTET_TEST_DATA "/onnx_nodes"))
    if (std::filesystem::exists(entry.path() / "model.onnx"))
      files.push_back((entry.path() / "model.onnx").string());
  std::sort(files.begin(), files.end());  // the same changes on every machine
  return files;
}

class Mutation {
 public:
  Mutation(ModelProto model, std::uint64_t seed) : model_(std::move(model)), random_(seed) {
    for (const auto& input : graph().input()) names_.push_back(input.name());
    for (const auto& tensor : graph().initializer()) names_.push_back(tensor.name());
    for (const NodeProto& node : graph().node())
      names_.insert(names_.end(), node.output().begin(), node.output().end());
    names_.push_back("");  // an operand that is not given
  }

  std::string bytes() {
    for (std::int64_t change = random_.between(1, 3); change > 0; --change) apply();
    return model_.SerializeAsString();
  }

 private:
  GraphProto& graph() { return *model_.mutable_graph(); }
  int below(int count) { return static_cast<int>(random_.between(0, count - 1)); }
  std::int64_t number() {
    return random_.between(0, 5) == 0 ? random_.between(-1000, 1000) : random_.between(-3, 9);
  }

  void apply() {
    switch (below(6)) {
      case 0:
      case 1: return change_attribute();
      case 2: return change_operand();
      case 3: return change_extent();
      case 4: return change_tensor();
      default: return change_kind();
    }
  }

  NodeProto* any_node() {
    return graph().node_size() == 0 ? nullptr : graph().mutable_node(below(graph().node_size()));
  }

  void change_attribute() {
    NodeProto* node = any_node();
    if (node == nullptr || node->attribute_size() == 0) return;
    AttributeProto& attribute = *node->mutable_attribute(below(node->attribute_size()));
    if (attribute.type() == AttributeProto::INT) attribute.set_i(number());
    if (attribute.type() == AttributeProto::FLOAT)
      attribute.set_f(static_cast<float>(number()) / 4);
    if (attribute.type() != AttributeProto::INTS) return;
    if (random_.between(0, 3) == 0 || attribute.ints_size() == 0) attribute.add_ints(number());
    else attribute.set_ints(below(attribute.ints_size()), number());
  }

  void change_operand() {
    NodeProto* node = any_node();
    if (node == nullptr || node->input_size() == 0) return;
    const std::string& name =
        names_[static_cast<std::size_t>(below(static_cast<int>(names_.size())))];
    if (random_.between(0, 3) == 0) node->add_input(name);
    else node->set_input(below(node->input_size()), name);
  }

  void change_extent() {
    if (graph().input_size() == 0) return;
    auto& type =
        *graph().mutable_input(below(graph().input_size()))->mutable_type()->mutable_tensor_type();
    auto& shape = *type.mutable_shape();
    if (shape.dim_size() == 0 || random_.between(0, 3) == 0)
      shape.add_dim()->set_dim_value(number());
    else if (random_.between(0, 3) == 0) shape.clear_dim();
    else shape.mutable_dim(below(shape.dim_size()))->set_dim_value(number());
  }

  // Another shape for a constant, and mostly data of that size.
  void change_tensor() {
    if (graph().initializer_size() == 0) return;
    TensorProto& tensor = *graph().mutable_initializer(below(graph().initializer_size()));
    std::int64_t before = 1, after = 1;
    for (const std::int64_t extent : tensor.dims()) before *= extent;
    if (tensor.dims_size() == 0 || random_.between(0, 4) == 0)
      tensor.add_dims(random_.between(0, 3));
    else if (random_.between(0, 4) == 0) tensor.clear_dims();
    else tensor.set_dims(below(tensor.dims_size()), random_.between(0, 4));
    for (const std::int64_t extent : tensor.dims()) after *= extent;
    if (before > 0 && !tensor.raw_data().empty())
      tensor.mutable_raw_data()->resize(tensor.raw_data().size() /
                                        static_cast<std::size_t>(before) *
                                        static_cast<std::size_t>(std::max<std::int64_t>(after, 0)));
  }

  void change_kind() {
    if (random_.between(0, 3) == 0) {
      model_.mutable_opset_import(0)->set_version(random_.between(7, 21));
    } else if (NodeProto* node = any_node()) {
      static const char* const kKinds[] = {"Add",       "LayerNormalization",
                                           "Slice",     "Gather",
                                           "Concat",    "Conv",
                                           "MaxPool",   "Resize",
                                           "Pad",       "MatMul",
                                           "Transpose", "QLinearConv",
                                           "Reshape",   "Softmax",
                                           "TopK",      "Split"};
      node->set_op_type(kKinds[below(std::size(kKinds))]);
    }
  }

  ModelProto model_;
  Random random_;
  std::vector<std::string> names_;
};

std::int64_t elements_of(const Graph& graph) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < graph.value_count(); ++i)
    total += graph.type(static_cast<ValueId>(i)).shape.elements();
  return total;
}

// Whether the model was read and run.
bool runs(const std::string& bytes) {
  const Status status = test::failure_of([&] {
    const Graph graph = OnnxBuilder::read_bytes(bytes).graph;
    if (elements_of(graph) <= kMostElements) test::run_outputs(graph, test::random_inputs(graph));
  });
  EXPECT_NE(status.code(), StatusCode::internal) << status.to_string();
  return status.ok();
}

TEST(MutatedModels, AreRefusedOrRun) {
  int ran = 0, refused = 0;
  for (const std::string& file : model_files()) {
    ModelProto model;
    ASSERT_TRUE(model.ParseFromString(test::to_text(read_file(file)))) << file;
    for (int seed = 0; seed < kChangesPerModel; ++seed) {
      SCOPED_TRACE(file + ", change " + std::to_string(seed));
      (runs(Mutation(model, static_cast<std::uint64_t>(seed)).bytes()) ? ran : refused) += 1;
    }
  }
  // Both must be many, else the changes try nothing.
  EXPECT_GT(ran, 500);
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace octet::testing
