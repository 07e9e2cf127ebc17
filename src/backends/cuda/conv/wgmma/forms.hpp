// Every epilogue that the Hopper convolutions are compiled for. An entry here stands for one .cu
// file of one line in each family (wgmma/gemm_*.cu, halo/halo_*.cu).
#pragma once

#include "backends/cuda/conv/wgmma/params.hpp"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
struct BuiltForm {
  static constexpr WgmmaForm kForm{Rule, Z, Unsigned, Plain};
};

template <typename... Forms>
struct FormList {};

using BuiltForms = FormList<BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::none, false, true>,
                            BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::once, false, true>,
                            BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::twice, false, true>,
                            BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::none, false, false>,
                            BuiltForm<WgmmaRule::scaled_bias, WgmmaZ::twice, false, false>,
                            BuiltForm<WgmmaRule::integer_bias, WgmmaZ::none, false, true>,
                            BuiltForm<WgmmaRule::integer_bias, WgmmaZ::once, false, true>,
                            BuiltForm<WgmmaRule::integer_bias, WgmmaZ::none, false, false>,
                            BuiltForm<WgmmaRule::onnx, WgmmaZ::none, false, false>,
                            BuiltForm<WgmmaRule::onnx, WgmmaZ::twice, false, false>,
                            BuiltForm<WgmmaRule::onnx, WgmmaZ::none, true, false>,
                            BuiltForm<WgmmaRule::onnx, WgmmaZ::twice, true, false>>;

// make(BuiltForm<...>{}) of the entry that is `form`; a value-initialised Result where it is not
// built.
template <typename Result, typename Make, typename... Forms>
Result for_form(const WgmmaForm& form, Make make, FormList<Forms...>) {
  Result result{};
  static_cast<void>(((Forms::kForm == form && (result = make(Forms{}), true)) || ...));
  return result;
}
template <typename Result, typename Make>
Result for_form(const WgmmaForm& form, Make make) {
  return for_form<Result>(form, make, BuiltForms{});
}

}  // namespace octet::cuda
