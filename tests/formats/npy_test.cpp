#include "formats/tensors/npy.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <array>
#include <filesystem>
#include <numeric>

#include "files/npy_bytes.hpp"
#include "support/bytes.hpp"

namespace octet {
namespace {

using test::as_bytes;
using test::npy;
using test::npy_header;
using test::to_text;

Tensor read(const std::string& file) { return read_npy(as_bytes(file), "x.npy"); }

// `count` elements 1, 2, 3, ... of `size` bytes.
std::string counting(std::size_t count, std::size_t size, bool big_endian) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < size; ++k)
      out += (big_endian ? k == size - 1 : k == 0) ? static_cast<char>(i + 1) : '\0';
  return out;
}

struct ElementCase {
  std::string descr;
  DType dtype;
};

class NpyElements : public ::testing::TestWithParam<ElementCase> {};

TEST_P(NpyElements, ReadBothByteOrdersAndWriteTheSameBytes) {
  const auto& [name, dtype] = GetParam();
  const std::size_t size = size_of(dtype);
  const std::string little = counting(6, size, false);
  const char order = size == 1 ? '|' : '<';
  const Tensor tensor = read(npy(npy_header(order + name, "(2, 3)"), little));
  EXPECT_EQ(tensor.type().to_string(), std::string(to_string(dtype)) + "{2,3}");
  if (dtype != DType::boolean) {
    EXPECT_EQ(to_text({tensor.data(), tensor.bytes()}), little);
  }
  const Tensor swapped = read(npy(npy_header('>' + name, "(2, 3)"), counting(6, size, true)));
  EXPECT_EQ(to_text({swapped.data(), swapped.bytes()}), to_text({tensor.data(), tensor.bytes()}));

  const std::string written = to_text(write_npy(tensor));
  EXPECT_EQ(written.size() % 64, (6 * size) % 64);
  EXPECT_NE(written.find(npy_header(order + name, "(2, 3)")), std::string::npos) << written;
  const Tensor again = read(written);
  EXPECT_EQ(again.type(), tensor.type());
  EXPECT_EQ(to_text({again.data(), again.bytes()}), to_text({tensor.data(), tensor.bytes()}));
}

INSTANTIATE_TEST_SUITE_P(
    All, NpyElements,
    ::testing::Values(ElementCase{"f4", DType::f32}, ElementCase{"f2", DType::f16},
                      ElementCase{"f8", DType::f64}, ElementCase{"i1", DType::s8},
                      ElementCase{"u1", DType::u8}, ElementCase{"i2", DType::s16},
                      ElementCase{"u2", DType::u16}, ElementCase{"i4", DType::s32},
                      ElementCase{"u4", DType::u32}, ElementCase{"i8", DType::s64},
                      ElementCase{"u8", DType::u64}, ElementCase{"b1", DType::boolean}),
    [](const auto& row) { return row.param.descr; });

TEST(Npy, AnyNonZeroByteIsTrue) {
  const Tensor tensor = read(npy(npy_header("|b1", "(3,)"), std::string("\0\1\xff", 3)));
  EXPECT_EQ(to_text({tensor.data(), 3}), std::string("\0\1\1", 3));
}

TEST(Npy, ReadsHeaderVersionsTwoAndThree) {
  for (const char major : {'\2', '\3'}) {
    const Tensor tensor = read(npy(npy_header("|i1", "(2,)"), "ab", major));
    EXPECT_EQ(tensor.shape(), (Shape{2}));
  }
}

TEST(Npy, BringsFortranOrderIntoRowMajor) {
  const Tensor tensor = read(npy(npy_header(">i2", "(2, 3)", "True"), counting(6, 2, true)));
  const auto values = tensor.values<std::int16_t>();
  EXPECT_EQ(std::vector(values.begin(), values.end()),
            (std::vector<std::int16_t>{1, 3, 5, 2, 4, 6}));
}

TEST(Npy, FortranOrderOfFourAxesFollowsTheStrides) {
  const std::array<std::size_t, 4> extent{2, 3, 4, 5};
  std::string payload(120, '\0');
  std::iota(payload.begin(), payload.end(), '\0');
  const Tensor tensor = read(npy(npy_header("|u1", "(2, 3, 4, 5)", "True"), payload));
  std::size_t at = 0;
  for (std::size_t a = 0; a < extent[0]; ++a)
    for (std::size_t b = 0; b < extent[1]; ++b)
      for (std::size_t c = 0; c < extent[2]; ++c)
        for (std::size_t d = 0; d < extent[3]; ++d)
          EXPECT_EQ(tensor.values<std::uint8_t>()[at++], a + 2 * (b + 3 * (c + 4 * d)));
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  EXPECT_EQ(read(npy(npy_header("<f4", "()"), counting(1, 4, false))).shape(), Shape{});
  EXPECT_EQ(read(npy(npy_header("<f4", "(3, 0)"), "")).shape(), (Shape{3, 0}));
  EXPECT_EQ(to_text(write_npy(Tensor(TensorType{DType::f32, Shape{}, kNCHW, {}}))).size(),
            128u + 4u);
}

TEST(Npy, TakesTheDictionaryInAnySpelling) {
  const Tensor tensor =
      read(npy("{\"shape\":(2L,),\"fortran_order\":False,  \"descr\":\"=i1\"}  ", "ab"));
  EXPECT_EQ(tensor.type().to_string(), "s8{2}");
}

TEST(Npy, WritesQuantisedValuesAsTheirIntegers) {
  Tensor tensor(TensorType{DType::s4, Shape{3}, kNCHW, Quant::per_tensor(0.5f)});
  tensor.mutable_values<std::int8_t>()[1] = -8;
  const Tensor again = read_npy(write_npy(tensor), "x.npy");
  EXPECT_EQ(again.type().to_string(), "s8{3}");
  EXPECT_EQ(again.values<std::int8_t>()[1], -8);
}

TEST(Npy, RefusesToWriteWhatTheFormatLacks) {
  EXPECT_EQ(test::failure_of([] {
              (void)write_npy(Tensor({DType::bf16, Shape{1}, kNCHW, {}}));
            }).code(),
            StatusCode::unsupported);
}

TEST(Npy, FilesKeepTheTensor) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("octet_npy_" + std::to_string(::getpid())))
          .string();
  const std::array<float, 3> values{1.5f, -2.0f, 0.0f};
  write_npy_file(path, Tensor::from<float>({DType::f32, Shape{3}, kNCHW, {}}, values));
  const Tensor tensor = read_npy_file(path);
  EXPECT_TRUE(std::equal(values.begin(), values.end(), tensor.values<float>().begin()));
  std::filesystem::remove(path);
  test::expect_failure([&] { (void)read_npy_file(path); }, StatusCode::io_error,
                       "No such file or directory", path);
}

}  // namespace
}  // namespace octet
