// Runs one operator on tensors as the graph would: inference with every value known, then compute.
#pragma once

#include <gtest/gtest.h>

#include <octet/tensor.hpp>
#include <string>
#include <vector>

#include "ir/op.hpp"

namespace octet::testing {

template <typename T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, double>) return DType::f64;
  if constexpr (std::is_same_v<T, std::int8_t>) return DType::s8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::u8;
  if constexpr (std::is_same_v<T, std::int16_t>) return DType::s16;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::s32;
  return DType::s64;
}

template <typename T>
Tensor tensor(const Shape& shape, const std::vector<T>& values,
              std::optional<Quant> quant = std::nullopt) {
  const TensorType type{dtype_of<T>(), shape, kNCHW, std::move(quant)};
  EXPECT_EQ(static_cast<std::size_t>(shape.elements()), values.size());
  return Tensor::from<T>(type, values);
}

// 0, 1, 2, ... in row-major order.
template <typename T>
Tensor counting(const Shape& shape, std::optional<Quant> quant = std::nullopt) {
  std::vector<T> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<T>(i));
  return tensor<T>(shape, values, std::move(quant));
}

inline Tensor ints(const std::vector<std::int64_t>& values) {
  return tensor<std::int64_t>(Shape{static_cast<std::int64_t>(values.size())}, values);
}
inline Tensor number(std::int64_t value) { return tensor<std::int64_t>(Shape{1}, {value}); }

// An empty Tensor stands for an absent input. `unknown` names inputs whose value inference must not
// see.
inline std::vector<TensorType> infer(const Op& op, const std::vector<Tensor>& inputs,
                                     const std::vector<std::size_t>& unknown = {}) {
  std::vector<TensorType> types;
  std::vector<const Tensor*> known;
  for (const Tensor& input : inputs) {
    types.push_back(input.empty() ? absent_type() : input.type());
    known.push_back(input.empty() ? nullptr : &input);
  }
  for (const std::size_t i : unknown) known[i] = nullptr;
  return op.infer({types, known});
}

inline std::vector<Tensor> run(const Op& op, const std::vector<Tensor>& inputs,
                               const std::vector<std::size_t>& unknown = {}) {
  std::vector<Tensor> outputs;
  for (const TensorType& type : infer(op, inputs, unknown)) outputs.emplace_back(type);
  std::vector<ConstView> in;
  for (const Tensor& input : inputs) in.emplace_back(input);
  std::vector<View> out;
  for (Tensor& output : outputs) out.emplace_back(output);
  op.compute(in, out);
  return outputs;
}

template <typename T>
std::vector<T> values(const Tensor& tensor) {
  return {tensor.values<T>().begin(), tensor.values<T>().end()};
}

// Expects `action` to throw an Error of this code whose sentence contains `words`.
template <typename F>
void expect_refusal(StatusCode code, const std::string& words, const F& action) {
  try {
    action();
    ADD_FAILURE() << "accepted, but should say: " << words;
  } catch (const Error& error) {
    EXPECT_EQ(to_string(error.status().code()), to_string(code)) << error.what();
    EXPECT_NE(error.status().message().find(words), std::string::npos)
        << "says: " << error.status().message() << "\nshould contain: " << words;
  }
}

// A row of a table of refusals.
struct Refusal {
  OpPtr op;
  std::vector<Tensor> inputs;
  StatusCode code;
  std::string words;
  std::vector<std::size_t> unknown = {};
};

inline void expect_refusals(const std::vector<Refusal>& rows) {
  for (const Refusal& row : rows)
    expect_refusal(row.code, row.words, [&] { infer(*row.op, row.inputs, row.unknown); });
}

}  // namespace octet::testing
