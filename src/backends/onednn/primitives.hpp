// Every call of oneDNN is behind this header, so that another version of it touches one file.
#pragma once

#include <memory>
#include <octet/tensor.hpp>
#include <span>

#include "kernels/kernel.hpp"
#include "ops/attributes.hpp"

namespace octet::onednn {

// Whether byte products are exact here: without VNNI instructions oneDNN adds pairs of them in 16
// bits, which saturate.
Verdict check_exact_products();

// What happens to a result before it is stored. Scales and bias may be empty.
struct Finish {
  std::vector<float> scales;    // of integer sums, one per output channel
  std::vector<std::byte> bias;  // s32 for integers, else f32; added before the scale
  Activation activation;        // none, relu or clip
  int y_zero_point = 0;
};

// Activations are {N,C,H,W} in `layout` (NCHW or NHWC), weights {K,C/G,R,S}.
struct ConvSpec {
  DType x_dtype = DType::u8, w_dtype = DType::s8, y_dtype = DType::s32;
  Layout layout = kNHWC;
  Shape x, w, y;
  Window2d window;
  std::int64_t groups = 1;
  int x_zero_point = 0;
  Finish finish;
};

// x {M,K} times w {K,N}, f32; with `transposed` w is {N,K}.
struct MatMulSpec {
  std::int64_t m = 0, k = 0, n = 0;
  bool transposed = false;
  Finish finish;
};

// The threads that oneDNN uses in calls from this thread while the object lives. OpenMP keeps the
// number per calling thread, so sessions with other numbers are not touched.
class ThreadCount {
 public:
  explicit ThreadCount(int threads);
  ~ThreadCount();
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

// An operation with its weights inside. run() may be called from many threads at once.
class Primitive {
 public:
  virtual ~Primitive() = default;
  virtual std::size_t scratchpad() const = 0;  // bytes
  virtual void run(const std::byte* x, std::byte* y, std::byte* scratchpad) const = 0;
};

// Why oneDNN cannot do it, or accept().
Verdict check(const ConvSpec& spec);
Verdict check(const MatMulSpec& spec);
// `weights` are in the order that the spec says; they are packed, not kept.
// Throw Error(unavailable) where oneDNN fails.
std::unique_ptr<Primitive> make(const ConvSpec& spec, const std::byte* weights);
std::unique_ptr<Primitive> make(const MatMulSpec& spec, const std::byte* weights);

// "oneDNN 2.6.3".
std::string version();

}  // namespace octet::onednn
