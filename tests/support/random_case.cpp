#include "support/random_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/format.hpp"

namespace octet::testing {
namespace {

void fill_bytes(Random& random, DType dtype, Tensor& tensor) {
  const IntegerRange range = integer_range(dtype);
  const bool extreme = random.chance(0.1);  // every value at an end of the range
  for (std::byte& byte : tensor.mutable_values<std::byte>()) {
    const std::int64_t value = extreme ? (random.chance(0.5) ? range.lowest : range.highest)
                                       : random.integer(range.lowest, range.highest);
    byte = static_cast<std::byte>(value);
  }
}

bool is_constant(const Case& c, std::size_t i) {
  return c.inputs[i].has_value() && i < c.constant.size() && c.constant[i];
}

std::vector<Tensor> reference(const Case& c, const std::vector<TensorType>& types) {
  std::vector<ConstView> in;
  for (const auto& input : c.inputs) in.push_back(input ? ConstView(*input) : ConstView{});
  std::vector<Tensor> outputs;
  outputs.reserve(types.size());
  std::vector<View> out;
  for (const TensorType& type : types) out.emplace_back(outputs.emplace_back(type));
  c.op->compute(in, out);
  return outputs;
}

std::vector<TensorType> inferred(const Case& c) {
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    types.push_back(c.inputs[i] ? c.inputs[i]->type() : absent_type());
    known.push_back(is_constant(c, i) ? &*c.inputs[i] : nullptr);
  }
  return c.op->infer({types, known});
}

// Memory of the backend with a guard on each side that must stay as it is.
class GuardedBuffer {
 public:
  GuardedBuffer(const Backend& backend, ExecutionContext& context, std::size_t bytes)
      : backend_(backend),
        context_(context),
        bytes_(bytes),
        memory_(backend.allocate(bytes + 2 * kGuard)) {}

  std::byte* data() const { return memory_.get() + kGuard; }

  // Guards all around and `content` (or rubbish) between them.
  void fill(const std::byte* content, int rubbish) {
    std::vector<std::byte> image(bytes_ + 2 * kGuard, kGuardByte);
    if (content != nullptr) std::copy_n(content, bytes_, image.begin() + kGuard);
    else std::fill_n(image.begin() + kGuard, bytes_, static_cast<std::byte>(rubbish));
    backend_.copy_in(memory_.get(), image.data(), image.size(), context_);
    backend_.synchronise(context_);
  }
  // The content; reports a guard that was written over.
  std::vector<std::byte> read(const std::string& what) const {
    std::vector<std::byte> image(bytes_ + 2 * kGuard);
    backend_.copy_out(image.data(), memory_.get(), image.size(), context_);
    backend_.synchronise(context_);
    for (std::size_t i = 0; i < kGuard; ++i)
      if (image[i] != kGuardByte || image[image.size() - 1 - i] != kGuardByte) {
        ADD_FAILURE() << what << " was written outside its bounds";
        break;
      }
    return {image.begin() + kGuard, image.end() - kGuard};
  }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr std::byte kGuardByte{0xc3};
  const Backend& backend_;
  ExecutionContext& context_;
  std::size_t bytes_;
  std::shared_ptr<std::byte> memory_;
};

// Runs an executable with outputs and workspace that hold rubbish before.
std::vector<Tensor> run_once(const Backend& backend, const Executable& executable,
                             const LaidOutCase& laid_out, ExecutionContext& context, int rubbish) {
  std::vector<GuardedBuffer> in, out;
  std::vector<const std::byte*> in_pointers;
  std::vector<std::byte*> out_pointers;
  in.reserve(laid_out.inputs.size());
  for (std::size_t i = 0; i < laid_out.inputs.size(); ++i) {
    const bool read = laid_out.inputs[i] && executable.reads_input(i);
    in.emplace_back(backend, context, read ? laid_out.inputs[i]->bytes() : 0);
    in.back().fill(read ? laid_out.inputs[i]->data() : nullptr, rubbish);
    in_pointers.push_back(read ? in.back().data() : nullptr);
  }
  out.reserve(laid_out.problem.outputs.size());
  for (const TensorType& type : laid_out.problem.outputs) {
    out.emplace_back(backend, context, type.bytes());
    out.back().fill(nullptr, rubbish);
    out_pointers.push_back(out.back().data());
  }
  GuardedBuffer workspace(backend, context, executable.workspace());
  workspace.fill(nullptr, rubbish);
  RunArgs args;
  args.inputs = in_pointers;
  args.outputs = out_pointers;
  args.workspace = workspace.data();
  args.context = &context;
  executable.run(args);
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < out.size(); ++i)
    outputs.push_back(make_tensor(laid_out.problem.outputs[i], out[i].read("an output").data()));
  for (const GuardedBuffer& buffer : in) static_cast<void>(buffer.read("an input"));
  static_cast<void>(workspace.read("the workspace"));
  return outputs;
}

