#include "formats/tensors/input_spec.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "base/file.hpp"
#include "base/half.hpp"
#include "files/picture_bytes.hpp"
#include "formats/tensors/convert_exact.hpp"
#include "formats/tensors/npy.hpp"
#include "support/bytes.hpp"

namespace octet {
namespace {

TensorType plain(DType dtype, const Shape& shape) { return {dtype, shape, kNCHW, std::nullopt}; }

template <typename T>
std::vector<double> numbers(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  return {values.begin(), values.end()};
}

// A folder of its own for each test, with the files that the specs name.
class InputSpec : public ::testing::Test {
 protected:
  InputSpec()
      : folder_(std::filesystem::temp_directory_path() /
                ("octet_spec_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~InputSpec() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    write_file(path(name), test::as_bytes(content));
    return path(name);
  }
  template <typename T>
  std::string write_npy(const std::string& name, const TensorType& type,
                        std::vector<T> values) const {
    write_npy_file(path(name), Tensor::from<T>(type, values));
    return path(name);
  }

  std::map<std::string, Tensor> read(std::vector<std::string> specs) const {
    return read_inputs(specs, inputs_, options_);
  }
  // The value of the only input.
  Tensor read_one(const std::string& spec) const { return read({spec}).begin()->second; }
  void expect_refused(const std::vector<std::string>& specs, StatusCode code,
                      const std::string& part) const {
    test::expect_failure([&] { (void)read(specs); }, test::BadCase{{}, {}, code, part});
  }

  std::vector<ModelInput> inputs_{{"image", plain(DType::f32, {1, 3, 1, 2})}};
  InputOptions options_;

 private:
  std::filesystem::path folder_;
};

TEST_F(InputSpec, AValueWithoutANameGoesToTheOnlyInput) {
  const std::string file =
      write_npy<float>("x.npy", plain(DType::f32, {1, 3, 1, 2}), {0, 1, 2, 3, 4, 5});
  for (const std::string& spec : {file, "data:" + file, "image:" + file, ";" + file + ";"}) {
    const auto tensors = read({spec});
    ASSERT_EQ(tensors.size(), 1u);
    EXPECT_EQ(numbers<float>(tensors.at("image")), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  }
}

TEST_F(InputSpec, PartsAndRepeatedOptionsAccumulate) {
  inputs_ = {{"a", plain(DType::s32, {2})},
             {"b", plain(DType::f32, {1, 1})},
             {"data", plain(DType::s8, {1})}};
  const auto tensors = read({"b:[1.5];a:1,2", "3"});
  EXPECT_EQ(numbers<std::int32_t>(tensors.at("a")), (std::vector<double>{1, 2}));
  EXPECT_EQ(numbers<float>(tensors.at("b")), (std::vector<double>{1.5}));
  EXPECT_EQ(numbers<std::int8_t>(tensors.at("data")), (std::vector<double>{3}));
}

TEST_F(InputSpec, ANameOfTheModelMayHoldColons) {
  inputs_ = {{"x", plain(DType::s32, {1})}, {"x:expect:0", plain(DType::s32, {1})}};
  const auto tensors = read({"x:1;x:expect:0:2"});
  EXPECT_EQ(numbers<std::int32_t>(tensors.at("x:expect:0")), (std::vector<double>{2}));
}

TEST_F(InputSpec, AJsonFileNamesItsTensors) {
  inputs_ = {{"a", plain(DType::s32, {2})}, {"b", plain(DType::f32, {1})}};
  const std::string file = write("x.json", R"({"a":{"shape":[2],"type":"int32","raw":[1,2]},
                                               "b":{"shape":[1],"type":"float","raw":[0.5]}})");
  EXPECT_EQ(numbers<float>(read({"ignored:" + file}).at("b")), (std::vector<double>{0.5}));
}

TEST_F(InputSpec, NamesThatDoNotFitAreRefused) {
  constexpr auto kCode = StatusCode::invalid_argument;
  expect_refused({"picture:{1,3,1,2}"}, kCode,
                 "the model has no input 'picture'; its inputs are: image");
  expect_refused({"image:{1,3,1,2}", "image:{1,3,1,2}"}, kCode, "'image' is given twice");
  expect_refused({}, kCode, "no value is given for input image");
  expect_refused({"image:"}, kCode, "no value follows the name in 'image:'");
  inputs_.push_back({"mask", plain(DType::f32, {1})});
  expect_refused({"{1}"}, kCode, "no input 'data'; its inputs are: image, mask");
  expect_refused({"mask:{1}"}, kCode, "no value is given for input image");
  expect_refused({"  "}, kCode, "no input 'data'");
  inputs_.clear();
  expect_refused({"{1}"}, kCode, "the model has no inputs");
}

TEST_F(InputSpec, ValuesThatDoNotFitAreRefusedWithBothSides) {
  constexpr auto kCode = StatusCode::invalid_input;
  expect_refused({"{1,3,2,2}"}, kCode,
                 "input 'image' takes f32{1,3,1,2}, but the data has the shape {1,3,2,2}");
  expect_refused({"{3,1,2}"}, kCode, "the data has the shape {3,1,2}");
  expect_refused({write_npy<float>("empty.npy", plain(DType::f32, {0, 3, 1, 2}), {})}, kCode,
                 "the data has the shape {0,3,1,2}");
  expect_refused({"cat.bmp"}, kCode, "'cat.bmp' is not a number");
  expect_refused({path("none.npy")}, StatusCode::io_error, "No such file");
  expect_refused({std::filesystem::temp_directory_path().string() + "/.npy"}, StatusCode::io_error,
                 "cannot be opened");
  inputs_ = {{"x", plain(DType::s32, {1})}};
  expect_refused({"1.0"}, kCode, "input 'x' takes s32{1}, but the data is f32{1}");
  inputs_ = {{"x", plain(DType::u8, {2})}};
  expect_refused({"1,-1"}, kCode, "the data is s32{2} and its value -1 is not representable there");
  expect_refused({"1,256"}, kCode, "its value 256");
  expect_refused({"rand(0,300,1)"}, kCode, "no u8 values");
  inputs_ = {{"x", plain(DType::boolean, {1})}};
  expect_refused({"1"}, kCode, "takes bool{1}, but the data is s32{1}");
}

TEST_F(InputSpec, TheBatchOfTheDataReplacesTheModels) {
  EXPECT_EQ(read_one("{5,3,1,2}").shape(), (Shape{5, 3, 1, 2}));
  options_.allow_other_extents = true;
  EXPECT_EQ(read_one("{5,3,7,9}").shape(), (Shape{5, 3, 7, 9}));
  expect_refused({"{3,7,9}"}, StatusCode::invalid_input, "the data has the shape {3,7,9}");
}

TEST_F(InputSpec, ABatchSizeRepeatsOrCutsTheData) {
  inputs_ = {{"x", plain(DType::s32, {1, 2})}};
  options_.batch_size = 5;
  EXPECT_EQ(numbers<std::int32_t>(read_one("[1,2],[3,4]")),
            (std::vector<double>{1, 2, 3, 4, 1, 2, 3, 4, 1, 2}));
  options_.batch_size = 1;
  EXPECT_EQ(numbers<std::int32_t>(read_one("[1,2],[3,4]")), (std::vector<double>{1, 2}));
  options_.batch_size = 1ll << 40;
  expect_refused({"[1,2]"}, StatusCode::resource_exhausted, "elements");
}

TEST_F(InputSpec, RandomValuesFillTheWholeBatch) {
  const Tensor one = read_one("rand(0,1,7)");
  EXPECT_EQ(one.shape(), (Shape{1, 3, 1, 2}));
  options_.batch_size = 2;
  const Tensor two = read_one("rand(0,1,7)");
  ASSERT_EQ(two.shape(), (Shape{2, 3, 1, 2}));
  EXPECT_EQ(numbers<float>(one)[5], numbers<float>(two)[5]);
  EXPECT_NE(numbers<float>(two)[0], numbers<float>(two)[6]);
}

TEST_F(InputSpec, APictureBecomesPlanesInFileOrder) {
  const std::string file = write("x.ppm", "P6 2 1 255\nabcdef");
  EXPECT_EQ(read_one(file).type().to_string(), "f32{1,3,1,2}");
  EXPECT_EQ(numbers<float>(read_one(file)), (std::vector<double>{'a', 'd', 'b', 'e', 'c', 'f'}));
  options_.swap_channels = true;
  EXPECT_EQ(numbers<float>(read_one(file)), (std::vector<double>{'c', 'f', 'b', 'e', 'a', 'd'}));
  options_.batch_size = 2;
  EXPECT_EQ(read_one(file).shape(), (Shape{2, 3, 1, 2}));
}

TEST_F(InputSpec, EveryKindOfPictureFits) {
  EXPECT_EQ(numbers<float>(read_one(write("x.PNG", test::png(2, 1, 8, 2, "abcdef", 6))))[1], 'd');
  EXPECT_EQ(numbers<float>(read_one(write("x.pgm", "P5 2 1 255\nab"))),
            (std::vector<double>{'a', 'b', 'a', 'b', 'a', 'b'}));
  inputs_ = {{"x", plain(DType::u8, {1, 1, 8, 8})}};
  EXPECT_EQ(numbers<std::uint8_t>(read_one(write("x.jpg", test::jpeg({80})))),
            std::vector<double>(64, 138));
}

TEST_F(InputSpec, AQuantisedInputTakesStoredIntegers) {
  inputs_ = {{"x", {DType::u8, Shape{1, 1, 1, 2}, kNCHW, Quant::per_tensor(0.5f, 128)}}};
  const Tensor tensor = read_one(write("x.pgm", "P5 2 1 255\nab"));
  EXPECT_EQ(tensor.type(), inputs_[0].type);
  EXPECT_EQ(numbers<std::uint8_t>(tensor), (std::vector<double>{'a', 'b'}));
  inputs_[0].type.dtype = DType::s8;
  expect_refused({write("y.pgm", "P5 2 1 255\na\xff")}, StatusCode::invalid_input,
                 "its value 255 is not representable there");
}

TEST_F(InputSpec, PicturesThatDoNotFitAreRefusedWithBothSides) {
  constexpr auto kCode = StatusCode::invalid_input;
  expect_refused({write("size.ppm", "P6 1 2 255\nabcdef")}, kCode,
                 "takes f32{1,3,1,2}, but this picture is 1 x 2 pixels of 3 channels");
  expect_refused({write("alpha.png", test::png(2, 1, 8, 6, "abcdefgh", 8))}, kCode,
                 "2 x 1 pixels of 4 channels");
  inputs_[0].type.shape = {1, 1, 1, 2};
  expect_refused({write("colour.ppm", "P6 2 1 255\nabcdef")}, kCode, "of 3 channels");
  inputs_[0].type.shape = {1, 4, 1, 2};
  expect_refused({write("grey.pgm", "P5 2 1 255\nab")}, kCode, "of 1 channel");
  inputs_[0].type.shape = {1, 2};
  expect_refused({write("grey.pgm", "P5 2 1 255\nab")}, kCode, "needs 4 axes");
  options_.allow_other_extents = true;
  inputs_[0].type.shape = {1, 3, 1, 2};
  EXPECT_EQ(read_one(write("size.ppm", "P6 1 2 255\nabcdef")).shape(), (Shape{1, 3, 2, 1}));
}

TEST(ConvertExact, KindsThatMayMeet) {
  EXPECT_TRUE(is_convertible(DType::f64, DType::f32));
  EXPECT_TRUE(is_convertible(DType::s64, DType::u8));
  EXPECT_TRUE(is_convertible(DType::u8, DType::f32));
  EXPECT_TRUE(is_convertible(DType::boolean, DType::boolean));
  EXPECT_FALSE(is_convertible(DType::f32, DType::s32));
  EXPECT_FALSE(is_convertible(DType::boolean, DType::u8));
  EXPECT_FALSE(is_convertible(DType::u8, DType::boolean));
}

// The converted value, or nullopt.
template <typename From, typename To>
std::optional<To> convert(DType from, From value, DType to) {
  std::size_t culprit = 0;
  const auto out = convert_exact(Tensor::from<From>(plain(from, Shape{}), std::span(&value, 1)),
                                 plain(to, Shape{}), culprit);
  if (!out) return std::nullopt;
  return out->template values<To>()[0];
}

TEST(ConvertExact, FloatsKeepTheirValueOrFail) {
  EXPECT_EQ((convert<double, float>(DType::f64, 0.5, DType::f32)), 0.5f);
  EXPECT_EQ((convert<double, float>(DType::f64, 0.1, DType::f32)), std::nullopt);
  EXPECT_EQ((convert<double, float>(DType::f64, 1e300, DType::f32)), std::nullopt);
  EXPECT_EQ((convert<double, float>(DType::f64, HUGE_VAL, DType::f32)), HUGE_VALF);
  EXPECT_TRUE(std::isnan((convert<double, float>(DType::f64, NAN, DType::f32)).value()));
  EXPECT_EQ((convert<std::uint16_t, float>(DType::f16, float_to_half(-1.5f), DType::f32)), -1.5f);
  EXPECT_EQ((convert<std::uint16_t, double>(DType::bf16, float_to_bf16(3.0f), DType::f64)), 3.0);
  EXPECT_EQ((convert<double, std::uint16_t>(DType::f64, 1.5, DType::f16)), float_to_half(1.5f));
  EXPECT_EQ((convert<double, std::uint16_t>(DType::f64, 70000.0, DType::f16)), std::nullopt);
  EXPECT_EQ((convert<float, std::uint16_t>(DType::f32, 1.001f, DType::bf16)), std::nullopt);
}

TEST(ConvertExact, IntegersKeepTheirValueOrFail) {
  EXPECT_EQ((convert<std::int64_t, std::int8_t>(DType::s64, -128, DType::s8)), -128);
  EXPECT_EQ((convert<std::int64_t, std::int8_t>(DType::s64, 128, DType::s8)), std::nullopt);
  EXPECT_EQ((convert<std::int8_t, std::uint64_t>(DType::s8, -1, DType::u64)), std::nullopt);
  EXPECT_EQ((convert<std::int8_t, std::int8_t>(DType::s8, 7, DType::s4)), 7);
  EXPECT_EQ((convert<std::int8_t, std::int8_t>(DType::s8, 8, DType::s4)), std::nullopt);
  EXPECT_EQ((convert<std::uint8_t, std::uint8_t>(DType::u8, 16, DType::u4)), std::nullopt);
  EXPECT_EQ((convert<std::int32_t, float>(DType::s32, 1 << 24, DType::f32)), 16777216.0f);
  EXPECT_EQ((convert<std::int32_t, float>(DType::s32, (1 << 24) + 1, DType::f32)), std::nullopt);
  EXPECT_EQ((convert<std::int64_t, float>(DType::s64, std::numeric_limits<std::int64_t>::min(),
                                          DType::f32)),
            -0x1p63f);
  EXPECT_EQ((convert<std::int64_t, float>(DType::s64, std::numeric_limits<std::int64_t>::max(),
                                          DType::f32)),
            std::nullopt);
  EXPECT_EQ((convert<std::uint64_t, double>(DType::u64, std::numeric_limits<std::uint64_t>::max(),
                                            DType::f64)),
            std::nullopt);
}

TEST(ConvertExact, TellsTheCulprit) {
  const std::vector<std::int32_t> values{1, 2, 300, 4};
  std::size_t culprit = 0;
  EXPECT_FALSE(convert_exact(Tensor::from<std::int32_t>(plain(DType::s32, {4}), values),
                             plain(DType::u8, {4}), culprit));
  EXPECT_EQ(culprit, 2u);
}

}  // namespace
}  // namespace octet
