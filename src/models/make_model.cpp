#include "models/make_model.hpp"

#include <algorithm>
#include <array>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "models/network.hpp"

namespace octet {
namespace {

using models::ConvSpec;
using models::Network;

ModelFile classify_map(Network& net, ValueId x, std::int64_t classes) {
  return net.classify(net.flatten(net.global_average_pool(x)), classes);
}

// What a residual block adds its result to: its input, or a 1x1 convolution of it where the extents
// change.
ValueId shortcut(Network& net, ValueId x, std::int64_t channels, std::int64_t stride) {
  if (stride == 1 && net.channels_of(x) == channels) return x;
  return net.conv(x, {.channels = channels, .stride = stride, .relu = false});
}

ValueId basic_block(Network& net, ValueId x, std::int64_t channels, std::int64_t stride) {
  const ValueId first =
      net.conv(x, {.channels = channels, .kernel = 3, .stride = stride, .pad = 1});
  const ValueId z = shortcut(net, x, channels, stride);
  const ValueId second =
      net.conv(first, {.channels = channels, .kernel = 3, .pad = 1, .relu = false, .balance = z});
  return net.add(second, z, true);
}

struct Bottleneck {
  std::int64_t inner, outer, stride, groups;
};

ValueId bottleneck_block(Network& net, ValueId x, const Bottleneck& block) {
  const ValueId first = net.conv(x, {.channels = block.inner});
  const ValueId second = net.conv(first, {.channels = block.inner,
                                          .kernel = 3,
                                          .stride = block.stride,
                                          .pad = 1,
                                          .groups = block.groups});
  const ValueId z = shortcut(net, x, block.outer, block.stride);
  const ValueId third = net.conv(second, {.channels = block.outer, .relu = false, .balance = z});
  return net.add(third, z, true);
}

struct Groups {
  std::int64_t count, channels;
};

// A whole number of groups, whatever the width.
Groups whole_groups(const Network& net, std::int64_t channels, std::int64_t group_width) {
  const std::int64_t count = std::max<std::int64_t>(net.channels(channels) / group_width, 1);
  return {count, count * group_width};
}

ValueId resnet_stem(Network& net) {
  const ValueId x =
      net.conv(net.picture(), {.channels = net.channels(64), .kernel = 7, .stride = 2, .pad = 3});
  return net.max_pool(x, 3, 2, 1);
}

ModelFile resnet18(Network& net, std::int64_t classes) {
  ValueId x = resnet_stem(net);
  for (const std::int64_t channels : {64, 128, 256, 512})
    for (int block = 0; block < 2; ++block)
      x = basic_block(net, x, net.channels(channels), block == 0 && channels > 64 ? 2 : 1);
  return classify_map(net, x, classes);
}

// ResNet50, and ResNeXt50 with 32 groups of 4 channels.
ModelFile bottleneck_resnet(Network& net, std::int64_t classes, std::int64_t inner,
                            std::int64_t group_width) {
  constexpr std::array<int, 4> kBlocks{3, 4, 6, 3};
  ValueId x = resnet_stem(net);
  for (std::size_t stage = 0; stage < kBlocks.size(); ++stage) {
    const Groups groups = group_width == 0
                              ? Groups{1, net.channels(inner << stage)}
                              : whole_groups(net, inner << stage, group_width << stage);
    for (int block = 0; block < kBlocks[stage]; ++block)
      x = bottleneck_block(net, x,
                           {groups.channels, net.channels(256ll << stage),
                            block == 0 && stage > 0 ? 2 : 1, groups.count});
  }
  return classify_map(net, x, classes);
}

ModelFile resnet50(Network& net, std::int64_t classes) {
  return bottleneck_resnet(net, classes, 64, 0);
}

ModelFile resnext50(Network& net, std::int64_t classes) {
  return bottleneck_resnet(net, classes, 128, 4);
}

// RegNetX-400MF.
ModelFile regnet(Network& net, std::int64_t classes) {
  struct Stage {
    std::int64_t channels;
    int blocks;
  };
  constexpr std::int64_t kGroupWidth = 16;
  ValueId x =
      net.conv(net.picture(), {.channels = net.channels(32), .kernel = 3, .stride = 2, .pad = 1});
  for (const Stage stage : {Stage{32, 1}, Stage{64, 2}, Stage{160, 7}, Stage{400, 12}}) {
    const Groups groups = whole_groups(net, stage.channels, kGroupWidth);
    for (int block = 0; block < stage.blocks; ++block)
      x = bottleneck_block(net, x,
                           {groups.channels, groups.channels, block == 0 ? 2 : 1, groups.count});
  }
  return classify_map(net, x, classes);
}

ValueId inverted_residual(Network& net, ValueId x, std::int64_t channels, std::int64_t stride,
                          std::int64_t expansion) {
  ValueId y = x;
  if (expansion > 1) y = net.conv(y, {.channels = net.channels_of(x) * expansion});
  const std::int64_t inner = net.channels_of(y);
  y = net.conv(y, {.channels = inner, .kernel = 3, .stride = stride, .pad = 1, .groups = inner});
  y = net.conv(y, {.channels = channels, .relu = false});
  const bool residual = stride == 1 && net.channels_of(x) == channels;
  return residual ? net.add(y, x, false) : y;
}

ModelFile mobilenet_v2(Network& net, std::int64_t classes) {
  struct Stage {
    std::int64_t expansion, channels;
    int blocks;
    std::int64_t stride;
  };
  ValueId x =
      net.conv(net.picture(), {.channels = net.channels(32), .kernel = 3, .stride = 2, .pad = 1});
  for (const Stage stage :
       {Stage{1, 16, 1, 1}, Stage{6, 24, 2, 2}, Stage{6, 32, 3, 2}, Stage{6, 64, 4, 2},
        Stage{6, 96, 3, 1}, Stage{6, 160, 3, 2}, Stage{6, 320, 1, 1}})
    for (int block = 0; block < stage.blocks; ++block)
      x = inverted_residual(net, x, net.channels(stage.channels), block == 0 ? stage.stride : 1,
                            stage.expansion);
  return classify_map(net, net.conv(x, {.channels = net.channels(1280)}), classes);
}

ModelFile vgg11(Network& net, std::int64_t classes) {
  constexpr int kPool = 0;
  ValueId x = net.picture();
  for (const int channels : {64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0}) {
    if (channels == kPool) x = net.max_pool(x, 2, 2, 0);
    else x = net.conv(x, {.channels = net.channels(channels), .kernel = 3, .pad = 1});
  }
  x = net.flatten(x);
  for (int layer = 0; layer < 2; ++layer) x = net.linear(x, net.channels(4096));
  return net.classify(x, classes);
}

constexpr std::int64_t kShuffleGroups = 3;

ValueId shuffle_block(Network& net, ValueId x, std::int64_t channels, bool first) {
  const std::int64_t inputs = net.channels_of(x);
  const bool down = channels != inputs;
  const std::int64_t stride = down ? 2 : 1;
  // Where the map shrinks, the result stands beside the pooled input.
  const std::int64_t outputs = down ? channels - inputs : channels;
  const std::int64_t inner = channels / 4;
  ValueId y = net.conv(x, {.channels = inner, .groups = first ? 1 : kShuffleGroups});
  y = net.shuffle_channels(y, kShuffleGroups);
  y = net.conv(
      y,
      {.channels = inner, .kernel = 3, .stride = stride, .pad = 1, .groups = inner, .relu = false});
  const ConvSpec last{
      .channels = outputs, .groups = kShuffleGroups, .relu = false, .balance = down ? kNoValue : x};
  y = net.conv(y, last);
  if (!down) return net.add(y, x, true);
  return net.relu(net.concat(net.average_pool(x, 3, 2, 1), y));
}

// ShuffleNet V1, three groups.
ModelFile shufflenet_v1(Network& net, std::int64_t classes) {
  struct Stage {
    std::int64_t channels;
    int blocks;
  };
  // Channels that three groups, their quarters and the width share.
  constexpr std::int64_t kUnit = 8 * kShuffleGroups;
  ValueId x = net.conv(net.picture(), {.channels = kUnit, .kernel = 3, .stride = 2, .pad = 1});
  x = net.max_pool(x, 3, 2, 1);
  for (const Stage stage : {Stage{240, 4}, Stage{480, 8}, Stage{960, 4}}) {
    const std::int64_t units = std::max<std::int64_t>(net.channels(stage.channels) / kUnit,
                                                      net.channels_of(x) / kUnit + 1);
    for (int block = 0; block < stage.blocks; ++block)
      x = shuffle_block(net, x, units * kUnit, block == 0 && stage.channels == 240);
  }
  return classify_map(net, x, classes);
}

struct Row {
  std::string_view name;
  ModelFile (*make)(Network&, std::int64_t classes);
};
constexpr std::array kRows{Row{"resnet18", resnet18},           Row{"resnet50", resnet50},
                           Row{"resnext50", resnext50},         Row{"mobilenet_v2", mobilenet_v2},
                           Row{"shufflenet_v1", shufflenet_v1}, Row{"vgg11", vgg11},
                           Row{"regnetx_400mf", regnet}};

// The row of that name, or the only one whose name begins like it: "shufflenet".
const Row& find_row(std::string_view name) {
  std::vector<const Row*> found;
  for (const Row& row : kRows) {
    if (row.name == name) return row;
    if (!name.empty() && row.name.starts_with(name)) found.push_back(&row);
  }
  if (found.size() == 1) return *found.front();
  throw Error(StatusCode::invalid_argument,
              concat("there is no model \"", name, "\" to make; there are: ", join(model_names())));
}

void check(const ModelOptions& options) {
  const auto require = [](bool condition, const char* what) {
    if (!condition) throw Error(StatusCode::invalid_argument, what);
  };
  require(options.image_size >= 32 && options.image_size <= 1024,
          "the image size of a generated model must be within 32 and 1024");
  require(options.image_size % 32 == 0,
          "the image size of a generated model must be a multiple of 32");
  require(options.classes >= 2 && options.classes <= 100'000,
          "a generated model must have 2 to 100000 classes");
  require(options.width >= 0.125 && options.width <= 4.0,
          "the width of a generated model must be within 0.125 and 4");
}

}  // namespace

std::span<const std::string_view> model_names() {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kRows.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = kRows[i].name;
    return names;
  }();
  return kNames;
}

ModelFile make_model(std::string_view name, const ModelOptions& options) {
  check(options);
  const Row& row = find_row(name);
  Network net(options);
  return row.make(net, options.classes);
}

}  // namespace octet
