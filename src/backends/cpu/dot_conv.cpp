// An image is worked on in bands of output rows, so that the copy of the input rows that a band
// needs (padded, and as unsigned bytes) and the sums stay in cache. Unsigned inputs without padding
// are read where they are.
#include "backends/cpu/dot_conv.hpp"

#include <algorithm>

#include "kernels/host_context.hpp"

namespace octet::cpu {
namespace {

constexpr std::int64_t kBandBytes = 192 * 1024;  // of input rows; leaves room for weights in L2

class DotConv final : public Executable {
 public:
  DotConv(DotProduct product, const VectorKernels& kernels, int threads);

  void run(const RunArgs& args) const override;
  std::size_t workspace() const override {
    return copies_ ? static_cast<std::size_t>(scratch_bytes_ * threads_) : 0;
  }
  bool reads_input(std::size_t index) const override { return index == 0 || index == 3; }

 private:
  struct Band {
    std::int64_t image, first_row, rows;
  };

  void choose_band();
  void run_band(const RunArgs& args, const Band& band, std::size_t first_panel,
                std::size_t last_panel, std::uint8_t* scratch) const;
  void run_panel(const RunArgs& args, const Band& band, const std::uint8_t* input,
                 const Panel& panel) const;

  const VectorKernels& kernels_;
  ConvGeometry shape_;
  int threads_;
  bool copies_;  // the input goes through a padded, unsigned copy
  PaddedInput input_;
  DotWeights weights_;
  std::vector<std::ptrdiff_t> run_offsets_;
  PackedEpilogue epilogue_;
  std::int64_t element_bytes_;  // of the output
  std::int64_t band_rows_ = 1, scratch_bytes_ = 0;
};

DotConv::DotConv(DotProduct product, const VectorKernels& kernels, int threads)
    : kernels_(kernels),
      shape_(product.shape),
      threads_(threads),
      input_(product.input),
      weights_(std::move(product.weights)),
      epilogue_(std::move(product.epilogue)),
      element_bytes_(product.element_bytes) {
  // A run that is filled up to quads reads a few bytes past its end.
  copies_ = shape_.has_padding() || input_.flip != 0 || weights_.run_bytes % 4 != 0;
  if (!copies_) input_.row_bytes = shape_.w * shape_.c;
  run_offsets_ = weights_.run_offsets(shape_, input_.row_bytes);
  choose_band();
}

void DotConv::choose_band() {
  const std::int64_t row = std::max<std::int64_t>(input_.row_bytes, 1);
  const std::int64_t fitting = kBandBytes / (row * shape_.window.stride[0]);
  band_rows_ = std::clamp<std::int64_t>(fitting, 1, std::max<std::int64_t>(shape_.oh, 1));
  const std::int64_t bands = (shape_.oh + band_rows_ - 1) / band_rows_;
  const std::int64_t wanted =
      std::min(shape_.oh, std::max<std::int64_t>(bands, (threads_ + shape_.n - 1) /
                                                            std::max<std::int64_t>(shape_.n, 1)));
  if (wanted > 0) band_rows_ = (shape_.oh + wanted - 1) / wanted;  // bands of equal height
  scratch_bytes_ = input_.rows_for(shape_, band_rows_) * input_.row_bytes;
  scratch_bytes_ = (scratch_bytes_ + static_cast<std::int64_t>(kOverread) + 63) / 64 * 64;
}

void DotConv::run_panel(const RunArgs& args, const Band& band, const std::uint8_t* input,
                        const Panel& panel) const {
  alignas(64) std::int32_t sums[kMostTileRows * kMostTileVectors * 16 + PackedEpilogue::kPadding];
  const std::uint8_t* windows[kMostTileRows];
  const std::int64_t group_offset = panel.group * shape_.c_per_group();
  const std::int64_t row_stride = shape_.window.stride[0] * input_.row_bytes;
  const std::int64_t column_stride = shape_.window.stride[1] * shape_.c;

  DotTile tile;
  tile.windows = windows;
  tile.run_offsets = run_offsets_.data();
  tile.runs = weights_.runs;
  tile.quads = weights_.quads;
  tile.weights = weights_.bytes.values<std::int8_t>().data() + panel.weights;
  tile.sums = sums;

  const std::int64_t first_position = (band.image * shape_.oh + band.first_row) * shape_.ow;
  EpilogueRows rows;
  rows.sums = sums;
  rows.sums_stride = panel.vectors * kernels_.width;
  rows.first_channel = static_cast<std::size_t>(panel.first_channel);
  rows.channels = panel.channels;
  rows.y_stride = shape_.k * element_bytes_;
  rows.y = args.outputs[0] + first_position * rows.y_stride + panel.first_channel * element_bytes_;
  rows.z_stride = shape_.k;
  if (epilogue_.epilogue.has_z)
    rows.z = args.inputs[3] + first_position * shape_.k + panel.first_channel;

  // Tiles of nearly equal height instead of full ones and a small rest.
  const std::int64_t positions = band.rows * shape_.ow;
  const std::int64_t tallest = kernels_.tile_rows[panel.vectors];
  std::int64_t tiles = (positions + tallest - 1) / tallest;
  std::int64_t row = 0, column = 0;
  for (std::int64_t left = positions; left > 0; --tiles) {
    const auto height = static_cast<int>((left + tiles - 1) / tiles);
    for (int i = 0; i < height; ++i) {
      windows[i] = input + row * row_stride + column * column_stride + group_offset;
      if (++column == shape_.ow) column = 0, ++row;
    }
    kernels_.dot_tile[panel.vectors][height](tile);
    rows.rows = height;
    kernels_.epilogue(epilogue_, rows);
    rows.y += height * rows.y_stride;
    if (rows.z != nullptr) rows.z += height * rows.z_stride;
    left -= height;
  }
}

void DotConv::run_band(const RunArgs& args, const Band& band, std::size_t first_panel,
                       std::size_t last_panel, std::uint8_t* scratch) const {
  const auto* image = reinterpret_cast<const std::uint8_t*>(args.inputs[0]) +
                      band.image * shape_.h * shape_.w * shape_.c;
  const std::uint8_t* input = image + band.first_row * shape_.window.stride[0] * input_.row_bytes;
  if (copies_) {
    input_.fill(shape_, kernels_, image, band.first_row, band.rows, scratch);
    input = scratch;
  }
  for (std::size_t panel = first_panel; panel < last_panel; ++panel)
    run_panel(args, band, input, weights_.panels[panel]);
}

void DotConv::run(const RunArgs& args) const {
  const HostThreads threads(args.context);
  const std::int64_t bands = (shape_.oh + band_rows_ - 1) / band_rows_;
  // Where there are too few bands for the threads, the output channels are divided as well.
  const auto panels = static_cast<std::int64_t>(weights_.panels.size());
  const std::int64_t used = std::min(threads.count(), threads_);
  const std::int64_t tasks = std::max<std::int64_t>(shape_.n * bands, 1);
  const std::int64_t parts = std::clamp<std::int64_t>(used / tasks, 1, panels);
  threads.parallel(shape_.n * bands * parts, [&](std::int64_t task, int thread) {
    const std::int64_t part = task % parts, index = task / parts;
    Band band;
    band.image = index / bands;
    band.first_row = index % bands * band_rows_;
    band.rows = std::min(band_rows_, shape_.oh - band.first_row);
    auto* scratch = reinterpret_cast<std::uint8_t*>(args.workspace) + thread * scratch_bytes_;
    run_band(args, band, static_cast<std::size_t>(panels * part / parts),
             static_cast<std::size_t>(panels * (part + 1) / parts), scratch);
  });
}

}  // namespace

std::unique_ptr<Executable> make_dot_conv(DotProduct product, const VectorKernels& kernels,
                                          int threads) {
  return std::make_unique<DotConv>(std::move(product), kernels, threads);
}

}  // namespace octet::cpu
