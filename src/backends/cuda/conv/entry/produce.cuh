// From the image's rows to pixels of four bytes. See entry.cuh.
#pragma once

#include "backends/cuda/conv/entry/block.cuh"
#include "backends/cuda/conv/stem/quantise.cuh"

namespace octet::cuda {

// A thread has quads of a group, four pixels of a row of all channels, as many as a warp has units.
// It reads what it copied itself, so that it waits for nobody.
template <typename G>
class EntryProducer {
 public:
  __device__ __forceinline__ EntryProducer(const EntryParams& p, const EntryShared<G>& shared,
                                           const EntrySegment& segment)
      : p_(p) {
    const int thread = shared.thread();
    raw_ = shared.raw(p, thread);
    row_bytes_ = p.quads.value * G::kQuadBytes;
    from_ = static_cast<const std::byte*>(p.x) +
            static_cast<long long>(segment.image) * p.channels * p.h * row_bytes_ +
            thread * G::kQuadBytes;
#pragma unroll
    for (int i = 0; i < G::kUnits; ++i) {
      const int number = thread + i * G::kThreads, of_group = divide(number, p.quads);
      const int quad = number - of_group * p.quads.value;
      of_group_[i] = of_group < kEntryGroupRows ? of_group : kNoRow;
      to_[i] = shared.row(p, 0, of_group) + (kEntryMargin + 4 * quad) * kEntryPixelBytes;
    }
  }

  // Starts a group on its way, or the last of its rows.
  template <bool kLastRow = false>
  __device__ __forceinline__ void copy(int group) const {
    const int top = top_of(group);
    const std::byte* const rows = from_ + top * row_bytes_;
#pragma unroll
    for (int i = 0; i < G::kUnits; ++i) {
      if (!is_inside(top, i) || (kLastRow && of_group_[i] != kEntryGroupRows - 1)) continue;
#pragma unroll
      for (int c = 0; c < 3; ++c)
        copy_async<G::kQuadBytes>(raw(i, c), rows + p_.planes_at[c] + i * kQuadsApart);
    }
    commit_copies();
  }

  // Writes the group that is on its way to a place: so many quads.
  template <int kCount>
  __device__ __forceinline__ void write(int group, int place) const {
    wait_copies<0>();
    std::uint32_t quads[kCount][3];
    const int top = top_of(group);
#pragma unroll
    for (int i = 0; i < kCount; ++i)
#pragma unroll
      for (int c = 0; c < 3; ++c) {
        const std::uint32_t read = read_quad(raw(i, c));
        quads[i][c] = is_inside(top, i) ? read : p_.padding;
      }
#pragma unroll
    for (int i = 0; i < kCount; ++i)
      if (of_group_[i] != kNoRow)
        store_pixels(to_[i] + place * kEntryGroupRows * p_.row_bytes, quads[i]);
  }

 private:
  static constexpr int kNoRow = 1 << 30;  // of a quad that there is not
  static constexpr int kQuadsApart = G::kThreads * G::kQuadBytes;

  // The image's row that a group begins with.
  __device__ __forceinline__ int top_of(int group) const {
    return group * kEntryGroupRows - 1 - p_.pad_top;
  }
  __device__ __forceinline__ bool is_inside(int top, int i) const {
    return static_cast<unsigned>(top + of_group_[i]) < static_cast<unsigned>(p_.h);
  }
  __device__ __forceinline__ std::uint32_t raw(int i, int channel) const {
    return raw_ + channel * p_.raw_bytes + i * kQuadsApart;
  }
  __device__ __forceinline__ std::uint32_t read_quad(std::uint32_t from) const {
    if constexpr (G::kInput == StemInput::bytes) return load_shared_4(from);
    else return quantise_quad<G::kInput>(p_.quantiser, load_shared_floats(from));
  }
  // Of three channels, four pixels each.
  __device__ __forceinline__ static void store_pixels(std::uint32_t to,
                                                      const std::uint32_t (&quads)[3]) {
    const std::uint32_t low = __byte_perm(quads[0], quads[1], 0x5140);
    const std::uint32_t high = __byte_perm(quads[0], quads[1], 0x7362);
    store_shared_words(to,
                       {__byte_perm(low, quads[2], 0x4410), __byte_perm(low, quads[2], 0x5532),
                        __byte_perm(high, quads[2], 0x6610), __byte_perm(high, quads[2], 0x7732)});
  }

  const EntryParams& p_;
  const std::byte* from_;    // the image, and in it the first of a group's quads
  int row_bytes_;            // of a channel of it
  int of_group_[G::kUnits];  // the row of a quad
  std::uint32_t raw_, to_[G::kUnits];
};

}  // namespace octet::cuda
