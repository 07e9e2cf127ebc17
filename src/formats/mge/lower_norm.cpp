// Normalisations.
#include "ops/norm.hpp"

#include "formats/mge/layouts.hpp"

namespace octet::mge {
namespace {

// BatchNorm(x, scale, bias, mean, variance) in inference. Its counted outputs are two statistics,
// a reserve and y; only y means something in inference.
std::vector<ValueId> lower_batch_norm(Context& context) {
  const auto& p = context.param<fbs::BN>();
  if (p.fwd_mode() != fbs::BNFwdMode::INFERENCE)
    unsupported("a BatchNorm in training mode is not supported",
                "dump the model after model.eval()");
  context.expect_inputs(5, 5);
  Layout layout = kNCHW;
  if (p.param_dim() == fbs::BNParamDim::DIM_111C) layout = kNHWC;
  else if (p.param_dim() != fbs::BNParamDim::DIM_1C11)
    unsupported(concat("a BatchNorm of form ", fbs::EnumNameBNParamDim(p.param_dim()),
                       " is not supported"));
  BatchNorm op;
  op.epsilon = p.epsilon();
  std::vector<ValueId> operands{unpack(context, context.input(0), layout)};
  for (std::size_t i = 1; i < 5; ++i) {
    const Shape flat{context.type(context.input(i)).shape.elements()};
    operands.push_back(context.reshape(context.input(i), flat));
  }
  const ValueId y = pack(context, context.add(op, std::move(operands)), layout);
  return {kNoValue, kNoValue, kNoValue, y};
}

// Outputs: y, mean, 1/deviation.
std::vector<ValueId> lower_layer_norm(Context& context) {
  const auto& p = context.param<fbs::LayerNorm>();
  const std::size_t operands = p.affine() ? 3 : 1;
  context.expect_inputs(operands, operands);
  if (p.normalized_dim() > Shape::kMaxRank)
    invalid(concat("a LayerNorm over ", p.normalized_dim(), " axes"));
  LayerNorm op;
  op.axes = static_cast<std::int64_t>(p.normalized_dim());
  op.epsilon = static_cast<double>(p.eps());
  return context.add_all(op, context.inputs);
}

std::vector<ValueId> lower_lrn(Context& context) {
  context.expect_inputs(1, 1);
  const auto& p = context.param<fbs::LRN>();
  LocalResponseNorm op;
  op.size = p.n();
  // MegEngine multiplies the sum of squares by alpha, not their mean.
  op.alpha = p.alpha() * static_cast<float>(p.n());
  op.beta = p.beta();
  op.bias = p.k();
  return {context.add(op, {context.input(0)})};
}

constexpr OperatorRow kRows[] = {
    {"BatchNormV1", lower_batch_norm},
    {"BatchNorm", lower_batch_norm},
    {"BatchNormForward", lower_batch_norm},
    {"LayerNorm", lower_layer_norm},
    {"LayerNormForward", lower_layer_norm},
    {"LRN", lower_lrn},
    {"LRNForward", lower_lrn},
};

}  // namespace

std::span<const OperatorRow> norm_operators() { return kRows; }

}  // namespace octet::mge
