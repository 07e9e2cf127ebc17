#include "backends/cuda/conv/stem/instances.cuh"

namespace octet::cuda {

template StemKernel stem_instance<StemInput::f32_onnx, true, WgmmaRule::onnx, false>(int, bool);

}  // namespace octet::cuda
