#include "golden/digits.hpp"

#include "formats/tensors/npy.hpp"
#include "golden/cases.hpp"

namespace octet::test {

Tensor read_digits(const std::string& name) {
  return read_npy_file(data_path("digits/" + name + ".npy"));
}

Tensor digits_input() {
  const Tensor pictures = read_digits("x");
  const std::int64_t count = pictures.shape()[0];
  Tensor input({DType::f32, Shape{count, 3, 32, 32}, kNCHW, std::nullopt});
  auto out = input.mutable_values<float>().begin();
  for (std::int64_t n = 0; n < count; ++n)
    for (int c = 0; c < 3; ++c)
      for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 32; ++x)
          *out++ =
              pictures
                  .values<std::uint8_t>()[static_cast<std::size_t>((n * 8 + y / 4) * 8 + x / 4)];
  return input;
}

}  // namespace octet::test
