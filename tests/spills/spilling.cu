// A kernel that needs more registers than a thread of a full block has.
__global__ void __launch_bounds__(1024) spilling(float* values, int rounds) {
  constexpr int kHeld = 128;
  float held[kHeld];
#pragma unroll
  for (int i = 0; i < kHeld; ++i) held[i] = values[i * 1024 + threadIdx.x];
  for (int round = 0; round < rounds; ++round)
#pragma unroll
    for (int i = 0; i < kHeld; ++i) held[i] = held[i] * held[(i + 1) % kHeld] + values[round];
#pragma unroll
  for (int i = 0; i < kHeld; ++i) values[i * 1024 + threadIdx.x] = held[i];
}
