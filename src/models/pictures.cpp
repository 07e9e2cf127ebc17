#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.hpp"
#include "models/make_model.hpp"

namespace octet {
namespace {

// Adds random values on a grid of `cells` x `cells`, interpolated linearly, to a plane.
void add_clouds(std::span<float> plane, std::int64_t size, std::int64_t cells, float strength,
                Random& random) {
  const std::int64_t nodes = cells + 1;
  std::vector<float> grid(static_cast<std::size_t>(nodes * nodes));
  for (float& value : grid) value = strength * random.normal();
  const auto at = [&](std::int64_t r, std::int64_t c) {
    return grid[static_cast<std::size_t>(r * nodes + c)];
  };
  const float step = static_cast<float>(cells) / static_cast<float>(size);
  std::size_t i = 0;
  for (std::int64_t h = 0; h < size; ++h) {
    const float y = static_cast<float>(h) * step;
    const auto r = static_cast<std::int64_t>(y);
    const float fy = y - static_cast<float>(r);
    for (std::int64_t w = 0; w < size; ++w) {
      const float x = static_cast<float>(w) * step;
      const auto c = static_cast<std::int64_t>(x);
      const float fx = x - static_cast<float>(c);
      const float top = at(r, c) * (1.0f - fx) + at(r, c + 1) * fx;
      const float bottom = at(r + 1, c) * (1.0f - fx) + at(r + 1, c + 1) * fx;
      plane[i++] += top * (1.0f - fy) + bottom * fy;
    }
  }
}

struct Rectangle {
  std::int64_t top, left, bottom, right;
};

Rectangle random_rectangle(std::int64_t size, Random& random) {
  const std::int64_t top = random.between(0, size - 1), left = random.between(0, size - 1);
  return {top, left, random.between(top, size - 1), random.between(left, size - 1)};
}

void add_rectangle(std::span<float> plane, std::int64_t size, const Rectangle& area, float value) {
  for (std::int64_t h = area.top; h <= area.bottom; ++h)
    for (std::int64_t w = area.left; w <= area.right; ++w)
      plane[static_cast<std::size_t>(h * size + w)] += value;
}

void draw(std::span<float> picture, std::int64_t size, Random& random) {
  const auto pixels = static_cast<std::size_t>(size * size);
  std::vector<float> shared(pixels, 0.0f);  // brightness, which the channels have in common
  for (const std::int64_t cells : {2, 5, 11, 23})
    add_clouds(shared, size, cells, 60.0f / static_cast<float>(cells), random);
  for (int shape = 0; shape < 6; ++shape)
    add_rectangle(shared, size, random_rectangle(size, random), 40.0f * random.normal());
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::span<float> plane = picture.subspan(channel * pixels, pixels);
    std::copy(shared.begin(), shared.end(), plane.begin());
    add_clouds(plane, size, 3, 20.0f, random);
    for (float& value : plane)
      value = std::clamp(std::round(value + 120.0f + 8.0f * random.normal()), 0.0f, 255.0f);
  }
}

}  // namespace

Tensor make_pictures(std::int64_t count, std::int64_t size, std::uint64_t seed) {
  Tensor pictures({DType::f32, Shape{count, 3, size, size}, kNCHW, std::nullopt});
  const auto values = pictures.mutable_values<float>();
  const auto each = static_cast<std::size_t>(3 * size * size);
  Random random(seed);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    draw(values.subspan(i * each, each), size, random);
  return pictures;
}

}  // namespace octet
