#include "base/file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "support/temporary_path.hpp"

namespace octet {
namespace {

TEST(WriteFile, LeavesOneWholeFileWhereManyWrite) {
  const std::string folder = test::temporary_path(), path = folder + "/written";
  std::filesystem::create_directory(folder);
  constexpr std::size_t kThreads = 8;
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        const std::vector<std::byte> bytes(10'000 + t, static_cast<std::byte>(t));
        for (int i = 0; i < 50; ++i) write_file(path, bytes);
      });
  }
  const std::vector<std::byte> bytes = read_file(path);
  ASSERT_GE(bytes.size(), 10'000u);
  const std::size_t writer = bytes.size() - 10'000;
  EXPECT_EQ(bytes, std::vector<std::byte>(bytes.size(), static_cast<std::byte>(writer)));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "drafts are left";
  std::filesystem::remove_all(folder);
}

TEST(MapFile, GivesMemoryOfItsOwn) {
  const std::string path = test::temporary_path();
  write_file(path, std::vector<std::byte>(10, std::byte{7}));
  const MappedFile mapped = map_file(path);
  const_cast<std::byte&>(mapped.bytes[3]) = std::byte{9};
  EXPECT_EQ(mapped.bytes[3], std::byte{9});
  EXPECT_EQ(read_file(path)[3], std::byte{7});
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace octet
