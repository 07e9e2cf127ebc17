// Rows for elementwise functions of quantised bytes: one operand by a table of 256 entries, two by
// vectors.
#include <algorithm>

#include "backends/cpu/checks.hpp"
#include "backends/cpu/physical_shape.hpp"
#include "backends/cpu/rows.hpp"
#include "backends/cpu/vector_rows.hpp"
#include "kernels/host_context.hpp"
#include "ops/broadcast_walk.hpp"
#include "ops/elementwise.hpp"

namespace octet::cpu {
namespace {

constexpr std::int64_t kRunElements = 16 * 1024;

class TableExecutable final : public Executable {
 public:
  explicit TableExecutable(const Problem& problem)
      : count_(problem.inputs[0].shape.elements()),
        table_(lookup_table(*problem.as<Elementwise>(), problem.inputs[0], problem.outputs[0])) {}

  bool may_overwrite(std::size_t) const override { return true; }
  void run(const RunArgs& args) const override {
    const auto* x = reinterpret_cast<const std::uint8_t*>(args.inputs[0]);
    auto* y = reinterpret_cast<std::uint8_t*>(args.outputs[0]);
    HostThreads(args.context)
        .parallel((count_ + kRunElements - 1) / kRunElements, [&](std::int64_t run, int) {
          const std::int64_t end = std::min(count_, (run + 1) * kRunElements);
          for (std::int64_t i = run * kRunElements; i < end; ++i) y[i] = table_[x[i]];
        });
  }

 private:
  std::int64_t count_;
  std::array<std::uint8_t, 256> table_;
};

Verdict check_table(const Problem& problem, const Demands&) {
  const TensorType &x = problem.inputs[0], &y = problem.outputs[0];
  if (problem.inputs.size() != 1)
    return Verdict::refuse(concat("it has ", problem.inputs.size(), " operands"));
  if (size_of(x.dtype) != 1 || size_of(y.dtype) != 1)
    return Verdict::refuse("operand and result are not bytes");
  if ((x.quant && !x.quant->is_per_tensor()) || (y.quant && !y.quant->is_per_tensor()))
    return Verdict::refuse("a side has a scale per channel");
  if (!is_unpacked(x) || !(x.layout == y.layout))
    return Verdict::refuse("operand and result lie in memory differently");
  return Verdict::accept();
}

struct BinaryMode {
  ElementwiseMode mode;
  ByteFunction function;
  ActivationKind activation;
};
constexpr BinaryMode kBinaryModes[] = {
    {ElementwiseMode::add, ByteFunction::add, ActivationKind::none},
    {ElementwiseMode::add_relu, ByteFunction::add, ActivationKind::relu},
    {ElementwiseMode::add_h_swish, ByteFunction::add, ActivationKind::h_swish},
    {ElementwiseMode::sub, ByteFunction::subtract, ActivationKind::none},
    {ElementwiseMode::mul, ByteFunction::multiply, ActivationKind::none}};

const BinaryMode* binary_mode(const Elementwise& op) {
  const auto* found = std::ranges::find(kBinaryModes, op.mode, &BinaryMode::mode);
  return found == std::end(kBinaryModes) ? nullptr : found;
}

class BinaryExecutable final : public Executable {
 public:
  BinaryExecutable(const Problem& problem, const VectorKernels& kernels, int)
      : kernels_(kernels), walk_(make_walk(problem)) {
    const auto& op = *problem.as<Elementwise>();
    const BinaryMode& mode = *binary_mode(op);
    binary_.function = mode.function;
    binary_.activation.kind = mode.activation;
    binary_.a = ByteScale::of(problem.inputs[0]);
    binary_.b = ByteScale::of(problem.inputs[1]);
    binary_.quantiser = Quantiser::make(*op.output, op.rule);
    binary_.y_signed = problem.outputs[0].dtype == DType::s8;
  }

  void run(const RunArgs& args) const override {
    const auto a_step = static_cast<int>(walk_.stride(0));
    const auto b_step = static_cast<int>(walk_.stride(1));
    walk_.for_each_run([&](std::int64_t at, std::span<const std::int64_t> offsets) {
      kernels_.binary(binary_, args.inputs[0] + offsets[0], a_step, args.inputs[1] + offsets[1],
                      b_step, walk_.run(), args.outputs[0] + at);
    });
  }

 private:
  static BroadcastWalk make_walk(const Problem& problem) {
    const TensorType& y = problem.outputs[0];
    const std::array operands{in_order_of(problem.inputs[0], y), in_order_of(problem.inputs[1], y)};
    return {physical_shape(y), operands};
  }
  // The operand's extents in the order in which the result lies in memory.
  static Shape in_order_of(const TensorType& operand, const TensorType& y) {
    if (y.shape.rank() != 4) return operand.shape;
    TensorType full = operand;
    full.layout = y.layout;
    while (full.shape.rank() < 4) {
      Shape longer{1};
      for (const std::int64_t extent : full.shape) longer.push_back(extent);
      full.shape = longer;
    }
    return physical_shape(full);
  }

  const VectorKernels& kernels_;
  BroadcastWalk walk_;
  ByteBinary binary_;
};

// Whether the operand's bytes lie as those of the result do, or would in either order.
bool lies_as(const TensorType& operand, const TensorType& y) {
  if (operand.shape.rank() != 4) return y.layout == kNCHW || operand.shape.elements() == 1;
  const bool one_pixel = operand.shape[2] == 1 && operand.shape[3] == 1;
  return operand.layout == y.layout ||
         (one_pixel && is_unpacked(operand) && operand.layout.order[0] == 'N');
}

Verdict check_binary(const Problem& problem) {
  const auto& op = *problem.as<Elementwise>();
  if (binary_mode(op) == nullptr)
    return Verdict::refuse(concat("there are no vectors for ", to_string(op.mode)));
  if (!op.output) return Verdict::refuse("it works on the stored integers");
  const TensorType& y = problem.outputs[0];
  if (const Verdict bytes = check_quantised_byte(y, "y"); !bytes) return bytes;
  for (const TensorType& operand : problem.inputs) {
    if (const Verdict bytes = check_quantised_byte(operand, "an operand"); !bytes) return bytes;
    if (!lies_as(operand, y)) return Verdict::refuse("an operand lies in memory unlike the result");
  }
  return is_unpacked(y) ? Verdict::accept() : Verdict::refuse("the channels are packed");
}

std::unique_ptr<Executable> prepare_table(const Problem& problem, const Demands&) {
  return std::make_unique<TableExecutable>(problem);
}

}  // namespace

std::vector<Kernel> elementwise_rows() {
  std::vector<Kernel> rows =
      vector_rows<check_binary, construct<BinaryExecutable>>("elementwise_q8");
  rows.push_back({"elementwise_q8_table", check_table, prepare_table});
  return rows;
}

}  // namespace octet::cpu
