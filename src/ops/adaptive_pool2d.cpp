#include "ops/operands.hpp"
#include "ops/pool.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// The fixed window that gives `outputs` positions: stride floor(in/out), the rest is the kernel.
Pool2d fixed_pool(PoolMode mode, const Shape& x, std::int64_t height, std::int64_t width) {
  require(x.rank() == 4, "the input has the shape ", x.to_string(), " where {N,C,H,W} is expected");
  require(height >= 1 && height <= x[2] && width >= 1 && width <= x[3], "adaptive pooling from ",
          x[2], " x ", x[3], " to ", height, " x ", width, " is not possible");
  Pool2d pool;
  pool.mode = mode;
  pool.window.stride = {x[2] / height, x[3] / width};
  pool.kernel = {x[2] - (height - 1) * pool.window.stride[0],
                 x[3] - (width - 1) * pool.window.stride[1]};
  return pool;
}

}  // namespace

void AdaptivePool2d::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
}

std::vector<TensorType> AdaptivePool2d::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const std::vector<std::int64_t> target = known_integers(args, 1, "target");
  require(target.size() == 2, "the target of adaptive pooling has ", target.size(),
          " elements where height and width are expected");
  const Pool2d pool = fixed_pool(mode, args.types[0].shape, target[0], target[1]);
  return pool.infer({args.types.first(1), args.known.first(1)});
}

void AdaptivePool2d::compute(std::span<const ConstView> inputs,
                             std::span<const View> outputs) const {
  const Shape& y = outputs[0].shape();
  fixed_pool(mode, inputs[0].shape(), y[2], y[3]).compute(inputs.first(1), outputs);
}

}  // namespace octet
