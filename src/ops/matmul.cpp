#include "ops/matmul.hpp"

#include <algorithm>

#include "ops/elementwise.hpp"
#include "ops/epilogue.hpp"
#include "ops/matmul_shape.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"
#include "ops/scratch.hpp"

namespace octet {
namespace {

constexpr std::size_t kA = 0, kB = 1, kBias = 2;

// The axis of b along which its columns run, or -1 when it is a vector.
int column_axis(const MatMul& op, const Shape& b) {
  if (b.rank() < 2) return -1;
  return static_cast<int>(b.rank()) - (op.transpose_b ? 2 : 1);
}

// Without `output`: floats give f32, integers their exact sums, quantised where both operands are.
OutputSpec natural_output(const TensorType& a, const TensorType& b, const Shape& output) {
  if (a.dtype == DType::f32) return {};
  if (!a.quant || !b.quant) return {DType::s32, std::nullopt};
  Quant quant;
  quant.scales.clear();
  for (const float scale : b.quant->scales) quant.scales.push_back(a.quant->scale() * scale);
  if (quant.scales.size() > 1) quant.axis = static_cast<int>(output.rank()) - 1;
  return {DType::s32, quant};
}

void check_product_bias(const TensorType& bias, const MatMulShape& shape, bool is_float) {
  if (is_float) {
    require(bias.dtype == DType::f32 && broadcast(shape.output, bias.shape) == shape.output,
            "the bias ", bias, " does not broadcast to the product ", shape.output);
    return;
  }
  const bool is_row =
      bias.shape.rank() >= 1 && bias.shape.back() == shape.n && bias.shape.elements() == shape.n;
  require(bias.dtype == DType::s32 && is_row, "the bias is ", bias, " where s32 of {", shape.n,
          "} is expected");
  if (!bias.quant) return;
  check(*bias.quant, bias.dtype, bias.shape);
  require(bias.quant->is_symmetric(), "the bias has a zero point");
}

// Rows of the product, one after the other, handed to `sink(row, sums)`. The zero point of a is
// taken away while a row is loaded; that of b afterwards, as zb * sum(a), which is exact modulo
// 2^32.
template <typename A, typename B, typename Tap, typename Sum>
class Multiplier {
 public:
  Multiplier(const MatMul& op, const MatMulShape& shape, const ConstView& a, const ConstView& b)
      : shape_(shape),
        a_(a),
        b_(b),
        a_row_(op.transpose_a ? 1 : shape.k),
        a_step_(op.transpose_a ? shape.m : 1),
        b_row_(op.transpose_b ? 1 : shape.n),
        b_step_(op.transpose_b ? shape.k : 1),
        taps_(scratch<Tap, 0>(static_cast<std::size_t>(shape.k))),
        sums_(scratch<Sum, 2>(static_cast<std::size_t>(shape.n))
                  .first(static_cast<std::size_t>(shape.n))) {}

  template <typename Sink>
  void run(Sink&& sink) {
    const std::int64_t batches = shape_.batch.elements();
    for (std::int64_t i = 0; i < batches; ++i) {
      const A* a =
          a_.as<A>() + broadcast_offset(shape_.batch_a, shape_.batch, i) * shape_.m * shape_.k;
      const B* b =
          b_.as<B>() + broadcast_offset(shape_.batch_b, shape_.batch, i) * shape_.k * shape_.n;
      for (std::int64_t m = 0; m < shape_.m; ++m) {
        load_row(a + m * a_row_);
        multiply(b);
        sink(i * shape_.m + m, sums_);
      }
    }
  }

 private:
  void load_row(const A* a) {
    const Tap zero = static_cast<Tap>(quant_of(*a_.type).zero_point());
    for (std::int64_t k = 0; k < shape_.k; ++k)
      taps_[static_cast<std::size_t>(k)] = static_cast<Tap>(a[k * a_step_] - zero);
  }

  void multiply(const B* b) {
    std::fill(sums_.begin(), sums_.end(), Sum{});
    const Tap* taps = taps_.data();
    if (b_step_ == 1) {
      for (std::int64_t k = 0; k < shape_.k; ++k)
        for (std::size_t n = 0; n < sums_.size(); ++n)
          add_product(sums_[n], taps[k],
                      static_cast<Tap>(b[k * b_row_ + static_cast<std::int64_t>(n)]));
    } else {
      for (std::size_t n = 0; n < sums_.size(); ++n) {
        const B* column = b + static_cast<std::int64_t>(n) * b_step_;
        for (std::int64_t k = 0; k < shape_.k; ++k)
          add_product(sums_[n], taps[k], static_cast<Tap>(column[k]));
      }
    }
    if constexpr (std::is_same_v<Sum, std::int32_t>) take_zero_points();
  }

