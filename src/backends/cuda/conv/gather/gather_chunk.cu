#include "backends/cuda/conv/gather/gather.cuh"

namespace octet::cuda {

template <>
GatherConvLaunch gather_conv<Loader::chunk>(int tile_n) {
  return tile_n == 128 ? launch_gather_conv<GatherConv<128, Loader::chunk>>
                       : launch_gather_conv<GatherConv<64, Loader::chunk>>;
}

}  // namespace octet::cuda
