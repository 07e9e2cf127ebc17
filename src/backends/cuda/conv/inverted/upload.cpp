#include "backends/cuda/conv/inverted/upload.hpp"

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"

namespace octet::cuda {

InvertedUpload::InvertedUpload(const InvertedChain& chain, const InvertedFilters& filters,
                               const InvertedShape& shape, InvertedParams& params,
                               const Repack& repack) {
  const HiddenLayers layers = hidden_layers(chain);
  const Epilogue project = conv_epilogue(chain.project, filters.project.sums());
  const ChannelConstants constants =
      in_blocks(channel_constants(project, WgmmaRule::scaled_bias, params.project), shape.n);
  form_ = layers.form;
  std::vector<std::int8_t> packed = pack_inverted_filters(filters, shape, layers);
  if (repack) repack(packed);
  filters_ = DeviceArray(packed);
  scales_ = DeviceArray(constants.m);
  biases_ = DeviceArray(constants.bias);
  params.expand_factor = layers.expand.factor;
  params.depthwise_factor = layers.depthwise.factor;
  params.filters = filters_.as<std::int8_t>();
  params.project.m = scales_.as<float>();
  params.project.bias = biases_.as<std::int32_t>();
}

}  // namespace octet::cuda