// In the default layout, without the channels that the layout adds: what kernels write there has no
// meaning.
Tensor plain(const Tensor& tensor) {
  TensorType type = tensor.type();
  if (type.shape.rank() != 4 || type.layout == kNCHW) return tensor;
  type.layout = kNCHW;
  Tensor result(type);
  const std::size_t size = size_of(type.dtype);
  std::byte* to = result.mutable_data();
  const Shape& s = type.shape;
  for (std::int64_t n = 0; n < s[0]; ++n)
    for (std::int64_t c = 0; c < s[1]; ++c)
      for (std::int64_t h = 0; h < s[2]; ++h)
        for (std::int64_t w = 0; w < s[3]; ++w, to += size) {
          const auto from = static_cast<std::size_t>(offset_of(tensor.type(), n, c, h, w));
          std::memcpy(to, tensor.data() + from * size, size);
        }
  return result;
}

std::int64_t first_difference(const Tensor& a, const Tensor& b) {
  const auto* x = a.data();
  const auto* y = b.data();
  const std::size_t size = size_of(a.dtype());
  for (std::size_t i = 0; i < a.bytes() / size; ++i)
    if (std::memcmp(x + i * size, y + i * size, size) != 0) return static_cast<std::int64_t>(i);
  return -1;
}

template <typename T>
std::int64_t first_beyond(std::span<const T> wanted, std::span<const T> actual, double bound) {
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!(std::abs(static_cast<double>(wanted[i]) - static_cast<double>(actual[i])) <= bound))
      return static_cast<std::int64_t>(i);
  return -1;
}

std::int64_t first_far_value(const Tensor& wanted, const Tensor& actual) {
  switch (wanted.dtype()) {
    case DType::s8:
      return first_beyond(wanted.values<std::int8_t>(), actual.values<std::int8_t>(), 1);
    case DType::u8:
      return first_beyond(wanted.values<std::uint8_t>(), actual.values<std::uint8_t>(), 1);
    case DType::f32: {
      double most = 0.0;
      for (const float v : wanted.values<float>()) most = std::max(most, std::abs(double{v}));
      return first_beyond(wanted.values<float>(), actual.values<float>(), 1e-5 * most);
    }
    default: return first_difference(wanted, actual);
  }
}

// `difference` gives the index of the first element that differs too much, or -1.
template <typename Difference>
Verdict compare(const Backend& backend, const Kernel& kernel, const Case& c,
                const LaidOutCase& laid_out, const Demands& demands, Difference&& difference) {
  const Verdict verdict = kernel.check(laid_out.problem, demands);
  if (!verdict) return verdict;
  const auto executable = kernel.prepare(laid_out.problem, demands);
  const auto context = backend.make_context(demands);
  const std::vector<Tensor> expected = reference(c, inferred(c));
  for (const int rubbish : {0xa5, 0x00}) {
    const std::vector<Tensor> actual = run_once(backend, *executable, laid_out, *context, rubbish);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const std::int64_t at = difference(plain(expected[i]), plain(actual[i]));
      EXPECT_EQ(at, -1) << kernel.name << " differs from the reference in output " << i
                        << " at element " << at << "\n  " << laid_out.problem.text();
    }
  }
  return verdict;
}

}  // namespace

