// What an operator is: its attributes, what it accepts, what comes out, and what it means.
//
// An Op is immutable and shared between graphs and threads. To change an attribute, copy the
// concrete operator, change the copy and put it into the node.
#pragma once

#include <memory>
#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace octet {

class Graph;

// A value that somebody else owns. `type` and `data` outlive the view.
struct ConstView {
  const TensorType* type = nullptr;
  const std::byte* data = nullptr;

  ConstView() = default;
  ConstView(const TensorType& t, const std::byte* d) : type(&t), data(d) {}
  ConstView(const Tensor& tensor) : type(&tensor.type()), data(tensor.data()) {}  // NOLINT
  const Shape& shape() const noexcept { return type->shape; }
  DType dtype() const noexcept { return type->dtype; }
  template <typename T>
  const T* as() const noexcept {
    return reinterpret_cast<const T*>(data);
  }
};

struct View {
  const TensorType* type = nullptr;
  std::byte* data = nullptr;

  View() = default;
  View(const TensorType& t, std::byte* d) : type(&t), data(d) {}
  View(Tensor& tensor) : type(&tensor.type()), data(tensor.mutable_data()) {}  // NOLINT
  const Shape& shape() const noexcept { return type->shape; }
  DType dtype() const noexcept { return type->dtype; }
  template <typename T>
  T* as() const noexcept {
    return reinterpret_cast<T*>(data);
  }
};

// Stands in InferArgs for an optional input that is not given; no value has this type.
inline TensorType absent_type() {
  TensorType type;
  type.shape.push_back(-1);
  return type;
}

// What an operator's inference may look at: the input types and, for inputs whose value is known
// before the run (constants and what is computed from shapes), the value; nullptr otherwise.
struct InferArgs {
  std::span<const TensorType> types;
  std::span<const Tensor* const> known;

  std::size_t count() const noexcept { return types.size(); }
};

// Receives the attributes of an operator one by one, in a fixed order. The text printer, problem
// keys and reports are built from it, so every attribute that changes the meaning must be told.
class AttributeVisitor {
 public:
  virtual ~AttributeVisitor() = default;
  virtual void text(std::string_view name, std::string_view value) = 0;
  virtual void integer(std::string_view name, std::int64_t value) = 0;
  virtual void number(std::string_view name, double value) = 0;
  virtual void integers(std::string_view name, std::span<const std::int64_t> values) = 0;
};

class Op {
 public:
  virtual ~Op() = default;

  virtual std::string_view kind() const noexcept = 0;  // "conv2d"
  virtual void visit(AttributeVisitor& visitor) const = 0;

  // Checks the inputs and gives the types of the outputs, all in the default layout.
  // Throws Error(invalid_model or unsupported) with a sentence that says what does not fit.
  virtual std::vector<TensorType> infer(const InferArgs& args) const = 0;

  // The operator's meaning, in plain loops: reads inputs and fills outputs whose types are those
  // that infer() accepted and gave. Layouts are the default one.
  virtual void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const = 0;

  // True when the outputs depend on the types of the inputs alone (shape_of).
  virtual bool needs_only_types() const noexcept { return false; }

  // The graph that the operator stands for, where it stands for one.
  virtual const Graph* inner() const noexcept { return nullptr; }
};

using OpPtr = std::shared_ptr<const Op>;

template <typename T, typename... Args>
OpPtr make_op(Args&&... args) {
  return std::make_shared<const T>(std::forward<Args>(args)...);
}

}  // namespace octet
