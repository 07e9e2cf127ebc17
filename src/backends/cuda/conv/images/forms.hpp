// Every epilogue that the convolution over images is compiled for: CHWN4 is a layout of MegEngine's
// graphs, which are s8. An entry stands for one images_*.cu file of one line.
#pragma once

#include "backends/cuda/conv/images/params.hpp"
#include "backends/cuda/conv/wgmma/forms.hpp"

namespace octet::cuda {

using ImagesForms = FormList<BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::none, false, true>,
                             BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::none, false, false>,
                             BuiltForm<WgmmaRule::integer_bias, WgmmaZ::none, false, true>,
                             BuiltForm<WgmmaRule::integer_bias, WgmmaZ::once, false, true>,
                             BuiltForm<WgmmaRule::integer_bias, WgmmaZ::none, false, false>,
                             BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::once, false, true>,
                             BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::twice, false, true>>;

// Defined by the images_*.cu files, one instance each.
template <WgmmaRule Rule, WgmmaZ Z, bool Plain>
ImagesLaunch images_form(int tile);

}  // namespace octet::cuda
