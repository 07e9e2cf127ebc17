#include "backends/cuda/conv/entry/entry.cuh"

namespace octet::cuda {

template EntryLaunch entry_instance<StemInput::bytes, 4, 4, 2>(HiddenForm);

}  // namespace octet::cuda
