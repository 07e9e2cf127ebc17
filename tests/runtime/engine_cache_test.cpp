#include "runtime/engine_cache.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <octet/log.hpp>
#include <octet/status.hpp>

#include "support/temporary_path.hpp"

namespace octet {
namespace {

std::vector<std::byte> blob(const std::string& text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}

class EngineCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    set_log_callback([this](LogLevel level, std::string_view message) {
      if (level == LogLevel::warning) warnings_.emplace_back(message);
    });
  }
  void TearDown() override {
    set_log_callback({});
    std::filesystem::remove(path_);
  }

  std::string content() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void overwrite(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  const std::string path_ = test::temporary_path();
  std::vector<std::string> warnings_;
};

TEST_F(EngineCacheTest, KeepsBlobsBetweenProcesses) {
  {
    EngineCache cache(path_);
    EXPECT_EQ(cache.find("a"), std::nullopt);
    cache.put("a", blob("first"));
    cache.put("b", blob(std::string(100000, 'x')));
    cache.put("a", blob("second"));
  }
  EngineCache again(path_);
  EXPECT_EQ(again.find("a"), blob("second"));
  EXPECT_EQ(again.find("b"), blob(std::string(100000, 'x')));
  EXPECT_EQ(again.find("c"), std::nullopt);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(EngineCacheTest, TwoWritersKeepEachOthersEntries) {
  EngineCache one(path_), other(path_);
  one.put("a", blob("1"));
  other.put("b", blob("2"));
  EngineCache again(path_);
  EXPECT_EQ(again.find("a"), blob("1"));
  EXPECT_EQ(again.find("b"), blob("2"));
}

TEST_F(EngineCacheTest, AForeignFileIsReplacedWithOneWarning) {
  for (const char* foreign : {"SQLite format 3", "x", "octet engines 2\nwhatever"}) {
    overwrite(foreign);
    warnings_.clear();
    EngineCache cache(path_);
    ASSERT_EQ(warnings_.size(), 1u);
    EXPECT_NE(warnings_[0].find("not an engine cache"), std::string::npos);
    EXPECT_EQ(cache.find("a"), std::nullopt);
    cache.put("a", blob("1"));
    EXPECT_EQ(EngineCache(path_).find("a"), blob("1"));
  }
}

TEST_F(EngineCacheTest, EveryCutAndEveryFlippedByteIsSurvived) {
  EngineCache cache(path_);
  cache.put("first key", blob("first blob"));
  cache.put("second key", blob("second blob"));
  const std::string whole = content();
  const auto check = [&](const std::string& damaged) {
    overwrite(damaged);
    EngineCache again(path_);
    // What is given is what was put, or nothing.
    for (const auto& [key, value] :
         {std::pair{"first key", "first blob"}, std::pair{"second key", "second blob"}})
      EXPECT_EQ(again.find(key).value_or(blob(value)), blob(value));
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    warnings_.clear();
    check(whole.substr(0, size));
    EXPECT_LE(warnings_.size(), 1u);
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const char bit : {'\x01', '\x80'}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      warnings_.clear();
      check(damaged);
      EXPECT_EQ(warnings_.size(), 1u) << "byte " << i;
    }
}

TEST_F(EngineCacheTest, AFolderIsNoCacheAndCannotBeWritten) {
  std::filesystem::create_directory(path_);
  EngineCache cache(path_);
  EXPECT_EQ(warnings_.size(), 1u);
  EXPECT_THROW(cache.put("a", blob("1")), Error);
}

}  // namespace
}  // namespace octet
