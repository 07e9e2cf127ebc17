#include "passes/pipelines.hpp"

#include "passes/cancel_transposes.hpp"
#include "passes/cpu_layouts.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/drop_padded_channels.hpp"
#include "passes/fold_batch_norm.hpp"
#include "passes/fold_constants.hpp"
#include "passes/fuse_activation.hpp"
#include "passes/fuse_requantise.hpp"
#include "passes/fuse_z.hpp"
#include "passes/gather_channels.hpp"
#include "passes/merge_requantise.hpp"
#include "passes/relayout_passes.hpp"
#include "passes/remove_identities.hpp"

namespace octet {
namespace {

void append(Pipeline& pipeline, Pipeline more) {
  for (Pass& pass : more) pipeline.push_back(std::move(pass));
}

Pipeline with_layouts(const LayoutPolicy& policy) {
  Pipeline pipeline = canonical_pipeline();
  append(pipeline, {insert_relayouts_pass(policy), sink_relayouts_pass(policy),
                    cancel_relayouts_pass(), absorb_relayouts_pass(policy)});
  return pipeline;
}

}  // namespace

Pipeline cleaning_pipeline() {
  return {fold_constants_pass(),       remove_identities_pass(), gather_channels_pass(),
          cancel_transposes_pass(),    fold_constants_pass(),    remove_identities_pass(),
          drop_padded_channels_pass(), fold_batch_norm_pass(),   merge_requantise_pass()};
}

Pipeline canonical_pipeline() {
  Pipeline pipeline = cleaning_pipeline();
  append(pipeline, {fuse_bias_pass(), fuse_requantise_pass(), fuse_activation_pass(), fuse_z_pass(),
                    fuse_activation_pass()});
  return pipeline;
}

Pipeline cpu_pipeline() { return with_layouts(cpu_layout_policy()); }
Pipeline cuda_pipeline() { return with_layouts(cuda_layout_policy()); }
Pipeline nchw4_pipeline() { return with_layouts(nchw4_layout_policy()); }
Pipeline nchw32_pipeline() { return with_layouts(nchw32_layout_policy()); }
Pipeline chwn4_pipeline() { return with_layouts(chwn4_layout_policy()); }

}  // namespace octet
