// Functions of one byte: sixteen a thread, or four where the values are words; of two bytes: four a
// thread where the operands lie alike, else one. Bound by memory; large tables stay in L1.
#include "backends/cuda/common/launch.cuh"
#include "backends/cuda/common/launch_chained.cuh"
#include "backends/cuda/elementwise/broadcast.cuh"

namespace octet::cuda {
namespace {

__device__ __forceinline__ unsigned look_up4(const unsigned char* table, unsigned word) {
  return table[word & 0xff] | table[word >> 8 & 0xff] << 8 | table[word >> 16 & 0xff] << 16 |
         static_cast<unsigned>(table[word >> 24]) << 24;
}

// What kernels of one byte begin with. A table is a constant: it is read while the kernel before
// still runs.
template <typename Entry>
__device__ __forceinline__ void begin_with_table(Entry (&shared)[256], const Entry* table) {
  static_assert(kElementThreads == 256);
  allow_next_kernel();
  shared[threadIdx.x] = table[threadIdx.x];
  __syncthreads();
  wait_for_earlier_kernels();
}

__global__ void table1_bytes(const unsigned char* table, const uint4* x, uint4* y,
                             long long count) {
  __shared__ unsigned char shared[256];
  begin_with_table(shared, table);
  const long long i = element_index();
  if (i * 16 >= count) return;
  if (i * 16 + 16 <= count) {
    const uint4 v = x[i];
    y[i] = make_uint4(look_up4(shared, v.x), look_up4(shared, v.y), look_up4(shared, v.z),
                      look_up4(shared, v.w));
    return;
  }
  for (long long k = i * 16; k < count; ++k)
    reinterpret_cast<unsigned char*>(y)[k] = shared[reinterpret_cast<const unsigned char*>(x)[k]];
}

__global__ void table1_words(const unsigned* table, const unsigned* x, uint4* y, long long count) {
  __shared__ unsigned shared[256];
  begin_with_table(shared, table);
  const long long i = element_index();
  if (i * 4 >= count) return;
  if (i * 4 + 4 <= count) {
    const unsigned v = x[i];
    y[i] = make_uint4(shared[v & 0xff], shared[v >> 8 & 0xff], shared[v >> 16 & 0xff],
                      shared[v >> 24]);
    return;
  }
  for (long long k = i * 4; k < count; ++k)
    reinterpret_cast<unsigned*>(y)[k] = shared[reinterpret_cast<const unsigned char*>(x)[k]];
}

__global__ void table2_same(const unsigned char* table, const unsigned* a, const unsigned* b,
                            unsigned* y, long long count) {
  begin_in_chain();
  const long long i = element_index();
  if (i * 4 >= count) return;
  if (i * 4 + 4 <= count) {
    const unsigned u = a[i], v = b[i];
    unsigned word = 0;
#pragma unroll
    for (int k = 0; k < 4; ++k)
      word |=
          static_cast<unsigned>(__ldg(table + ((u >> (8 * k) & 0xff) << 8 | (v >> (8 * k) & 0xff))))
          << (8 * k);
    y[i] = word;
    return;
  }
  const auto* ab = reinterpret_cast<const unsigned char*>(a);
  const auto* bb = reinterpret_cast<const unsigned char*>(b);
  for (long long k = i * 4; k < count; ++k)
    reinterpret_cast<unsigned char*>(y)[k] = table[ab[k] << 8 | bb[k]];
}

__global__ void table2_any(const __grid_constant__ BroadcastParams p, const unsigned char* table,
                           const unsigned char* a, const unsigned char* b, unsigned char* y) {
  begin_in_chain();
  const long long i = element_index();
  if (i >= p.count) return;
  const Offsets o = offsets_of(p, i);
  y[i] = __ldg(table + (a[o.a] << 8 | b[o.b]));
}

}  // namespace

void launch_table1(const void* table, const void* x, void* y, long long count, int entry_bytes,
                   cudaStream_t stream) {
  if (count == 0) return;
  if (entry_bytes == 1)
    launch_chained(table1_bytes, {element_blocks((count + 15) / 16), kElementThreads}, stream,
                   static_cast<const unsigned char*>(table), static_cast<const uint4*>(x),
                   static_cast<uint4*>(y), count);
  else
    launch_chained(table1_words, {element_blocks((count + 3) / 4), kElementThreads}, stream,
                   static_cast<const unsigned*>(table), static_cast<const unsigned*>(x),
                   static_cast<uint4*>(y), count);
}

void launch_table2(const BroadcastParams& params, const unsigned char* table, const void* a,
                   const void* b, void* y, cudaStream_t stream) {
  if (params.count == 0) return;
  if (params.same)
    launch_chained(table2_same, {element_blocks((params.count + 3) / 4), kElementThreads}, stream,
                   table, static_cast<const unsigned*>(a), static_cast<const unsigned*>(b),
                   static_cast<unsigned*>(y), params.count);
  else
    launch_chained(table2_any, {element_blocks(params.count), kElementThreads}, stream, params,
                   table, static_cast<const unsigned char*>(a),
                   static_cast<const unsigned char*>(b), static_cast<unsigned char*>(y));
}

}  // namespace octet::cuda
