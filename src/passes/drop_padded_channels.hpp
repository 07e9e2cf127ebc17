// Takes channels away that were added for a packed layout and that nobody needs.
#pragma once

#include "passes/pass.hpp"

namespace octet {

// A dense quantised convolution whose filter is zero for the last input channels, which a pad or a
// concat has added (MegEngine's dumps with a layout: 3 channels of pictures become 4), reads the
// value without them. Its quantising step and relayout can then be one. The bits stay.
Pass drop_padded_channels_pass();

}  // namespace octet
