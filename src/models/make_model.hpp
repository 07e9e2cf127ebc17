// Well-known networks with made-up weights: real in every operator, shape and rounding rule, and
// alive (calibrated so that activations neither die nor saturate), for speed, demos and tests.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "formats/model_file.hpp"

namespace octet {

// Whose semantics the model has, and thus which file can hold it.
enum class ModelStyle : std::uint8_t {
  mge,   // scales per tensor, MegEngine's roundings, a float classifier where its models have one
  onnx,  // scales per channel in weights, ONNX's roundings, quantised to the logits
};

struct ModelOptions {
  ModelStyle style = ModelStyle::mge;
  std::int64_t image_size = 224;  // 32 to 1024
  std::int64_t classes = 1000;    // 2 to 100,000
  std::uint64_t seed = 1;         // of the weights and of the calibration pictures
  double width = 1.0;             // multiplies the channels; 0.125 to 4
};

// "resnet18", "mobilenet_v2", ...; for make_model() the beginning of one alone will do.
std::span<const std::string_view> model_names();

// The network at batch 1: one input "data" f32 {1,3,S,S}, pictures of bytes 0..255 as RGB planes;
// one output "probabilities" {1,classes}. The batch may be changed. Equal arguments give equal bits
// on every platform. Throws Error(invalid_argument) for an unknown name (listing the known ones) or
// an option out of range.
ModelFile make_model(std::string_view name, const ModelOptions& options = {});

// `count` pictures {count,3,size,size} f32 of whole numbers 0..255: smooth shapes, edges and noise.
Tensor make_pictures(std::int64_t count, std::int64_t size, std::uint64_t seed);

}  // namespace octet
