// How the persistent kernels share their work: the tiles of a block, the ring of stages, and the
// turns of the teams of warpgroups.
#pragma once

#include "backends/cuda/common/ptx_hopper.cuh"
#include "backends/cuda/conv/wgmma/epilogue.cuh"

namespace octet::cuda {

// The tiles of a block or team: every `step`-th from `first` on, channels first, so that blocks
// that run together share their pixels. Division is slow, so it is done once.
struct TileWalk {
  int n, m;  // tile of channels, tile of pixels
  int n_step, m_step;

  __device__ __forceinline__ TileWalk(int first, int step, int n_tiles)
      : n(first % n_tiles), m(first / n_tiles), n_step(step % n_tiles), m_step(step / n_tiles) {}
  __device__ __forceinline__ void advance(int n_tiles) {
    n += n_step;
    m += m_step;
    if (n >= n_tiles) {
      n -= n_tiles;
      ++m;
    }
  }
};

struct RingPosition {
  int stage, parity;

  __device__ __forceinline__ void advance(int stages) {
    if (++stage == stages) {
      stage = 0;
      parity ^= 1;
    }
  }
  // By `rounds` times the ring and `more` stages.
  __device__ __forceinline__ void skip(int rounds, int more, int stages) {
    stage += more;
    parity ^= rounds & 1;
    if (stage >= stages) {
      stage -= stages;
      parity ^= 1;
    }
  }
};

// The ring as a team sees it: its tile's stages, then those that the other teams take.
struct TeamRing {
  RingPosition at{0, 0};
  int rounds, more;

  __device__ __forceinline__ TeamRing(int team, int teams, int k_tiles, int stages) {
    const int before = team * k_tiles, between = (teams - 1) * k_tiles;
    at.skip(before / stages, before % stages, stages);
    rounds = between / stages;
    more = between % stages;
  }
  __device__ __forceinline__ void skip_others(int stages) { at.skip(rounds, more, stages); }
};

// Teams multiply in turns, in the order of their tiles, so that one has the Tensor Cores while
// others finish theirs. It is also what keeps a team from taking a stage one round of the ring too
// early: it waits for its first stage when all stages before that have been filled.
template <typename G>
struct Turns {
  static constexpr int kThreads = 2 * 128 * G::kGroups;

  static __device__ __forceinline__ int barrier(int team) {
    return 1 + G::kConsumers + team % G::kTeams;
  }
  static __device__ __forceinline__ void begin(int team) {
    if (G::kTeams > 1 && team == G::kTeams - 1) named_barrier_arrive(barrier(0), kThreads);
  }
  static __device__ __forceinline__ void take(int team) {
    if (G::kTeams > 1) named_barrier_sync(barrier(team), kThreads);
  }
  static __device__ __forceinline__ void hand_over(int team) {
    if (G::kTeams > 1) named_barrier_arrive(barrier(team + 1), kThreads);
  }
  // The last turn was offered to a team that has no tile; it takes it, so that no barrier is left
  // half full. `tiles` are those of all blocks.
  static __device__ __forceinline__ void end(int team, int tiles) {
    const int grid = static_cast<int>(gridDim.x);
    const int here = (tiles - static_cast<int>(blockIdx.x) + grid - 1) / grid;
    if (here % G::kTeams == team) take(team);
  }
};

// Calls finish.template operator()<how>() with the way in which a kernel G finishes its values.
template <typename G, typename Function>
__device__ __forceinline__ void finish_by_form(const WgmmaConvParams& p, Function finish) {
  if constexpr (G::kZ == WgmmaZ::twice) {
    if (p.proved) finish.template operator()<Finish::proved>();
    else finish.template operator()<Finish::canonical>();
  } else if (G::kPlain && p.relu_mask != 0) {
    finish.template operator()<G::kPlain ? Finish::relu : Finish::canonical>();
  } else {
    finish.template operator()<Finish::canonical>();
  }
}

}  // namespace octet::cuda
