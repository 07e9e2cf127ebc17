#include "backends/tensorrt/engine_blob.hpp"

#include <gtest/gtest.h>

#include <octet/status.hpp>

namespace octet::tensorrt {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

TEST(EngineBlob, ComesBackAsItWas) {
  const std::vector<std::byte> plan = bytes_of(std::string("in x\n\0binary\n\n", 14));
  const std::vector<std::byte> packed = pack({{"data", "with space"}, {"y"}, plan});
  const EngineBlob blob = unpack(packed);
  EXPECT_EQ(blob.inputs, (std::vector<std::string>{"data", "with space"}));
  EXPECT_EQ(blob.outputs, std::vector<std::string>{"y"});
  EXPECT_TRUE(std::equal(blob.plan.begin(), blob.plan.end(), plan.begin(), plan.end()));
}

TEST(EngineBlob, ForeignBytesAreRefused) {
  for (const char* foreign : {"", "\x01\x02", "ptrt", "in x\nout y\n", "in x\nplan\n\n", "inx\n\n"})
    EXPECT_THROW(unpack(bytes_of(foreign)), Error) << foreign;
}

}  // namespace
}  // namespace octet::tensorrt
