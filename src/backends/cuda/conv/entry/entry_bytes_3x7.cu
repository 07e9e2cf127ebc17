#include "backends/cuda/conv/entry/entry.cuh"

namespace octet::cuda {

template EntryLaunch entry_instance<StemInput::bytes, 3, 7>(HiddenForm);

}  // namespace octet::cuda
