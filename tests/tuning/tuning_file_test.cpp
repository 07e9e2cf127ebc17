// The file of measured times: kept, shared, and hostile.
#include "tuning/tuning_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <octet/log.hpp>
#include <random>
#include <thread>

#include "tuning/file_store.hpp"

namespace octet {
namespace {

using Access = Database::Access;

class TuningFileTest : public testing::Test {
 protected:
  TuningFileTest() {
    std::string pattern = testing::TempDir() + "octet_tuning_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    path_ = folder_ / "times.db";
    set_log_callback([this](LogLevel level, std::string_view message) {
      if (level == LogLevel::warning) warnings_.emplace_back(message);
    });
  }
  ~TuningFileTest() override {
    set_log_callback({});
    std::filesystem::remove_all(folder_);
  }

  static TuningKey key(const std::string& problem, const std::string& device = "a GPU") {
    return {{device, "9.0", "13.0", "CUDA 13.0"}, problem};
  }
  std::string read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // The file as it is must be refused, told once, set aside as it is, and begun anew.
  void expect_begun_anew() {
    const std::string before = read();
    EXPECT_THROW(TuningFile(path_, Access::read), DatabaseError);
    {
      const auto store = open_tuning_store(path_);
      store->save(key("p"), {{"k", 1.0}});
      EXPECT_EQ(store->load(key("p")).at("k"), 1.0);
    }
    EXPECT_EQ(warnings_.size(), 1u);
    std::ifstream aside(path_.string() + ".unusable", std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(aside), {}), before);
    EXPECT_EQ(open_tuning_store(path_)->load(key("p")).size(), 1u);
    EXPECT_EQ(warnings_.size(), 1u);
  }

