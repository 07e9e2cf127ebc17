// Places along some axes, and where they lead, as plain numbers a kernel can take.
#pragma once

namespace octet::cuda {

// Axes outermost first, with their steps in elements of the value that is walked.
struct Walk {
  static constexpr int kMostAxes = 8;

  int axes = 0;
  int extents[kMostAxes];
  long long steps[kMostAxes];
};

}  // namespace octet::cuda
