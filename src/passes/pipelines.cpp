#include "passes/pipelines.hpp"

#include "passes/cpu_layouts.hpp"
#include "passes/fuse_activation.hpp"
#include "passes/fuse_requantise.hpp"
#include "passes/fuse_z.hpp"
#include "passes/relayout_passes.hpp"

namespace octet {
namespace {

void append(Pipeline& pipeline, Pipeline more) {
  for (Pass& pass : more) pipeline.push_back(std::move(pass));
}

Pipeline layout_passes(const LayoutPolicy& policy) {
  return {insert_relayouts_pass(policy), sink_relayouts_pass(policy), cancel_relayouts_pass(),
          absorb_relayouts_pass(policy)};
}

}  // namespace

Pipeline canonical_pipeline() {
  return {fuse_bias_pass(), fuse_requantise_pass(), fuse_activation_pass(), fuse_z_pass(),
          fuse_activation_pass()};
}

Pipeline cpu_pipeline() {
  Pipeline pipeline = canonical_pipeline();
  append(pipeline, layout_passes(cpu_layout_policy()));
  return pipeline;
}

}  // namespace octet
