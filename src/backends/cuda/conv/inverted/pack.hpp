// What the kernels of inverted residual blocks have in common in their packed constants.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "backends/cuda/conv/filter_pack.hpp"
#include "backends/cuda/conv/inverted/chain.hpp"

namespace octet::cuda {

// A piece of them while it is filled.
struct Piece {
  std::int8_t* at;

  void put_word(int offset, std::uint32_t value) {
    const auto bytes = std::bit_cast<std::array<std::int8_t, 4>>(value);
    for (int i = 0; i < 4; ++i) at[offset + i] = bytes[static_cast<std::size_t>(i)];
  }
};

// The channel, of 16, that column `column` of two neighbouring products of 8 columns is: a thread's
// four sums of a pixel are neighbours then.
int inverted_channel(int column);

// The output channel of a column of the projection, of n. The last 8 columns have no partner where
// their number is odd.
int project_channel(int column, int n);

// The place in K of a hidden channel: a thread has two channels of each group of 8, in pairs of
// groups.
int project_k(int channel);

// Of so many channels from `first` on: 16 bytes each, of which a column's three taps are a word.
void pack_depthwise(Piece piece, const Filter& filter, int first, int channels);

// What the sums of so many columns meet, from the layer's channel `first` on, as
// kInvertedConstants has it. `channel_of(column)`: counted from `first`.
template <typename ChannelOf>
void pack_constants(Piece piece, const HiddenLayer& layer, int first, int columns,
                    const ChannelOf& channel_of) {
  for (int column = 0; column < columns; ++column) {
    const auto k = static_cast<std::size_t>(first + channel_of(column));
    if (k >= layer.channels.size()) continue;
    const int at = column / 8 * kInvertedConstants + column % 2 * 4, thread = column % 8 / 2;
    const auto [begin, scale, bias] = layer.channels[k];
    piece.put_word(at + thread * 8, begin);
    piece.put_word(at + 32 + thread * 16, scale);
    piece.put_word(at + 32 + thread * 16 + 8, bias);
  }
}

}  // namespace octet::cuda
