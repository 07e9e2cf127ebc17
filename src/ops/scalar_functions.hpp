// The activation functions on one number: the only place where their formulas are written.
//
// T is float or double. Every operation is rounded by itself in T. On a GPU the transcendental ones
// are those of its own library. Where MegEngine and ONNX treat
// NaN or -0 differently, MegEngine's results are taken.
#pragma once

#include <cmath>

#include "base/device.hpp"

namespace octet::scalar {

// NaN and -0 give +0.
template <typename T>
OCTET_DEVICE T relu(T x) noexcept {
  return x > T{0} ? x : T{0};
}

// NaN stays; with lowest > highest everything becomes highest (as ONNX Clip).
template <typename T>
OCTET_DEVICE T clip(T x, T lowest, T highest) noexcept {
  const T v = x < lowest ? lowest : x;
  return v > highest ? highest : v;
}

template <typename T>
OCTET_DEVICE T relu6(T x) noexcept {
  return x <= T{6} ? relu(x) : T{6};
}

template <typename T>
OCTET_DEVICE T sigmoid(T x) noexcept {
  return T{1} / (T{1} + std::exp(-x));
}

template <typename T>
OCTET_DEVICE T silu(T x) noexcept {
  return x / (T{1} + std::exp(-x));
}

// The product comes first, then the factor 1/6 (a factor, not a division: near ties tell).
template <typename T>
OCTET_DEVICE T h_swish(T x) noexcept {
  return x * clip(x + T{3}, T{0}, T{6}) * (T{1} / T{6});
}

template <typename T>
OCTET_DEVICE T h_sigmoid(T x) noexcept {
  return clip(x + T{3}, T{0}, T{6}) / T{6};
}

template <typename T>
OCTET_DEVICE T leaky_relu(T x, T slope) noexcept {
  return x >= T{0} ? x : x * slope;
}

template <typename T>
OCTET_DEVICE T gelu(T x) noexcept {
  return x * (T{0.5} * (T{1} + std::erf(x * static_cast<T>(0.70710678118654752440))));
}

template <typename T>
OCTET_DEVICE T softplus(T x) noexcept {
  return std::log1p(std::exp(-std::abs(x))) + (x < T{0} ? T{0} : x);
}

template <typename T>
OCTET_DEVICE T mish(T x) noexcept {
  return x * std::tanh(softplus(x));
}

template <typename T>
OCTET_DEVICE T elu(T x, T alpha) noexcept {
  return x < T{0} ? alpha * std::expm1(x) : x;
}

template <typename T>
OCTET_DEVICE T selu(T x, T alpha, T gamma) noexcept {
  return gamma * elu(x, alpha);
}

template <typename T>
OCTET_DEVICE T celu(T x, T alpha) noexcept {
  return x < T{0} ? alpha * std::expm1(x / alpha) : x;
}

// log(exp(a) + exp(b)) without overflow.
template <typename T>
OCTET_DEVICE T log_sum_exp(T a, T b) noexcept {
  if (a == b) return a + std::log(T{2});  // also for two infinities, whose difference is NaN
  return (a > b ? a : b) + std::log1p(std::exp(-std::abs(a - b)));
}

}  // namespace octet::scalar
