// Reductions, selections and softmax.
#include "ops/reduce.hpp"

#include "formats/mge/lower.hpp"
#include "ops/convert.hpp"
#include "ops/move.hpp"

namespace octet::mge {
namespace {

constexpr std::int32_t kByShape = 2147483647;

ReduceMode mode_of(fbs::ReduceMode mode) {
  switch (mode) {
    case fbs::ReduceMode::SUM: return ReduceMode::sum;
    case fbs::ReduceMode::SUM_SQR: return ReduceMode::sum_square;
    case fbs::ReduceMode::PRODUCT: return ReduceMode::product;
    case fbs::ReduceMode::MINIMUM: return ReduceMode::min;
    case fbs::ReduceMode::MAXIMUM: return ReduceMode::max;
    case fbs::ReduceMode::MEAN: return ReduceMode::mean;
  }
  invalid(concat("the unknown reduction ", static_cast<std::uint32_t>(mode)));
}

// What a reduction computes with, where that is not the type of its input.
ValueId operand(Context& context, ValueId x, fbs::ReduceDataType type) {
  switch (type) {
    case fbs::ReduceDataType::DEFAULT: return x;
    case fbs::ReduceDataType::FLOAT_O32xC32: {
      if (context.type(x).dtype == DType::f32) return x;
      Cast op;
      op.dtype = DType::f32;
      return context.add(op, {x});
    }
    case fbs::ReduceDataType::QUINT_I8xO32:
    case fbs::ReduceDataType::QINT_I8xO32: {
      const auto& quant = context.type(x).quant;
      if (!quant) invalid("a quantised reduction reads a value that is not quantised");
      Convert op;
      op.output = {DType::s32, Quant::per_tensor(quant->scale())};
      return context.add(std::move(op), {x});
    }
    default: break;
  }
  const std::string_view name = fbs::EnumNameReduceDataType(type);
  unsupported(concat("the data type ", name.empty() ? "of unknown number" : name,
                     " of a reduction is not supported"));
}

// Reduce(x [, target shape]).
std::vector<ValueId> lower_reduce(Context& context) {
  context.expect_inputs(1, 2);
  const auto& p = context.param<fbs::Reduce>();
  Reduce op;
  op.mode = mode_of(p.mode());
  const ValueId x = operand(context, context.input(0), p.data_type());
  if (p.axis() == kByShape) {
    op.by_shape = true;
    return {context.add(std::move(op), {x, context.input(1)})};
  }
  op.axes = {p.axis()};
  return {context.add(std::move(op), {x})};
}

std::vector<ValueId> arg_reduce(Context& context, bool largest) {
  context.expect_inputs(1, 1);
  ArgReduce op;
  op.largest = largest;
  op.axis = context.param<fbs::Axis>().axis();
  op.dtype = DType::s32;
  return {context.add(op, {context.input(0)})};
}
std::vector<ValueId> lower_argmax(Context& context) { return arg_reduce(context, true); }
std::vector<ValueId> lower_argmin(Context& context) { return arg_reduce(context, false); }

// TopK(x {n,m}, k): the k smallest of each row or, when k is negative, the -k largest.
std::vector<ValueId> lower_topk(Context& context) {
  context.expect_inputs(2, 2);
  const fbs::TopKMode mode = context.param<fbs::TopK>().mode();
  const Tensor* k = context.graph().known(context.input(1));
  if (k == nullptr || k->dtype() != DType::s32 || k->shape().elements() != 1)
    unsupported("the k of a TopK must be one known integer");
  const std::int64_t count = k->values<std::int32_t>()[0];
  const Shape shape = context.type(context.input(0)).shape;
  if (shape.rank() != 2 || count == 0)
    invalid(concat("a TopK of k = ", count, " reads the shape ", shape.to_string()));
  TopK op;
  op.axis = 1;
  op.largest = count < 0;
  op.index_dtype = DType::s32;
  const std::int64_t wanted = std::min(count < 0 ? -count : count, shape[1]);
  const auto results = context.add_all(op, {context.input(0), context.integers({wanted})});
  switch (mode) {
    case fbs::TopKMode::VALUE_IDX_NOSORT:
    case fbs::TopKMode::VALUE_IDX_SORTED: return results;
    case fbs::TopKMode::KTH_ONLY: {
      Subtensor kth;
      kth.items = {{1, false, false, false, true}};
      return {context.add(std::move(kth), {results[0], context.integers({wanted - 1})})};
    }
  }
  invalid(concat("the unknown TopK mode ", static_cast<std::uint32_t>(mode)));
}

std::vector<ValueId> lower_softmax(Context& context) {
  context.expect_inputs(1, 1);
  Softmax op;
  op.axis = context.param<fbs::Softmax>().axis();
  return {context.add(std::move(op), {context.input(0)})};
}

constexpr OperatorRow kRows[] = {
    {"ReduceV2", lower_reduce}, {"Argmax", lower_argmax},   {"Argmin", lower_argmin},
    {"TopK", lower_topk},       {"Softmax", lower_softmax}, {"SoftmaxForward", lower_softmax},
};

}  // namespace

std::span<const OperatorRow> reduce_operators() { return kRows; }

}  // namespace octet::mge
