// Builds a network layer by layer on a batch of calibration pictures: each layer is computed as
// soon as it is added, and the next one gets the weights and scales that suit what came out.
#pragma once

#include <octet/tensor.hpp>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "models/calibrate.hpp"
#include "models/make_model.hpp"

namespace octet::models {

struct ConvSpec {
  std::int64_t channels = 0, kernel = 1, stride = 1, pad = 0, groups = 1;
  bool relu = true;
  // The value that will be added to the result before a ReLU: the result is centred against it, so
  // that about half of the sums are positive.
  ValueId balance = kNoValue;
};

class Network {
 public:
  explicit Network(const ModelOptions& options);

  std::int64_t channels(std::int64_t count) const;  // scaled by the width, a multiple of 8
  std::int64_t channels_of(ValueId value) const { return graph_.type(value).shape[1]; }
  std::int64_t height_of(ValueId value) const { return graph_.type(value).shape[2]; }

  ValueId picture();  // the quantised input
  ValueId conv(ValueId x, const ConvSpec& spec);
  ValueId add(ValueId a, ValueId b, bool relu);
  ValueId max_pool(ValueId x, std::int64_t kernel, std::int64_t stride, std::int64_t pad);
  ValueId average_pool(ValueId x, std::int64_t kernel, std::int64_t stride, std::int64_t pad);
  ValueId global_average_pool(ValueId x);
  // Channels of two maps side by side, brought to one scale.
  ValueId concat(ValueId a, ValueId b);
  ValueId relu(ValueId x);
  ValueId shuffle_channels(ValueId x, std::int64_t groups);
  ValueId flatten(ValueId x);
  ValueId linear(ValueId x, std::int64_t outputs);  // quantised, with ReLU
  // The last layer, softmax and the graph's output; the graph then has batch 1.
  ModelFile classify(ValueId x, std::int64_t classes);

 private:
  bool is_mge() const { return options_.style == ModelStyle::mge; }
  QuantRule quant_rule() const { return is_mge() ? QuantRule::mge : QuantRule::onnx; }
  std::string name(const char* kind);  // "conv_3"
  // Adds a node with one output and computes it.
  ValueId compute(OpPtr op, std::vector<ValueId> inputs, std::string name);
  const Tensor& tensor(ValueId value) const;
  std::vector<float> reals(ValueId value) const;       // dequantised
  ValueId integers(std::vector<std::int64_t> values);  // a constant vector
  FloatLayer random_layer(Shape shape);
  Target conv_target(const ConvSpec& spec, std::int64_t channels);
  // The layer's weights and bias as constants: {weight, bias}.
  std::pair<ValueId, ValueId> quantise(const FloatLayer& layer, const TensorType& x,
                                       const Shape& weight_shape, const Shape& bias_shape,
                                       const std::string& name);
  ValueId product(ValueId x, const FloatLayer& layer, const OutputSpec& output, bool relu);
  ValueId requantise(ValueId x, float scale);
  ValueId quantised_logits(ValueId x, std::int64_t classes);
  ValueId float_logits(ValueId x, std::int64_t classes);

  ModelOptions options_;
  Random random_;
  Graph graph_;
  std::vector<Tensor> tensors_;  // by value: what the calibration pictures give
  int layers_ = 0;
};

}  // namespace octet::models
