// Two toy operators and backends for them, so that the runtime is tested apart from real kernels.
#pragma once

#include <algorithm>
#include <cstring>

#include "base/format.hpp"
#include "kernels/host_backend.hpp"
#include "ops/attributes.hpp"
#include "passes/pass.hpp"

namespace octet::toy {

inline TensorType f32(Shape shape) { return {DType::f32, shape, kNCHW, std::nullopt}; }

// y = factor * x + offset. The extent of the last axis must be `columns` when that is not 0.
struct Affine final : OpBase<Affine> {
  static constexpr std::string_view kKind = "toy_affine";
  float factor = 1.0f, offset = 0.0f;
  std::int64_t columns = 0;

  Affine(float f, float o, std::int64_t c = 0) : factor(f), offset(o), columns(c) {}
  void visit(AttributeVisitor& visitor) const override {
    visitor.number("factor", static_cast<double>(factor));
    visitor.number("offset", static_cast<double>(offset));
  }
  std::vector<TensorType> infer(const InferArgs& args) const override {
    if (columns != 0 && args.types[0].shape.back() != columns)
      throw Error(StatusCode::invalid_model,
                  concat("x has ", args.types[0].shape.back(), " columns, not ", columns));
    return {args.types[0]};
  }
  void compute(std::span<const ConstView> in, std::span<const View> out) const override {
    for (std::int64_t i = 0; i < in[0].shape().elements(); ++i)
      out[0].as<float>()[i] = factor * in[0].as<float>()[i] + offset;
  }
};

// a + b of one shape.
struct Add final : OpBase<Add> {
  static constexpr std::string_view kKind = "toy_add";

  void visit(AttributeVisitor&) const override {}
  std::vector<TensorType> infer(const InferArgs& args) const override { return {args.types[0]}; }
  void compute(std::span<const ConstView> in, std::span<const View> out) const override {
    for (std::int64_t i = 0; i < in[0].shape().elements(); ++i)
      out[0].as<float>()[i] = in[0].as<float>()[i] + in[1].as<float>()[i];
  }
};

// Runs Op::compute, may overwrite any input and spoils its workspace and, where it may, nothing
// else.
class ToyExecutable final : public Executable {
 public:
  ToyExecutable(const Problem& problem, bool in_place, bool keep_constants)
      : problem_(problem), in_place_(in_place), keep_constants_(keep_constants) {}

  void run(const RunArgs& args) const override {
    std::memset(args.workspace, 0xCD, workspace());
    std::array<ConstView, 2> inputs;
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i)
      inputs[i] = {problem_.inputs[i], reads_input(i) ? args.inputs[i] : packed_[i].data()};
    const View output(problem_.outputs[0], args.outputs[0]);
    problem_.op->compute({inputs.data(), problem_.inputs.size()}, {&output, 1});
  }
  std::size_t workspace() const override { return 192; }
  bool may_overwrite(std::size_t) const override { return in_place_; }
  bool reads_input(std::size_t i) const override { return packed_[i].empty(); }
  void pack() {
    for (std::size_t i = 0; i < problem_.inputs.size(); ++i)
      if (!keep_constants_ && problem_.constants[i] != nullptr)
        packed_[i] = problem_.constants[i]->clone();
  }

 private:
  Problem problem_;
  bool in_place_, keep_constants_;
  std::array<Tensor, 2> packed_;
};

template <bool kInPlace, bool kKeepConstants>
std::unique_ptr<Executable> prepare(const Problem& problem, const Demands&) {
  auto executable = std::make_unique<ToyExecutable>(problem, kInPlace, kKeepConstants);
  executable->pack();
  return executable;
}

inline Verdict only_small(const Problem& problem, const Demands&) {
  if (problem.inputs[0].shape.elements() > 4) return Verdict::refuse("x has more than 4 elements");
  return Verdict::accept();
}
inline Verdict anything(const Problem&, const Demands&) { return Verdict::accept(); }

class ToyBackend final : public HostBackend {
 public:
  std::string_view name() const noexcept override { return "toy"; }
  std::span<const Kernel> kernels(std::string_view kind) const override {
    if (kind == Add::kKind || kind == Affine::kKind) return kernels_;
    return {};
  }

 private:
  std::vector<Kernel> kernels_{{"toy_small", only_small, prepare<true, false>},
                               {"toy_any", anything, prepare<true, true>}};
};

inline const ToyBackend& backend() {
  static const ToyBackend instance;
  return instance;
}

}  // namespace octet::toy
