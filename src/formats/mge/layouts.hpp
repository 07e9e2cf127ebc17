// Tensors that a dump has stored in a packed layout, as ordinary values of higher rank.
//
// The graph speaks of logical N,C,H,W everywhere, so an operator on packed values becomes: unpack,
// the plain operator, pack. Packing is transpose, reshape, transpose, written so that the reshape
// needs no extents: a pair of unpack and pack cancels axis by axis, and batch and image size may
// change.
#pragma once

#include "formats/mge/lower.hpp"

namespace octet::mge {

inline constexpr Layout kNCHW8{{'N', 'C', 'H', 'W'}, 8};

// The layouts of an operator's activations in a convolution format.
struct FormatLayouts {
  Layout src, dst;
};
// Throws Error(unsupported) for formats of other devices (NHWCD4).
FormatLayouts layouts_of(fbs::ConvFormat format);

// From the stored value, of rank 4 or 5, to {N,C,H,W}.
ValueId unpack(Context& context, ValueId value, const Layout& layout);
// The other way. Channels must be a multiple of layout.vector.
ValueId pack(Context& context, ValueId value, const Layout& layout);

// A filter in the form that Conv2d wants, {K,C/G,R,S}.
struct Filter {
  ValueId value = kNoValue;
  std::int64_t groups = 1;
};
Filter unpack_filter(Context& context, ValueId value, fbs::ConvFormat format,
                     fbs::ConvSparse sparse);

// `value` {N,C,...} with zero channels added up to a multiple of `multiple`.
ValueId pad_channels(Context& context, ValueId value, std::size_t axis, std::int64_t multiple);

}  // namespace octet::mge
