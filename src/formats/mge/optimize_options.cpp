#include "formats/mge/optimize_options.hpp"

#include <string_view>
#include <vector>

#include "base/format.hpp"

namespace octet::mge {
namespace {

constexpr std::string_view kFlags[] = {"f16_io_f32_comp",
                                       "f16_io_comp",
                                       "fuse_conv_bias_nonlinearity",
                                       "fuse_conv_bias_with_z",
                                       "weight_preprocess",
                                       "fuse_preprocess",
                                       ""};  // fuse_grain: on in every dump, changes no number
constexpr std::string_view kLayouts[] = {"",           "nchw4",  "nhwcd4", "nchw88", "nchw44",
                                         "nchw44_dot", "nchw32", "chwn4",  "nchw64"};

}  // namespace

std::string describe_options(std::uint64_t options) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < std::size(kFlags); ++bit)
    if ((options >> bit & 1) != 0 && !kFlags[bit].empty()) names.emplace_back(kFlags[bit]);
  const std::uint64_t layout = options >> 32;
  if (layout >= std::size(kLayouts)) names.push_back(concat("layout ", layout));
  else if (layout != 0) names.emplace_back(kLayouts[layout]);
  return join(names);
}

}  // namespace octet::mge