  void take_zero_points() {
    const Quant& quant = quant_of(*b_.type);
    if (quant.is_symmetric()) return;
    std::uint32_t total = 0;
    for (std::int64_t k = 0; k < shape_.k; ++k)
      total += static_cast<std::uint32_t>(taps_[static_cast<std::size_t>(k)]);
    for (std::size_t n = 0; n < sums_.size(); ++n) {
      const auto zero = static_cast<std::uint32_t>(quant.zero_point(n));
      sums_[n] = wrapping_add(sums_[n], static_cast<std::int32_t>(0u - zero * total));
    }
  }

  const MatMulShape& shape_;
  ConstView a_, b_;
  std::int64_t a_row_, a_step_, b_row_, b_step_;
  std::span<Tap> taps_;
  std::span<Sum> sums_;
};

void multiply_floats(const MatMul& op, const MatMulShape& shape, std::span<const ConstView> inputs,
                     const View& y) {
  const ConstView bias = operand(inputs, kBias);
  Multiplier<float, float, float, double> multiplier(op, shape, inputs[kA], inputs[kB]);
  multiplier.run([&](std::int64_t row, std::span<const double> sums) {
    for (std::size_t n = 0; n < sums.size(); ++n) {
      const std::int64_t i = row * shape.n + static_cast<std::int64_t>(n);
      float v = static_cast<float>(sums[n]);
      if (bias.data != nullptr)
        v += bias.as<float>()[broadcast_offset(bias.shape(), shape.output, i)];
      y.as<float>()[i] = activate(op.activation, v);
    }
  });
}

template <typename A, typename B>
void multiply_integers(const MatMul& op, const MatMulShape& shape, const Epilogue& epilogue,
                       std::span<const ConstView> inputs, const View& y) {
  const auto bytes = static_cast<std::int64_t>(size_of(y.dtype()));
  Multiplier<A, B, std::int16_t, std::int32_t> multiplier(op, shape, inputs[kA], inputs[kB]);
  multiplier.run([&](std::int64_t row, std::span<const std::int32_t> sums) {
    std::byte* out = y.data + row * shape.n * bytes;
    for (std::size_t n = 0; n < sums.size(); ++n, out += bytes)
      apply_row(epilogue, n, sums.subspan(n, 1), DType::s8, nullptr, y.dtype(), out);
  });
}

}  // namespace

void MatMul::visit(AttributeVisitor& visitor) const {
  if (transpose_a) visitor.integer("transpose_a", 1);
  if (transpose_b) visitor.integer("transpose_b", 1);
  octet::visit(visitor, activation);
  if (output) octet::visit(visitor, *output);
  visitor.text("rule", to_string(rule));
}

std::vector<TensorType> MatMul::infer(const InferArgs& args) const {
  require_inputs(args, 2, 3);
  const TensorType& a = args.types[kA];
  const TensorType& b = args.types[kB];
  const MatMulShape shape = MatMulShape::make(*this, a.shape, b.shape);
  const bool is_float = check_factors(a, b, column_axis(*this, b.shape));
  const Shape output_shape = checked_shape(shape.output.extents());
  if (has_input(args, kBias)) check_product_bias(args.types[kBias], shape, is_float);
  const OutputSpec spec = output.value_or(natural_output(a, b, output_shape));
  if (is_float) {
    require(spec == OutputSpec{}, "a float product with the output ", octet::to_string(spec),
            " instead of f32");
  } else {
    check_epilogue(rule, activation, spec);
  }
  return {output_type(spec, output_shape)};
}

void MatMul::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView &a = inputs[kA], &b = inputs[kB];
  const View& y = outputs[0];
  const MatMulShape shape = MatMulShape::make(*this, a.shape(), b.shape());
  if (a.dtype() == DType::f32) return multiply_floats(*this, shape, inputs, y);
  const ConstView bias = operand(inputs, kBias);
  const OutputSpec sums{DType::s32, std::nullopt};
  thread_local Epilogue epilogue;  // kept for its memory
  epilogue = make_epilogue(rule, activation, output ? *output : sums, shape.n, quant_of(*a.type),
                           quant_of(*b.type), bias.data != nullptr ? &bias : nullptr, {},
                           std::move(epilogue));
  with_byte_types(a.dtype(), b.dtype(), [&]<typename A, typename B>(A, B) {
    multiply_integers<A, B>(*this, shape, epilogue, inputs, y);
  });
}

}  // namespace octet
