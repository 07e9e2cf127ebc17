// A convolution as a graph of cuDNN, and the plans that cuDNN offers for it.
#pragma once

#include <list>
#include <memory>

#include "backends/cudnn/conv_spec.hpp"
#include "backends/cudnn/descriptor.hpp"

namespace octet::cudnn {

// Device pointers of one run; those of a plain sum are x, w, y.
struct ConvPointers {
  const void *x = nullptr, *w = nullptr;
  void* y = nullptr;
  const void *scale = nullptr, *bias = nullptr, *z = nullptr, *z_scale = nullptr;
};

// Immutable once made; may be executed from several threads, each with a handle of its own.
class ConvPlan {
 public:
  // The plan of this rank in the order of cuDNN's heuristics. Throws Error(unsupported) where there
  // are fewer, or cuDNN cannot build this one.
  ConvPlan(const ConvSpec& spec, std::size_t rank);

  std::size_t workspace() const noexcept { return workspace_; }
  void execute(cudnnHandle_t handle, const ConvPointers& pointers, void* workspace) const;

 private:
  Descriptor& keep(Descriptor descriptor);
  Descriptor& tensor(std::int64_t id, cudnnDataType_t type, const std::array<std::int64_t, 4>& dims,
                     bool is_virtual = false);
  void add_convolution(const ConvSpec& spec, const Descriptor& y);
  void add_pointwise(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor* b,
                     const Descriptor& y);
  void add_epilogue(const ConvSpec& spec, const Descriptor& sum);
  Descriptor graph() const;
  void build(std::size_t rank);

  Handle handle_;
  std::list<Descriptor> parts_;  // what the plan refers to; a list, since they refer to each other
  std::vector<cudnnBackendDescriptor_t> operations_;
  std::vector<std::int64_t> ids_;  // of the tensors that have memory
  std::unique_ptr<Descriptor> plan_;
  std::size_t workspace_ = 0;
};

}  // namespace octet::cudnn
