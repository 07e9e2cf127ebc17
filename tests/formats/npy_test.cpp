#include "formats/tensors/npy.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <array>
#include <filesystem>
#include <numeric>

#include "support/bytes.hpp"

namespace octet {
namespace {

using test::as_bytes;
using test::BadCase;
using test::to_text;

// A file whose header is `dictionary`, unpadded.
std::string npy(const std::string& dictionary, const std::string& payload, char major = 1) {
  std::string file = "\x93NUMPY";
  file += major;
  file += '\0';
  const std::size_t length = dictionary.size() + 1;
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
    file += static_cast<char>(length >> (8 * i) & 0xff);
  return file + dictionary + '\n' + payload;
}

std::string header(const std::string& descr, const std::string& shape,
                   const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

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
  const Tensor tensor = read(npy(header(order + name, "(2, 3)"), little));
  EXPECT_EQ(tensor.type().to_string(), std::string(to_string(dtype)) + "{2,3}");
  if (dtype != DType::boolean) {
    EXPECT_EQ(to_text({tensor.data(), tensor.bytes()}), little);
  }
  const Tensor swapped = read(npy(header('>' + name, "(2, 3)"), counting(6, size, true)));
  EXPECT_EQ(to_text({swapped.data(), swapped.bytes()}), to_text({tensor.data(), tensor.bytes()}));

  const std::string written = to_text(write_npy(tensor));
  EXPECT_EQ(written.size() % 64, (6 * size) % 64);
  EXPECT_NE(written.find(header(order + name, "(2, 3)")), std::string::npos) << written;
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
  const Tensor tensor = read(npy(header("|b1", "(3,)"), std::string("\0\1\xff", 3)));
  EXPECT_EQ(to_text({tensor.data(), 3}), std::string("\0\1\1", 3));
}

TEST(Npy, ReadsHeaderVersionsTwoAndThree) {
  for (const char major : {'\2', '\3'}) {
    const Tensor tensor = read(npy(header("|i1", "(2,)"), "ab", major));
    EXPECT_EQ(tensor.shape(), (Shape{2}));
  }
}

TEST(Npy, BringsFortranOrderIntoRowMajor) {
  const Tensor tensor = read(npy(header(">i2", "(2, 3)", "True"), counting(6, 2, true)));
  const auto values = tensor.values<std::int16_t>();
  EXPECT_EQ(std::vector(values.begin(), values.end()),
            (std::vector<std::int16_t>{1, 3, 5, 2, 4, 6}));
}

TEST(Npy, FortranOrderOfFourAxesFollowsTheStrides) {
  const std::array<std::size_t, 4> extent{2, 3, 4, 5};
  std::string payload(120, '\0');
  std::iota(payload.begin(), payload.end(), '\0');
  const Tensor tensor = read(npy(header("|u1", "(2, 3, 4, 5)", "True"), payload));
  std::size_t at = 0;
  for (std::size_t a = 0; a < extent[0]; ++a)
    for (std::size_t b = 0; b < extent[1]; ++b)
      for (std::size_t c = 0; c < extent[2]; ++c)
        for (std::size_t d = 0; d < extent[3]; ++d)
          EXPECT_EQ(tensor.values<std::uint8_t>()[at++], a + 2 * (b + 3 * (c + 4 * d)));
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  EXPECT_EQ(read(npy(header("<f4", "()"), counting(1, 4, false))).shape(), Shape{});
  EXPECT_EQ(read(npy(header("<f4", "(3, 0)"), "")).shape(), (Shape{3, 0}));
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

std::vector<BadCase> bad_files() {
  constexpr auto kInput = StatusCode::invalid_input;
  constexpr auto kUnsupported = StatusCode::unsupported;
  constexpr auto kLimit = StatusCode::resource_exhausted;
  const std::string good = npy(header("<f4", "(1,)"), "1234");
  std::string huge_header = good;
  huge_header[8] = huge_header[9] = '\xff';
  std::string version_9 = good;
  version_9[6] = 9;
  const std::string c = ", 'fortran_order': False, ";
  return {
      {"empty", "", kInput, "not a .npy file"},
      {"magic", "\x93NUMPX\1\0", kInput, "not a .npy file"},
      {"version_missing", good.substr(0, 7), kInput, "within its version"},
      {"version", version_9, kUnsupported, "version 9"},
      {"size_missing", good.substr(0, 9), kInput, "within its header's size"},
      {"size_missing_v2", npy("", "", 2).substr(0, 11), kInput, "within its header's size"},
      {"header_cut", good.substr(0, 30), kInput, "within its header"},
      {"header_above_limit", huge_header, kLimit, "65535 bytes; the limit is 10000"},
      {"payload_short", good.substr(0, good.size() - 1), kInput, "needs 4 bytes, but 3"},
      {"payload_long", good + "5", kInput, "needs 4 bytes, but 5"},
      {"bomb", npy(header("<f4", "(300000000,)"), "1234"), kInput, "needs 1200000000 bytes"},
      {"elements", npy(header("<f4", "(65536, 65536)"), ""), kLimit,
       "more than 2147483648 elements"},
      {"elements_beside_zero", npy(header("|i1", "(65536, 65536, 0)"), ""), kLimit, "elements"},
      {"extent", npy(header("<f4", "(2147483648,)"), ""), kLimit, "above the limit"},
      {"extent_digits", npy(header("<f4", "(99999999999999999999999,)"), ""), kLimit, "limit"},
      {"extent_negative", npy(header("<f4", "(-1,)"), ""), kInput, "negative extent -1"},
      {"extent_text", npy(header("<f4", "(a,)"), ""), kInput, "not a number"},
      {"extent_float", npy(header("<f4", "(1.5,)"), ""), kInput, "a shape of one axis"},
      {"rank", npy(header("|i1", "(1,1,1,1,1,1,1,1,1)"), "a"), kUnsupported, "more than 8 axes"},
      {"no_tuple", npy(header("|i1", "(1)"), "a"), kInput, "(n,)"},
      {"shape_list", npy(header("|i1", "[1]"), "a"), kInput, "'(' is expected"},
      {"shape_open", npy("{'descr': '|i1'" + c + "'shape': (1,", "a"), kInput, "not a number"},
      {"object", npy(header("|O", "(1,)"), "12345678"), kUnsupported, "'|O'"},
      {"type_short", npy(header("f", "(1,)"), "1234"), kInput, "too short"},
      {"object_sized", npy(header("|O8", "(1,)"), "12345678"), kUnsupported, "'|O8'"},
      {"string", npy(header("<U4", "(1,)"), "1234"), kUnsupported, "'<U4'"},
      {"bytes", npy(header("|S4", "(1,)"), "1234"), kUnsupported, "'|S4'"},
      {"complex", npy(header("<c8", "(1,)"), "12345678"), kUnsupported, "'<c8'"},
      {"substring", npy(header("<xf4", "(1,)"), "1234"), kUnsupported, "'<xf4'"},
      {"byte_order", npy(header("!f4", "(1,)"), "1234"), kUnsupported, "'!f4'"},
      {"records", npy("{'descr': [('a', '<f4')]" + c + "'shape': (1,)}", "1234"), kUnsupported,
       "structured array"},
      {"no_descr", npy("{'fortran_order': False, 'shape': (1,)}", "1"), kInput, "is missing"},
      {"no_order", npy("{'descr': '|i1', 'shape': (1,)}", "1"), kInput, "is missing"},
      {"no_shape", npy("{'descr': '|i1', 'fortran_order': False}", "1"), kInput, "is missing"},
      {"twice", npy("{'descr': '|i1', 'descr': '|i1'" + c + "'shape': (1,)}", "1"), kInput,
       "twice"},
      {"unknown_key", npy("{'descr': '|i1'" + c + "'shape': (1,), 'x': 1}", "1"), kInput, "'x'"},
      {"order_word", npy(header("|i1", "(1,)", "0"), "a"), kInput, "neither True nor False"},
      {"no_dictionary", npy("descr", "a"), kInput, "'{' is expected"},
      {"no_colon", npy("{'descr' '|i1'}", "a"), kInput, "':' is expected"},
      {"open_quote", npy("{'descr", "a"), kInput, "does not end"},
      {"open_dictionary", npy("{'descr': '|i1'", "a"), kInput, "'}' is expected"},
      {"after", npy(header("|i1", "(1,)") + " x", "a"), kInput, "text follows"},
      {"empty_dictionary", npy("{}", ""), kInput, "is missing"},
  };
}

class BadNpy : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadNpy, IsRefusedWithASentence) {
  test::expect_failure([&] { (void)read(GetParam().content); }, GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, BadNpy, ::testing::ValuesIn(bad_files()),
                         [](const auto& row) { return row.param.name; });

TEST(Npy, EveryPrefixOfAFileIsRefused) {
  const std::string file = npy(header("<i2", "(2, 2)", "True"), counting(4, 2, false));
  for (std::size_t length = 0; length < file.size(); ++length)
    EXPECT_THROW((void)read(file.substr(0, length)), Error) << length;
}

TEST(Npy, DamageIsAnErrorOrAnotherArray) {
  test::read_damaged(npy(header("<i2", "(2, 2)", "True"), counting(4, 2, false)), 5000,
                     [](const std::string& file) { (void)read(file); });
}

}  // namespace
}  // namespace octet
