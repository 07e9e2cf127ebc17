// Random operands and problems for kernel tests: seeded, replayable, bounded in time.
#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <random>

#include "kernels/backend.hpp"

namespace octet::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  // Inclusive bounds.
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(engine_);
  }
  float number(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(engine_);
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(engine_); }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return from.begin()[integer(0, static_cast<std::int64_t>(from.size()) - 1)];
  }

 private:
  std::mt19937_64 engine_;
};

// Half of the scales are powers of two, which makes exact ties in rounding common.
inline float random_scale(Random& random, float low = 0.002f, float high = 0.2f) {
  if (random.chance(0.5)) return std::ldexp(1.0f, static_cast<int>(random.integer(-8, -2)));
  return random.number(low, high);
}

inline Quant random_quant(Random& random, DType dtype, double asymmetric) {
  const IntegerRange range = integer_range(dtype);
  const bool shifted = random.chance(asymmetric);
  return Quant::per_tensor(
      random_scale(random),
      shifted ? static_cast<int>(random.integer(range.lowest, range.highest)) : 0);
}

// Fills a tensor: bytes over their whole range (extremes often), s32 in [-5000, 5000], floats
// around 0.
Tensor random_tensor(Random& random, const TensorType& type);

// A problem with the values of its inputs, all in the default layout.
struct Case {
  OpPtr op;
  std::vector<std::optional<Tensor>> inputs;  // nullopt: absent
  std::vector<bool> constant;                 // by input; shorter means false
};

// The same values in another layout; channels added by it hold the zero point.
Tensor to_layout(const Tensor& tensor, const Layout& layout);

// The case as a problem whose rank-4 inputs that are not constant, and outputs, have `layout`.
struct LaidOutCase {
  Problem problem;
  std::vector<std::optional<Tensor>> inputs;
};
LaidOutCase lay_out(const Case& c, const Layout& inputs, const Layout& outputs);

// Runs the case on a kernel of `backend`, twice, with `threads` CPU threads, and expects the bits
// of op->compute(). Does nothing but return the verdict where the kernel refuses.
Verdict expect_reference_bits(const Backend& backend, const Kernel& kernel, const Case& c,
                              const Layout& inputs, const Layout& outputs, int threads = 1);

// The same for kernels that may differ: stored integers by one step, floats by 1e-5 of the largest
// value of the output.
Verdict expect_close_to_reference(const Backend& backend, const Kernel& kernel, const Case& c,
                                  const Layout& inputs, const Layout& outputs,
                                  const Demands& demands);

// What a kernel that accepts the case makes of it, all in the default layout.
std::vector<Tensor> outputs_of(const Backend& backend, const Kernel& kernel, const Case& c);

// Calls `test` with seeds 0, 1, ... for about half a second, or for OCTET_TEST_MILLISECONDS; where
// the environment variable OCTET_TEST_SEED names one, with that one alone.
void for_seeds(const std::function<void(Random&)>& test);

}  // namespace octet::testing
