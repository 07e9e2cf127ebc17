#include "backends/onednn/primitives.hpp"

#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>

#include "base/format.hpp"

namespace octet::onednn {
namespace {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

memory::data_type data_type(DType dtype) {
  switch (dtype) {
    case DType::s8: return memory::data_type::s8;
    case DType::u8: return memory::data_type::u8;
    case DType::s32: return memory::data_type::s32;
    default: return memory::data_type::f32;
  }
}

memory::dims dims(const Shape& shape) { return {shape.begin(), shape.end()}; }

memory::desc image(DType dtype, const Shape& shape, const Layout& layout) {
  const bool nhwc = layout == kNHWC;
  return {dims(shape), data_type(dtype),
          nhwc ? memory::format_tag::nhwc : memory::format_tag::nchw};
}

dnnl::primitive_attr attributes(const Finish& finish) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (!finish.scales.empty()) attr.set_output_scales(1 << 1, finish.scales);
  dnnl::post_ops post;
  if (finish.activation.kind == ActivationKind::relu)
    post.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  if (finish.activation.kind == ActivationKind::clip)
    post.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, finish.activation.alpha,
                        finish.activation.beta);
  attr.set_post_ops(post);
  if (finish.y_zero_point != 0) attr.set_zero_points(DNNL_ARG_DST, 0, {finish.y_zero_point});
  return attr;
}

// The weights {K,C/G,R,S} with the groups as an axis of their own, in the file's order.
memory::desc plain_weights(const ConvSpec& spec) {
  const memory::dims d = dims(spec.w);
  const auto type = data_type(spec.w_dtype);
  if (spec.groups == 1) return {d, type, memory::format_tag::oihw};
  return {{spec.groups, d[0] / spec.groups, d[1], d[2], d[3]}, type, memory::format_tag::goihw};
}

memory::desc bias_desc(const Finish& finish, bool integers, memory::dims shape) {
  if (finish.bias.empty()) return {};
  const auto tag = shape.size() == 1 ? memory::format_tag::a : memory::format_tag::ab;
  return {std::move(shape), integers ? memory::data_type::s32 : memory::data_type::f32, tag};
}

dnnl::convolution_forward::primitive_desc describe(const ConvSpec& spec) {
  const memory::desc plain = plain_weights(spec);
  const memory::desc weights(plain.dims(), plain.data_type(), memory::format_tag::any);
  const auto& pad = spec.window.pad;
  const memory::dims strides{spec.window.stride[0], spec.window.stride[1]};
  const memory::dims dilations{spec.window.dilation[0] - 1, spec.window.dilation[1] - 1};
  const dnnl::convolution_forward::desc desc(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      image(spec.x_dtype, spec.x, spec.layout), weights,
      bias_desc(spec.finish, spec.x_dtype != DType::f32, {spec.w[0]}),
      image(spec.y_dtype, spec.y, spec.layout), strides, dilations, {pad[0], pad[1]},
      {pad[2], pad[3]});
  dnnl::primitive_attr attr = attributes(spec.finish);
  if (spec.x_zero_point != 0) attr.set_zero_points(DNNL_ARG_SRC, 0, {spec.x_zero_point});
  return {desc, attr, engine(), true};
}

dnnl::matmul::primitive_desc describe(const MatMulSpec& spec) {
  const auto type = memory::data_type::f32;
  const memory::desc x({spec.m, spec.k}, type, memory::format_tag::ab);
  const memory::desc w({spec.k, spec.n}, type, memory::format_tag::any);
  const memory::desc y({spec.m, spec.n}, type, memory::format_tag::ab);
  const memory::desc bias = bias_desc(spec.finish, false, {1, spec.n});
  const dnnl::primitive_attr attr = attributes(spec.finish);
  if (spec.finish.bias.empty()) return {dnnl::matmul::desc(x, w, y), attr, engine(), true};
  return {dnnl::matmul::desc(x, w, bias, y), attr, engine(), true};
}

