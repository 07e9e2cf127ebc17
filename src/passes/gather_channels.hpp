// Channel shuffles and the halves taken from them become gathers of channels.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// A chain of reshape, transpose and subtensor (one index of an axis) from {N,C,H,W} to {N,C',H,W}
// that only picks or orders channels becomes one gather along axis 1, which works in any layout. A
// slice of the channels of such a gather becomes a gather itself. The bits stay.
Pass gather_channels_pass();

}  // namespace octet
