// Inline functions that the kernels of a GPU call too, so that their arithmetic is written once.
//
// Such a function is plain arithmetic: it throws nothing, allocates nothing, and every operation is
// rounded by itself on both sides.
#pragma once

#ifdef __CUDACC__
#define OCTET_DEVICE __host__ __device__
#else
#define OCTET_DEVICE
#endif
