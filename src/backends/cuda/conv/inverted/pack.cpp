#include "backends/cuda/conv/inverted/pack.hpp"

#include <algorithm>

namespace octet::cuda {

int inverted_channel(int column) { return column % 8 / 2 * 4 + column / 8 * 2 + column % 2; }

int project_channel(int column, int n) {
  const int in_pairs = n / 16 * 16;
  return column < in_pairs ? column / 16 * 16 + inverted_channel(column % 16) : column;
}

int project_k(int channel) {
  const int group = channel / 8;
  return group / 2 * 16 + channel % 8 / 2 * 4 + group % 2 * 2 + channel % 2;
}

void pack_depthwise(Piece piece, const Filter& filter, int first, int channels) {
  for (int c = 0; c < std::min(channels, filter.k - first); ++c)
    for (int s = 0; s < 3; ++s)
      for (int r = 0; r < 3; ++r) piece.at[c * 16 + s * 4 + r] = filter.at(first + c, 0, r, s);
}

}  // namespace octet::cuda