template <typename PrimitiveDesc>
class PackedPrimitive final : public Primitive {
 public:
  PackedPrimitive(const PrimitiveDesc& desc, dnnl::primitive primitive,
                  const memory::desc& plain_weights, const std::byte* weights, const Finish& finish)
      : desc_(desc),
        primitive_(std::move(primitive)),
        weights_(desc.weights_desc(), engine()),
        bias_values_(finish.bias) {
    if (!bias_values_.empty()) bias_ = memory(desc.bias_desc(), engine(), bias_values_.data());
    memory plain(plain_weights, engine(), const_cast<std::byte*>(weights));
    dnnl::stream stream(engine());
    dnnl::reorder(plain, weights_).execute(stream, plain, weights_);
    stream.wait();
  }

  std::size_t scratchpad() const override { return desc_.scratchpad_desc().get_size(); }

  void run(const std::byte* x, std::byte* y, std::byte* scratchpad) const override {
    thread_local dnnl::stream stream(engine());
    std::unordered_map<int, memory> operands{
        {DNNL_ARG_SRC, memory(desc_.src_desc(), engine(), const_cast<std::byte*>(x))},
        {DNNL_ARG_WEIGHTS, weights_},
        {DNNL_ARG_DST, memory(desc_.dst_desc(), engine(), y)},
        {DNNL_ARG_SCRATCHPAD, memory(desc_.scratchpad_desc(), engine(), scratchpad)}};
    if (!bias_values_.empty()) operands.emplace(DNNL_ARG_BIAS, bias_);
    primitive_.execute(stream, operands);
    stream.wait();
  }

 private:
  PrimitiveDesc desc_;
  dnnl::primitive primitive_;
  memory weights_, bias_;
  std::vector<std::byte> bias_values_;
};

template <typename Spec>
Verdict try_out(const Spec& spec) {
  try {
    return describe(spec) ? Verdict::accept()
                          : Verdict::refuse("oneDNN has no implementation for this shape and type");
  } catch (const dnnl::error& error) {
    return Verdict::refuse(concat("oneDNN refuses it: ", error.message));
  }
}

template <typename F>
auto translate_errors(F&& f) {
  try {
    return f();
  } catch (const dnnl::error& error) {
    throw Error(StatusCode::unavailable, concat("oneDNN failed: ", error.message));
  }
}

}  // namespace

Verdict check_exact_products() {
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto includes = [isa](dnnl::cpu_isa wanted) {
    return (isa & static_cast<unsigned>(wanted)) == static_cast<unsigned>(wanted);
  };
  if (includes(dnnl::cpu_isa::avx512_core_vnni) || includes(dnnl::cpu_isa::avx2_vnni))
    return Verdict::accept();
  return Verdict::refuse(
      "oneDNN's byte products saturate at 16 bits on this CPU, which has no VNNI instructions");
}

ThreadCount::ThreadCount(int threads) : before_(omp_get_max_threads()) {
  omp_set_num_threads(threads);
}
ThreadCount::~ThreadCount() { omp_set_num_threads(before_); }

Verdict check(const ConvSpec& spec) { return try_out(spec); }
Verdict check(const MatMulSpec& spec) { return try_out(spec); }

std::unique_ptr<Primitive> make(const ConvSpec& spec, const std::byte* weights) {
  return translate_errors([&]() -> std::unique_ptr<Primitive> {
    const auto desc = describe(spec);
    return std::make_unique<PackedPrimitive<dnnl::convolution_forward::primitive_desc>>(
        desc, dnnl::convolution_forward(desc), plain_weights(spec), weights, spec.finish);
  });
}

std::unique_ptr<Primitive> make(const MatMulSpec& spec, const std::byte* weights) {
  return translate_errors([&]() -> std::unique_ptr<Primitive> {
    const auto desc = describe(spec);
    const memory::desc plain({spec.k, spec.n}, memory::data_type::f32,
                             spec.transposed ? memory::format_tag::ba : memory::format_tag::ab);
    return std::make_unique<PackedPrimitive<dnnl::matmul::primitive_desc>>(
        desc, dnnl::matmul(desc), plain, weights, spec.finish);
  });
}

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return concat("oneDNN ", v->major, ".", v->minor, ".", v->patch);
}

}  // namespace octet::onednn
