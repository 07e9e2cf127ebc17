// Expected values marked ONNX were computed by ONNX Runtime, those marked MegEngine by MegEngine.
#include <cmath>
#include <limits>

#include "ops/image.hpp"
#include "ops/op_harness.hpp"

namespace octet {
namespace {

using namespace octet::testing;

constexpr auto kBad = StatusCode::invalid_model;

Tensor floats(const std::vector<float>& values) {
  return tensor<float>(Shape{static_cast<std::int64_t>(values.size())}, values);
}

void expect_near(const Tensor& y, const std::vector<float>& expected) {
  ASSERT_EQ(static_cast<std::size_t>(y.shape().elements()), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(y.values<float>()[i], expected[i], 2e-6f + 1e-5f * std::abs(expected[i])) << i;
}

const Tensor kLine = tensor<float>(Shape{1, 1, 1, 5}, {1, 3, -2, 5, 4});
const Tensor kImage = tensor<float>(Shape{1, 1, 4, 4}, {1, 3, -2, 5,  //
                                                        4, 0, 2, -1,  //
                                                        7, -3, 6, 2,  //
                                                        0, 1, -5, 3});
const Tensor kSmall = tensor<float>(Shape{1, 1, 3, 4}, {1, 3, -2, 5, 4, 0, 2, -1, 7, -3, 6, 2});

Resize resize(Interpolation interpolation, CoordinateMode coordinates) {
  Resize op;
  op.interpolation = interpolation;
  op.coordinates = coordinates;
  return op;
}

Tensor by_scale(const Resize& op, float scale) {
  return run(op, {kLine, floats({1, 1, 1, scale})})[0];
}

Tensor to_extent(const Resize& op, std::int64_t extent) {
  return run(op, {kLine, Tensor{}, ints({1, 1, 1, extent})})[0];
}

TEST(ResizeLinear, FollowsEveryCoordinateMode) {  // ONNX
  struct Row {
    CoordinateMode mode;
    std::vector<float> by_1_7, to_3;
  };
  const std::vector<float> half_pixel{1,           1.7647059f,  2.94117641f, 0.205882072f,
                                      -0.9705889f, 3.14705873f, 4.67647076f, 4.08823538f};
  const std::vector<float> centres{1.66666663f, -2, 4.33333349f};
  const std::vector<Row> rows = {
      {CoordinateMode::half_pixel, half_pixel, centres},
      {CoordinateMode::pytorch_half_pixel, half_pixel, centres},
      {CoordinateMode::half_pixel_symmetric,
       {1, 2.05882335f, 2.41176462f, -0.5294116f, 0.0588222f, 4.1764698f, 4.52941179f, 4},
       centres},
      {CoordinateMode::align_corners,
       {1, 2.14285731f, 2.28571415f, -0.571428657f, 0, 4.00000048f, 4.5714283f, 4},
       {1, -2, 4}},
      {CoordinateMode::asymmetric,
       {1, 2.17647052f, 2.11764741f, -0.823528886f, 0.470587254f, 4.5882349f, 4.47058868f, 4},
       {1, -0.333333135f, 4.66666698f}},
  };
  for (const Row& row : rows) {
    const Resize op = resize(Interpolation::linear, row.mode);
    expect_near(by_scale(op, 1.7f), row.by_1_7);
    expect_near(to_extent(op, 3), row.to_3);
  }
}

TEST(ResizeNearest, FollowsEveryRoundingMode) {  // ONNX
  struct Row {
    NearestMode nearest;
    CoordinateMode coordinates;
    std::vector<float> by_2, to_3;
  };
  const std::vector<float> pairs{1, 1, 3, 3, -2, -2, 5, 5, 4, 4};
  const std::vector<float> ahead{1, 3, 3, -2, -2, 5, 5, 4, 4, 4};
  const std::vector<float> behind{1, 1, 1, 3, 3, -2, -2, 5, 5, 4};
  const auto half_pixel = CoordinateMode::half_pixel, asymmetric = CoordinateMode::asymmetric,
             tf = CoordinateMode::tf_half_pixel_for_nn, corners = CoordinateMode::align_corners;
  const std::vector<Row> rows = {
      {NearestMode::round_prefer_floor, half_pixel, pairs, {1, -2, 4}},
      {NearestMode::round_prefer_floor, asymmetric, pairs, {1, -2, 5}},
      {NearestMode::round_prefer_floor, tf, ahead, {3, -2, 4}},
      {NearestMode::round_prefer_ceil, asymmetric, ahead, {1, -2, 5}},
      {NearestMode::round_prefer_ceil, tf, ahead, {3, 5, 4}},
      {NearestMode::floor, half_pixel, behind, {1, -2, 5}},
      {NearestMode::floor, asymmetric, pairs, {1, 3, 5}},
      {NearestMode::floor, corners, behind, {1, -2, 4}},
      {NearestMode::ceil, half_pixel, ahead, {3, -2, 4}},
      {NearestMode::ceil, corners, ahead, {1, -2, 4}},
  };
  for (const Row& row : rows) {
    Resize op = resize(Interpolation::nearest, row.coordinates);
    op.nearest = row.nearest;
    EXPECT_EQ(values<float>(by_scale(op, 2.0f)), row.by_2);
    EXPECT_EQ(values<float>(to_extent(op, 3)), row.to_3);
  }
}

TEST(ResizeNearest, MovesElementsOfAnyType) {
  const Tensor x = tensor<std::int64_t>(Shape{1, 2}, {std::int64_t{1} << 60, -1});
  const Resize op = resize(Interpolation::nearest, CoordinateMode::half_pixel);
  EXPECT_EQ(values<std::int64_t>(run(op, {x, floats({2, 1})})[0]),
            (std::vector<std::int64_t>{std::int64_t{1} << 60, -1, std::int64_t{1} << 60, -1}));
}

TEST(ResizeCubic, WeighsFourNeighbours) {  // ONNX
  Resize op = resize(Interpolation::cubic, CoordinateMode::half_pixel);
  const auto wide = [&] { return run(op, {kImage, Tensor{}, ints({1, 1, 4, 7})})[0]; };
  expect_near(wide(), {0.801567554f, 1.98897648f,    3.11652756f,  0.03125f,     -1.83044815f,
                       2.307307f,    5.69451237f,    4.39686489f,  2.51403117f,  0.136479616f,
                       0.90625f,     1.92073607f,    0.145226002f, -1.29764891f, 7.99216175f,
                       3.03908563f,  -2.84356833f,   0.9375f,      6.18686342f,  3.91645527f,
                       1.60313308f,  -0.0992162228f, 0.709730923f, 1.21993566f,  -2.65625f,
                       -4.81942368f, -0.0949344635f, 3.79373026f});
  op.exclude_outside = true;
  expect_near(wide(),
              {0.754951119f,  1.8904115f,   3.10903406f,  0.03125f,     -1.80626488f, 2.57566977f,
               5.85767317f,   4.49009752f,  2.66212773f,  0.150158703f, 0.90625f,     1.91039515f,
               0.0310887694f, -1.36757421f, 8.22524357f,  3.43384385f,  -2.80871677f, 0.9375f,
               6.17203999f,   3.72545385f,  1.50990117f,  -0.12252441f, 0.638996601f, 1.21561646f,
               -2.65625f,     -4.79173946f, 0.213517308f, 3.98019791f});
  op = resize(Interpolation::cubic, CoordinateMode::align_corners);
  op.cubic_coefficient = -0.5f;
  expect_near(run(op, {kImage, Tensor{}, ints({1, 1, 3, 4})})[0],
              {1, 3, -2, 5, 6.125f, -1.9375f, 4.9375f, 0.0625f, 0, 1, -5, 3});
}

TEST(ResizeLinear, ShrinksAndGrowsBothAxes) {  // ONNX
  const Resize op = resize(Interpolation::linear, CoordinateMode::half_pixel);
  expect_near(run(op, {kImage, floats({1, 1, 0.6f, 1.5f})})[0],
              {2, 2, 1.55555558f, -0.22222209f, 1.16666663f, 3, 7, 2, -1.50000024f, 4.5f, 4, 2});
}

TEST(Resize, CropsARegionOfInterest) {  // ONNX
  Resize op = resize(Interpolation::linear, CoordinateMode::tf_crop_and_resize);
  op.extrapolation = 10.0f;
  const Tensor beyond = floats({0, 0, 0.25f, -0.2f, 1, 1, 0.75f, 0.6f});
  expect_near(run(op, {kImage, Tensor{}, ints({1, 1, 3, 3}), beyond})[0],
              {10, 1.75f, 0.95f, 10, 1.3f, 2.9f, 10, 0.9f, 2.2f});
  const Tensor inside = floats({0, 0, 0.25f, 0.2f, 1, 1, 0.75f, 0.6f});
  expect_near(run(op, {kImage, Tensor{}, ints({1, 1, 1, 2}), inside})[0], {1.3f, 2.9f});
  // By scales, the extent is that of the region times the scale.
  EXPECT_EQ(run(op, {kImage, floats({1, 1, 1.5f, 2}), Tensor{}, inside})[0].shape(),
            (Shape{1, 1, 3, 3}));
}

Resize mge(Interpolation interpolation) {
  Resize op = resize(interpolation, CoordinateMode::half_pixel);
  op.mge = op.spatial_only = true;
  return op;
}

TEST(ResizeMge, ComputesWhatMegEngineComputes) {
  const Tensor wide = floats({2, 7}), high = floats({5, 3});
  const auto to = [](Interpolation interpolation, const Tensor& size) {
    return run(mge(interpolation), {kSmall, Tensor{}, size})[0];
  };
  expect_near(to(Interpolation::linear, wide),
              {1.75f, 1.92857146f, 2.21428585f, 0.625f, -0.678571641f, 1.89285696f, 3.5f, 6.25f,
               3.21428561f, -1.64285755f, 1.375f, 4.7321434f, 2.58928585f, 1.25f});
  expect_near(to(Interpolation::linear, high),
              {1.33333337f, 0.5f, 3.83333254f, 2.13333344f, 0.7f, 2.1f, 3.33333325f, 1, -0.5f,
               4.53333282f, 1.3f, 1.4f, 5.33333302f, 1.5f, 2.66666698f});
  EXPECT_EQ(values<float>(to(Interpolation::nearest, wide)),
            (std::vector<float>{1, 1, 3, 3, -2, -2, 5, 4, 4, 0, 0, 2, 2, -1}));
  EXPECT_EQ(values<float>(to(Interpolation::nearest, high)),
            (std::vector<float>{1, 3, -2, 1, 3, -2, 4, 0, 2, 4, 0, 2, 7, -3, 6}));
  expect_near(to(Interpolation::cubic, ints({4, 5})),
              {0.637004614f, 3.14382076f,    -0.0315551758f, -0.74049592f, 5.89951658f,
               2.66096234f,  1.88189292f,    0.587509155f,   0.175785109f, 0.875857234f,
               5.82503891f,  -0.0908937454f, 1.01364136f,    3.22019076f,  -0.849007189f,
               7.84899759f,  -1.35282147f,   0.939743042f,   6.19872713f,  1.96797228f});
}

TEST(ResizeMge, RoundsStoredIntegersAwayFromZero) {  // MegEngine; twelve of these are ties
  const Tensor x =
      tensor<std::int8_t>(Shape{1, 1, 2, 3}, {-3, 4, 0, 7, -128, 127}, Quant::per_tensor(0.5f));
  const Tensor y = run(mge(Interpolation::linear), {x, Tensor{}, ints({4, 6})})[0];
  EXPECT_EQ(y.type().quant, x.type().quant);
  EXPECT_EQ(values<std::int8_t>(y),
            (std::vector<std::int8_t>{-3, -1,  2,   3,   1,  0,  -1, -8,  -22, -14, 17, 32,
                                      5,  -20, -70, -47, 48, 95, 7,  -27, -94, -64, 63, 127}));
}

TEST(ResizeLinear, CutsStoredIntegers) {  // ONNX
  const Tensor x =
      tensor<std::int8_t>(Shape{1, 1, 2, 3}, {-3, 4, 0, 7, -128, 127}, Quant::per_tensor(0.5f));
  const auto by_mode = [&](CoordinateMode mode) {
    return values<std::int8_t>(
        run(resize(Interpolation::linear, mode), {x, floats({1, 1, 2, 1.7f})})[0]);
  };
  EXPECT_EQ(by_mode(CoordinateMode::half_pixel),
            (std::vector<std::int8_t>{-3, 0,   3,   1,  0,  0, -11, -28,  4,  31,
                                      4,  -33, -92, 11, 95, 7, -44, -124, 14, 127}));
  EXPECT_EQ(by_mode(CoordinateMode::align_corners),
            (std::vector<std::int8_t>{-3, 0,   4,   2, 0,  0, -19, -40,  1, 42,
                                      3,  -40, -84, 0, 84, 7, -60, -128, 0, 127}));
}

TEST(Resize, RefusesWhatItCannotFollow) {
  const OpPtr linear = make_op<Resize>(resize(Interpolation::linear, CoordinateMode::half_pixel));
  const OpPtr crop =
      make_op<Resize>(resize(Interpolation::linear, CoordinateMode::tf_crop_and_resize));
  const OpPtr spatial = make_op<Resize>(mge(Interpolation::linear));
  const Tensor none, x = kLine;
  const Tensor empty = counting<float>(Shape{1, 1, 0, 2});
  const Tensor channels = counting<std::int8_t>(Shape{1, 2, 1, 1}, Quant{{1.0f, 2.0f}, {}, 1});
  const auto full = StatusCode::resource_exhausted, beyond = StatusCode::unsupported;
  expect_refusals({
      {linear, {x, none}, kBad, "either scales or sizes"},
      {linear, {x, floats({1, 1, 1, 1}), ints({1, 1, 1, 1})}, kBad, "either scales or sizes"},
      {linear, {x, floats({1, 2})}, kBad, "2 scales"},
      {linear, {x, none, ints({1, 2})}, kBad, "2 sizes"},
      {linear, {x, floats({1, 1, 1, -1})}, kBad, "the scale -1"},
      {linear, {x, floats({1, 1, 1, NAN})}, kBad, "the scale nan"},
      {linear, {x, floats({1, 1, 1, INFINITY})}, kBad, "the scale inf"},
      {linear, {x, floats({1, 1, 1, 1e30f})}, full, "extent"},
      {linear, {x, none, ints({1, 1, 1 << 20, 1 << 20})}, full, "elements"},
      {linear, {x, none, ints({1, 1, 1, -3})}, kBad, "the extent -3"},
      {linear, {x, none, floats({1, 1, 1, NAN})}, kBad, "an integer is expected"},
      {linear, {empty, none, ints({1, 1, 1, 2})}, kBad, "an empty axis cannot be resized"},
      {linear, {x, floats({1, 1, 1, 2})}, beyond, "\"scales\" is not known", {1}},
      {linear, {x, none, ints({1, 1, 1, 2})}, beyond, "\"sizes\" is not known", {2}},
      {linear, {ints({1, 2}), none, ints({4})}, beyond, "interpolation of s64{2}"},
      {linear, {channels, none, ints({1, 2, 3, 3})}, beyond, "interpolation of s8"},
      {spatial, {ints({1, 2}), none, ints({})}, kBad, "no spatial axes"},
      {crop, {x, none, ints({1, 1, 1, 2})}, kBad, "the region of interest has 0 numbers"},
      {crop, {x, none, ints({1, 1, 1, 2}), floats({0, 0, 0, 0, 1, 1, 1, NAN})}, kBad, "not finite"},
  });
}

WarpPerspective warp(BorderMode border, float border_value) {
  WarpPerspective op;
  op.border = border;
  op.border_value = border_value;
  return op;
}

TEST(WarpPerspective, ComputesWhatMegEngineComputes) {
  const Tensor matrix =
      tensor<float>(Shape{1, 3, 3}, {.8f, .1f, -1.3f, -.2f, .9f, .7f, .01f, .02f, 1});
  const std::vector<std::pair<BorderMode, std::vector<float>>> rows = {
      {BorderMode::replicate,
       {3.1f, 2.48514843f, 1.95155716f, 2.41511869f, -1.13461614f, 2.00000143f, 5.70588207f,
        5.0776701f, 2.56804681f, 0.380952448f, 0.986828089f, 1.10193038f}},
      {BorderMode::reflect,
       {2.44000006f, 2.48514843f, 1.95155716f, 2.41511869f, -1.13461614f, 2.00000143f, 4.39792442f,
        5.0776701f, 2.56804681f, 0.380952448f, 0.986828089f, 1.10193038f}},
      {BorderMode::reflect_101,
       {0.870000005f, 2.00480342f, 1.95155716f, 2.41511869f, -0.866494775f, 1.51020491f,
        -0.650519252f, 2.68724728f, 2.56804681f, 0.380952448f, 0.986828089f, 1.10193038f}},
      {BorderMode::wrap,
       {0.800000072f, 2.25968051f, 1.95155716f, 2.41511869f, -0.598373294f, 2.48979664f, 1.3356396f,
        3.13592315f, 2.56804681f, 0.380952448f, 0.986828089f, 1.10193038f}},
      {BorderMode::constant,
       {0.5f, 1.50240183f, 1.95155716f, 2.41511869f, -0.977441549f, 1.57142949f, 0.5f, 3.29993486f,
        2.56804681f, 0.380952448f, 0.986828089f, 1.10193038f}},
  };
  for (const auto& [border, expected] : rows)
    expect_near(run(warp(border, 0.5f), {kSmall, matrix, ints({2, 6})}, {1})[0], expected);
}

TEST(WarpPerspective, RoundsStoredIntegersAwayFromZero) {  // MegEngine
  const Tensor x =
      tensor<std::int8_t>(Shape{1, 1, 2, 3}, {-3, 4, 0, 7, -128, 127}, Quant::per_tensor(1.0f));
  const Tensor matrix = tensor<float>(Shape{1, 3, 3}, {.5f, 0, -.75f, 0, .5f, .25f, 0, 0, 1});
  EXPECT_EQ(
      values<std::int8_t>(run(warp(BorderMode::constant, 10.0f), {x, matrix, ints({2, 6})})[0]),
      (std::vector<std::int8_t>{7, 2, -8, -22, -14, 17, 9, 6, -20, -70, -47, 48}));
}

TEST(WarpPerspective, SurvivesMatricesThatLeadNowhere) {
  const float most = std::numeric_limits<float>::max();
  for (const float m : {0.0f, NAN, INFINITY, -most})
    for (const BorderMode border : {BorderMode::replicate, BorderMode::reflect, BorderMode::wrap,
                                    BorderMode::reflect_101, BorderMode::constant}) {
      const Tensor matrix = tensor<float>(Shape{1, 3, 3}, std::vector<float>(9, m));
      EXPECT_EQ(run(warp(border, 0.0f), {kSmall, matrix, ints({2, 2})})[0].shape(),
                (Shape{1, 1, 2, 2}));
    }
}

TEST(WarpPerspective, RefusesWhatItCannotFollow) {
  const Tensor matrix = counting<float>(Shape{1, 3, 3});
  const OpPtr op = make_op<WarpPerspective>(warp(BorderMode::wrap, 0.0f));
  WarpPerspective nearest;
  nearest.interpolation = Interpolation::nearest;
  const auto beyond = StatusCode::unsupported;
  expect_refusals({
      {make_op<WarpPerspective>(nearest), {kSmall, matrix, ints({2, 2})}, beyond, "linear"},
      {op, {kSmall, counting<float>(Shape{2, 3, 3}), ints({2, 2})}, kBad, "do not fit 1 images"},
      {op, {kSmall, matrix, ints({2})}, kBad, "1 extents where it needs 2"},
      {op, {kSmall, matrix, ints({2, -2})}, kBad, "the extent -2"},
      {op, {kSmall, matrix, ints({2, 2})}, beyond, "\"size\" is not known", {2}},
      {op, {counting<float>(Shape{1, 1, 0, 3}), matrix, ints({2, 2})}, kBad, "empty images"},
      {op, {counting<float>(Shape{1, 2, 3}), matrix, ints({2, 2})}, kBad, "shape {1,2,3}"},
      {op, {counting<std::int32_t>(Shape{1, 1, 2, 3}), matrix, ints({2, 2})}, beyond, "s32"},
  });
}

}  // namespace
}  // namespace octet
