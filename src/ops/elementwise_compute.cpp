// The reference computation of Elementwise: read a run, apply the function, write the run.
#include <algorithm>
#include <array>
#include <optional>

#include "ops/broadcast_walk.hpp"
#include "ops/elementwise_functions.hpp"
#include "ops/elementwise_modes.hpp"

namespace octet {
namespace {

constexpr std::int64_t kChunk = 512;  // elements in hand at once
constexpr std::size_t kByteValues = 256;

template <typename T>
class Runner {
 public:
  Runner(const Elementwise& op, std::span<const ConstView> inputs, const View& output)
      : op_(op), count_(inputs.size()), writer_(output, op.rule) {
    for (std::size_t k = 0; k < count_; ++k) readers_[k].emplace(inputs[k]);
  }

  void run(const BroadcastWalk& walk) {
    walk.for_each_run([&](std::int64_t at, std::span<const std::int64_t> offsets) {
      for (std::int64_t done = 0; done < walk.run(); done += kChunk) {
        const std::int64_t count = std::min(kChunk, walk.run() - done);
        for (std::size_t k = 0; k < count_; ++k)
          readers_[k]->read(offsets[k] + done * walk.stride(k), walk.stride(k), count,
                            operands_[k].data());
        apply(static_cast<std::size_t>(count));
        writer_.write(at + done, 1, count, operands_[0].data());
      }
    });
  }

 private:
  // The result takes the place of the first operand.
  void apply(std::size_t count) {
    detail::with_function<T>(op_.function(), [&](const auto& f) {
      for (std::size_t i = 0; i < count; ++i)
        operands_[0][i] = detail::call<T>(f, [&](std::size_t k) { return operands_[k][i]; });
    });
  }

  const Elementwise& op_;
  std::size_t count_;
  std::array<std::optional<ElementReader>, BroadcastWalk::kMostOperands> readers_;
  ElementWriter writer_;
  std::array<std::array<T, kChunk>, BroadcastWalk::kMostOperands> operands_;
};

void compute_directly(const Elementwise& op, std::span<const ConstView> inputs,
                      const View& output) {
  std::array<TensorType, BroadcastWalk::kMostOperands> types;
  std::array<Shape, BroadcastWalk::kMostOperands> shapes;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    types[k] = *inputs[k].type;
    shapes[k] = inputs[k].shape();
  }
  const BroadcastWalk walk(output.shape(), {shapes.data(), inputs.size()});
  with_arithmetic(make_plan(op, {types.data(), inputs.size()}).arithmetic,
                  [&](auto tag) { Runner<decltype(tag)>(op, inputs, output).run(walk); });
}

}  // namespace

std::array<std::uint8_t, 256> lookup_table(const Elementwise& op, const TensorType& x,
                                           const TensorType& y) {
  std::array<std::uint8_t, kByteValues> bytes{}, table{};
  for (std::size_t i = 0; i < kByteValues; ++i) bytes[i] = static_cast<std::uint8_t>(i);
  const Shape all{static_cast<std::int64_t>(kByteValues)};
  const TensorType from{x.dtype, all, kNCHW, x.quant}, to{y.dtype, all, kNCHW, y.quant};
  const ConstView input(from, reinterpret_cast<const std::byte*>(bytes.data()));
  compute_directly(op, {&input, 1}, View(to, reinterpret_cast<std::byte*>(table.data())));
  return table;
}

void Elementwise::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const View& y = outputs[0];
  const auto count = static_cast<std::size_t>(y.shape().elements());
  const bool bytes = size_of(inputs[0].dtype()) == 1 && size_of(y.dtype()) == 1;
  if (inputs.size() != 1 || !bytes || count <= kByteValues)
    return compute_directly(*this, inputs, y);
  const auto table = lookup_table(*this, *inputs[0].type, *y.type);
  const auto* from = inputs[0].as<std::uint8_t>();
  auto* to = y.as<std::uint8_t>();
  for (std::size_t i = 0; i < count; ++i) to[i] = table[from[i]];
}

}  // namespace octet
