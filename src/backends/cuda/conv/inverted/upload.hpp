// Brings the constants of a fused inverted residual block to the device.
#pragma once

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/inverted/chain.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {

class InvertedUpload {
 public:
  // Lets `params`, whose `project` is set, point to them. `pack(layers)` gives the packed filters;
  // the projection's constants are padded to whole blocks of so many channels.
  template <typename Params, typename Pack>
  InvertedUpload(const InvertedChain& chain, int channels, Params& params, const Pack& pack) {
    const HiddenLayers layers = hidden_layers(chain);
    const ChannelConstants constants = in_blocks(
        channel_constants(epilogue_of(chain.project), WgmmaRule::scaled_bias, params.project),
        channels);
    form_ = layers.form;
    filters_ = DeviceArray(pack(layers));
    scales_ = DeviceArray(constants.m);
    biases_ = DeviceArray(constants.bias);
    params.expand_factor = layers.expand.factor;
    params.depthwise_factor = layers.depthwise.factor;
    params.filters = filters_.as<std::int8_t>();
    params.project.m = scales_.as<float>();
    params.project.bias = biases_.as<std::int32_t>();
  }
  HiddenForm form() const noexcept { return form_; }

 private:
  HiddenForm form_;
  DeviceArray filters_, scales_, biases_;
};

}  // namespace octet::cuda
