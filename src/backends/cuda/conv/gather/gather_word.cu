#include "backends/cuda/conv/gather/gather.cuh"

namespace octet::cuda {

template <>
GatherConvLaunch gather_conv<Loader::word>(int tile_n) {
  return tile_n == 128 ? launch_gather_conv<GatherConv<128, Loader::word>>
                       : launch_gather_conv<GatherConv<64, Loader::word>>;
}

}  // namespace octet::cuda