  std::filesystem::path folder_, path_;
  std::vector<std::string> warnings_;
};

TEST_F(TuningFileTest, KeepsTimesByDeviceAndProblem) {
  const KernelTimes times{{"quick", 0.25}, {"never", std::numeric_limits<double>::infinity()}};
  {
    TuningFile file(path_, Access::write);
    file.save(key("p"), {{"old", 3.0}});
    file.save(key("p"), times);
    file.save(key("p", "another"), {{"quick", 2.0}});
  }
  TuningFile file(path_, Access::read);
  EXPECT_EQ(file.load(key("p")), times);
  EXPECT_EQ(file.load(key("p", "another")).at("quick"), 2.0);
  EXPECT_TRUE(file.load(key("q")).empty());
  ASSERT_EQ(file.entries().size(), 2u);
  EXPECT_EQ(file.entries()[0].times, times);
  EXPECT_EQ(file.entries()[1].key.identity.device, "another");
}

TEST_F(TuningFileTest, AnotherDriverOrLibraryIsAnotherDevice) {
  TuningFile file(path_, Access::write);
  file.save(key("p"), {{"k", 1.0}});
  for (auto member :
       {&DeviceIdentity::capability, &DeviceIdentity::driver, &DeviceIdentity::library}) {
    TuningKey other = key("p");
    other.identity.*member = "another";
    EXPECT_TRUE(file.load(other).empty());
  }
}

TEST_F(TuningFileTest, ClearsEverything) {
  TuningFile file(path_, Access::write);
  file.save(key("p"), {{"k", 1.0}});
  file.clear();
  EXPECT_TRUE(file.entries().empty());
}

TEST_F(TuningFileTest, ManyMayWriteAtOnce) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      const auto store = open_tuning_store(path_);  // a connection each, as processes have
      for (int i = 0; i < 20; ++i)
        store->save(key("p" + std::to_string(t) + "." + std::to_string(i)), {{"k", 1.0 + i}});
    });
  threads.clear();
  EXPECT_EQ(TuningFile(path_, Access::read).entries().size(), 80u);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(TuningFileTest, AnEmptyFileIsANewOne) {
  write("");
  open_tuning_store(path_)->save(key("p"), {{"k", 1.0}});
  EXPECT_EQ(TuningFile(path_, Access::read).entries().size(), 1u);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(TuningFileTest, TextIsBegunAnew) {
  write(std::string(5000, 'x'));
  expect_begun_anew();
}

TEST_F(TuningFileTest, ATruncatedFileIsBegunAnew) {
  {
    TuningFile file(path_, Access::write);
    for (int i = 0; i < 200; ++i) file.save(key("p" + std::to_string(i)), {{"k", 1.0}});
  }
  write(read().substr(0, read().size() / 2));
  expect_begun_anew();
}

TEST_F(TuningFileTest, AnotherProgramsDatabaseIsBegunAnew) {
  Database(path_, Access::write).execute("CREATE TABLE bookmarks (url TEXT)");
  expect_begun_anew();
}

TEST_F(TuningFileTest, AnotherVersionIsBegunAnew) {
  TuningFile(path_, Access::write).save(key("p"), {{"k", 1.0}});
  Database(path_, Access::write).execute("PRAGMA journal_mode = DELETE; PRAGMA user_version = 999");
  expect_begun_anew();
}

// The right numbers in the header, and a schema that would run code.
TEST_F(TuningFileTest, AViewInPlaceOfTheTableIsBegunAnew) {
  Database(path_, Access::write)
      .execute(
          "PRAGMA application_id = 1331909749; PRAGMA user_version = 1;"
          "CREATE TABLE other (x); CREATE VIEW times AS SELECT randomblob(100000000) AS device "
          "FROM other");
  expect_begun_anew();
}

TEST_F(TuningFileTest, ATriggerBesideTheTableIsBegunAnew) {
  TuningFile(path_, Access::write).save(key("p"), {{"k", 1.0}});
  Database(path_, Access::write)
      .execute(
          "PRAGMA journal_mode = DELETE; CREATE TRIGGER t AFTER INSERT ON times BEGIN DELETE "
          "FROM times; END");
  expect_begun_anew();
}

TEST_F(TuningFileTest, SkipsRowsOfTheWrongType) {
  TuningFile file(path_, Access::write);
  Database(path_, Access::write)
      .execute(
          "INSERT INTO times VALUES ('a GPU', '9.0', '13.0', 'CUDA 13.0', 'p', 'a', 'soon'),"
          "('a GPU', '9.0', '13.0', 'CUDA 13.0', 'p', 'b', NULL),"
          "('a GPU', '9.0', '13.0', 'CUDA 13.0', 'p', 'c', -1.0),"
          "('a GPU', '9.0', '13.0', 'CUDA 13.0', 'p', 'd', 1.0)");
  EXPECT_EQ(file.load(key("p")), (KernelTimes{{"d", 1.0}}));
}

// Whatever bytes are damaged: nothing throws, nothing hangs, at most one warning.
TEST_F(TuningFileTest, DamagedBytesDoNoHarm) {
  {
    TuningFile file(path_, Access::write);
    for (int i = 0; i < 50; ++i) file.save(key("p" + std::to_string(i)), {{"k", 1.0}});
  }
  const std::string sound = read();
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    std::string bytes = sound;
    for (int i = 0; i < 20; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 4 == 0) bytes[random() % 100] = static_cast<char>(random());
    write(bytes);
    warnings_.clear();
    const auto store = open_tuning_store(path_);
    for (int i = 0; i < 50; ++i) store->load(key("p" + std::to_string(i)));
    store->save(key("new"), {{"k", 2.0}});
    EXPECT_LE(warnings_.size(), 1u);
  }
}

TEST_F(TuningFileTest, WhatIsNoFileIsLeftAloneAndToldOnce) {
  std::filesystem::create_directory(path_);
  const auto store = open_tuning_store(path_);
  store->save(key("p"), {{"k", 1.0}});
  EXPECT_TRUE(store->load(key("p")).empty());
  EXPECT_EQ(warnings_.size(), 1u);
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(TuningFileTest, AFolderThatIsNotThereIsToldOnce) {
  open_tuning_store(folder_ / "none" / "times.db");
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(TuningFileTest, ANameOfSqlitesOwnIsAFile) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  open_tuning_store(":memory:")->save(key("p"), {{"k", 1.0}});
  EXPECT_TRUE(std::filesystem::exists(folder_ / ":memory:"));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace octet
