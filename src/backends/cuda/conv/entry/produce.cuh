// From the image's rows to pixels of four bytes. See entry.cuh.
#pragma once

#include "backends/cuda/conv/entry/block.cuh"
#include "backends/cuda/conv/stem/quantise.cuh"

namespace octet::cuda {

// A thread has four pixels of a row of each group, a quad, of all channels. It reads what it copied
// itself, so that it waits for nobody.
template <typename G>
class EntryProducer {
 public:
  __device__ __forceinline__ EntryProducer(const EntryParams& p, const EntryShared<G>& shared,
                                           const EntrySegment& segment)
      : p_(p), first_(segment.first - 1) {
    const int thread = static_cast<int>(threadIdx.x);
    of_group_ = divide(thread, p.quads);
    const int quad = thread - of_group_ * p.quads.value;
    raw_ = shared.raw(p, thread);
    row_ = shared.row(p, 0, of_group_) + (kEntryMargin + 4 * quad) * kEntryPixelBytes;
    from_ = static_cast<const std::byte*>(p.x) +
            static_cast<long long>(segment.image) * p.channels * p.plane_bytes +
            quad * G::kQuadBytes;
  }

  // Starts a group on its way.
  __device__ __forceinline__ void copy(int group) const {
    if (is_inside(group)) {
      const std::byte* from = from_ + row_of(group) * p_.quads.value * G::kQuadBytes;
#pragma unroll
      for (int c = 0; c < 3; ++c)
        if (c < p_.channels)
          copy_async<G::kQuadBytes>(raw_ + c * p_.raw_bytes, from + c * p_.plane_bytes);
    }
    commit_copies();
  }

  // Writes the group that is on its way to a place.
  __device__ __forceinline__ void write(int group, int place) const {
    wait_copies<0>();
    if (of_group_ >= kEntryGroupRows) return;
    std::uint32_t quads[3] = {p_.padding, p_.padding, p_.padding};
    // A channel that there is not is multiplied by zero.
    if (is_inside(group)) {
#pragma unroll
      for (int c = 0; c < 3; ++c) quads[c] = read_quad(raw_ + c * p_.raw_bytes);
    }
    const std::uint32_t low = __byte_perm(quads[0], quads[1], 0x5140);
    const std::uint32_t high = __byte_perm(quads[0], quads[1], 0x7362);
    store_shared_words(row_ + place * kEntryGroupRows * p_.row_bytes,
                       {__byte_perm(low, quads[2], 0x4410), __byte_perm(low, quads[2], 0x5532),
                        __byte_perm(high, quads[2], 0x6610), __byte_perm(high, quads[2], 0x7732)});
  }

 private:
  __device__ __forceinline__ int row_of(int group) const {
    return group * kEntryGroupRows - 1 - p_.pad_top + of_group_;
  }
  // Whether this thread's pixels are ones of the image that somebody reads: of the group above the
  // first line only the last row is.
  __device__ __forceinline__ bool is_inside(int group) const {
    const int row = row_of(group), first = group > first_ ? 0 : kEntryGroupRows - 1;
    return of_group_ >= first && of_group_ < kEntryGroupRows && row >= 0 && row < p_.h;
  }
  __device__ __forceinline__ std::uint32_t read_quad(std::uint32_t from) const {
    if constexpr (G::kInput == StemInput::bytes) return load_shared_4(from);
    else return quantise_quad<G::kInput>(p_.quantiser, load_shared_floats(from));
  }

  const EntryParams& p_;
  int first_, of_group_;  // a thread without pixels has a row that no group has
  std::uint32_t raw_, row_;
  const std::byte* from_;  // of the image's first row
};

}  // namespace octet::cuda