Tensor random_tensor(Random& random, const TensorType& type) {
  Tensor tensor(type);
  switch (type.dtype) {
    case DType::s32:
      for (std::int32_t& value : tensor.mutable_values<std::int32_t>())
        value = static_cast<std::int32_t>(random.integer(-5000, 5000));
      break;
    case DType::f32:
      for (float& value : tensor.mutable_values<float>()) value = random.number(-20.0f, 20.0f);
      break;
    default: fill_bytes(random, type.dtype, tensor);
  }
  return tensor;
}

Tensor to_layout(const Tensor& tensor, const Layout& layout) {
  TensorType type = tensor.type();
  if (type.shape.rank() != 4) return tensor.clone();
  type.layout = layout;
  Tensor result(type);
  const std::size_t size = size_of(type.dtype);
  const int zero = type.quant ? type.quant->zero_point() : 0;
  if (size == 1) std::memset(result.mutable_data(), zero, result.bytes());
  const Shape& s = type.shape;
  for (std::int64_t n = 0; n < s[0]; ++n)
    for (std::int64_t c = 0; c < s[1]; ++c)
      for (std::int64_t h = 0; h < s[2]; ++h)
        for (std::int64_t w = 0; w < s[3]; ++w)
          std::memcpy(
              result.mutable_data() + static_cast<std::size_t>(offset_of(type, n, c, h, w)) * size,
              tensor.data() + static_cast<std::size_t>(offset_of(tensor.type(), n, c, h, w)) * size,
              size);
  return result;
}

LaidOutCase lay_out(const Case& c, const Layout& inputs, const Layout& outputs) {
  LaidOutCase laid_out;
  laid_out.problem.op = c.op;
  laid_out.inputs.reserve(c.inputs.size());
  for (std::size_t i = 0; i < c.inputs.size(); ++i) {
    const bool constant = is_constant(c, i);
    laid_out.problem.present.push_back(c.inputs[i].has_value());
    if (!c.inputs[i]) laid_out.inputs.emplace_back();
    else laid_out.inputs.emplace_back(constant ? *c.inputs[i] : to_layout(*c.inputs[i], inputs));
    const auto& value = laid_out.inputs.back();
    laid_out.problem.inputs.push_back(value ? value->type() : TensorType{});
    laid_out.problem.constants.push_back(constant ? &*value : nullptr);
  }
  laid_out.problem.outputs = inferred(c);
  for (TensorType& type : laid_out.problem.outputs)
    if (type.shape.rank() == 4) type.layout = outputs;
  return laid_out;
}

Verdict expect_reference_bits(const Backend& backend, const Kernel& kernel, const Case& c,
                              const Layout& inputs, const Layout& outputs, int threads) {
  Demands demands;
  demands.threads = threads;
  return compare(backend, kernel, c, lay_out(c, inputs, outputs), demands, first_difference);
}

Verdict expect_close_to_reference(const Backend& backend, const Kernel& kernel, const Case& c,
                                  const Layout& inputs, const Layout& outputs,
                                  const Demands& demands) {
  return compare(backend, kernel, c, lay_out(c, inputs, outputs), demands, first_far_value);
}

std::vector<Tensor> outputs_of(const Backend& backend, const Kernel& kernel, const Case& c) {
  const LaidOutCase laid_out = lay_out(c, kNCHW, kNCHW);
  const auto executable = kernel.prepare(laid_out.problem, {});
  const auto context = backend.make_context({});
  return run_once(backend, *executable, laid_out, *context, 0xa5);
}

void for_seeds(const std::function<void(Random&)>& test) {
  std::uint64_t first = 0, last = static_cast<std::uint64_t>(-1);
  if (const char* wanted = std::getenv("OCTET_TEST_SEED")) {
    first = std::strtoull(wanted, nullptr, 10);
    last = first + 1;
  }
  const char* time = std::getenv("OCTET_TEST_MILLISECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(time == nullptr ? 500 : std::atoi(time));
  for (std::uint64_t seed = first; seed < last; ++seed) {
    SCOPED_TRACE(concat("OCTET_TEST_SEED=", seed));
    Random random(seed);
    test(random);
    if (::testing::Test::HasFailure() || std::chrono::steady_clock::now() > end) return;
  }
}

}  // namespace octet::testing
