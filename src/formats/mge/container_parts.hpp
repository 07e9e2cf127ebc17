// Pieces that the tables of V1 and V2 have in common.
#pragma once

#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include <utility>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/mge/container.hpp"

namespace octet::mge {

inline std::string_view text_of(const flatbuffers::String* text) {
  if (text == nullptr) return {};
  if (text->size() > limits::kNameBytes)
    throw Error(StatusCode::resource_exhausted,
                concat("a name has ", text->size(), " bytes; the limit is ", limits::kNameBytes));
  return {text->c_str(), text->size()};
}

template <typename T>
std::size_t count_of(const flatbuffers::Vector<T>* items) {
  return items == nullptr ? 0 : items->size();
}

// The i-th table of a vector; a verified buffer has no null there.
template <typename T>
const T& item(const flatbuffers::Vector<flatbuffers::Offset<T>>* items, std::size_t i) {
  return *items->Get(static_cast<flatbuffers::uoffset_t>(i));
}

inline std::vector<std::uint32_t> numbers_of(const flatbuffers::Vector<std::uint32_t>* numbers) {
  if (numbers == nullptr) return {};
  return {numbers->begin(), numbers->end()};
}

inline std::vector<std::uint32_t> shape_of(const flatbuffers::Vector<std::uint32_t>* shape) {
  if (count_of(shape) > Shape::kMaxRank)
    throw Error(StatusCode::unsupported, concat("a tensor has ", shape->size(), " axes; at most ",
                                                Shape::kMaxRank, " are supported"));
  return numbers_of(shape);
}

inline std::span<const std::byte> bytes_of(const flatbuffers::Vector<std::uint8_t>* bytes) {
  if (bytes == nullptr) return {};
  return std::as_bytes(std::span(bytes->data(), bytes->size()));
}

template <typename Operator>
std::vector<RawParam> params_of(const Operator& op) {
  std::vector<RawParam> params{{op.param_type(), op.param()}};
  const auto* types = op.additional_params_type();
  for (std::size_t i = 0; i < count_of(types); ++i) {
    const auto at = static_cast<flatbuffers::uoffset_t>(i);
    params.push_back(
        {types->template GetEnum<fbs::OperatorParam>(at), op.additional_params()->Get(at)});
  }
  return params;
}

// Sharing one vector between many operators would make a small file expand to a large graph, so the
// sum over all operators is what is bounded. `count` gives the items that reading one copies.
template <typename Operator, typename Count>
void check_counts(const flatbuffers::Vector<flatbuffers::Offset<Operator>>* operators,
                  const Count& count) {
  if (count_of(operators) > limits::kNodes)
    throw Error(
        StatusCode::resource_exhausted,
        concat("the graph has ", operators->size(), " operators; the limit is ", limits::kNodes));
  std::size_t total = 0;
  for (std::size_t i = 0; i < count_of(operators); ++i) {
    const Operator& op = item(operators, i);
    total += count_of(op.inputs()) + count_of(op.tensors()) +
             count_of(op.additional_params_type()) + count(op);
    if (total > limits::kAttributeItems)
      throw Error(StatusCode::resource_exhausted,
                  concat("the operators have more than ", limits::kAttributeItems,
                         " inputs, outputs, tensors and parameters together"));
  }
}

// A size-prefixed FlatBuffer that has passed the verifier, aligned as its writer aligned it.
template <typename Root>
const Root& verified_root(std::span<const std::byte> buffer, const char* identifier,
                          const std::shared_ptr<const void>& storage, RawGraph& graph) {
  if (buffer.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    throw Error(StatusCode::resource_exhausted, "the FlatBuffer has 2 GiB or more");
  auto kept = std::make_shared<std::pair<std::shared_ptr<const void>, Tensor>>(storage, Tensor());
  const std::byte* data = buffer.data();
  // The writer's alignment counts from the size prefix. In V1 any number of bytes stands before it.
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) != 0) {
    kept->second = make_tensor(
        {DType::u8, Shape{static_cast<std::int64_t>(buffer.size())}, kNCHW, std::nullopt}, data);
    data = kept->second.data();
  }
  graph.storage = std::move(kept);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  flatbuffers::Verifier verifier(bytes, buffer.size());  // depth 64, 1,000,000 tables
  if (!verifier.VerifySizePrefixedBuffer<Root>(identifier))
    throw Error(StatusCode::invalid_model,
                concat("the graph's FlatBuffer \"", identifier, "\" is damaged"));
  return *flatbuffers::GetSizePrefixedRoot<Root>(bytes);
}

}  // namespace octet::mge
