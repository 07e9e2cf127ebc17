#include "tuning/file_store.hpp"

#include <chrono>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "tuning/tuning_file.hpp"

namespace octet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPause{2};

class FileStore final : public TuningStore {
 public:
  explicit FileStore(std::string path) : path_(std::move(path)) {
    guarded([&] {
      try {
        open();
      } catch (const DatabaseError& error) {
        if (error.kind() != DatabaseError::Kind::content) throw;
        set_aside(error.what());
        open();
      }
    });
  }

  KernelTimes load(const TuningKey& key) override {
    const std::lock_guard lock(mutex_);
    KernelTimes times;
    if (file_) guarded([&] { times = file_->load(key); });
    return times;
  }
  void save(const TuningKey& key, const KernelTimes& times) override {
    const std::lock_guard lock(mutex_);
    if (file_) guarded([&] { file_->save(key, times); });
  }

 private:
  void open() { file_ = std::make_unique<TuningFile>(path_, Database::Access::write); }

  void set_aside(const std::string& why) {
    const std::string aside = path_ + ".unusable";
    std::error_code error;
    std::filesystem::rename(path_, aside, error);
    if (error) throw DatabaseError(DatabaseError::Kind::system, why + ", and it cannot be renamed");
    // Logs that belong to the old file would be played into the new one.
    for (const char* suffix : {"-wal", "-shm", "-journal"})
      std::filesystem::remove(path_ + suffix, error);
    log(LogLevel::warning, "the tuning file ", path_, " cannot be used: ", why, "; it is now ",
        aside, ", and a new one is begun");
  }

  // After a failure nothing more is kept, so that it is told once. Others that hold the file for
  // long are no failure: what could not be written is measured again some day.
  template <typename Work>
  void guarded(const Work& work) {
    try {
      patient(work);
    } catch (const DatabaseError& error) {
      if (error.kind() == DatabaseError::Kind::busy) return;
      log(LogLevel::warning, "the tuning file ", path_, " is not used: ", error.what());
      file_ = nullptr;
    }
  }

  // SQLite waits for other users of the file by itself, but not while it changes the journal's mode
  // or recovers a log: there it says at once that the file is busy. `work` is done or not begun.
  template <typename Work>
  static void patient(const Work& work) {
    for (const auto end = Clock::now() + kPatience;;) {
      try {
        return work();
      } catch (const DatabaseError& error) {
        if (error.kind() != DatabaseError::Kind::busy || Clock::now() >= end) throw;
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  const std::string path_;
  std::mutex mutex_;
  std::unique_ptr<TuningFile> file_;
};

}  // namespace

std::shared_ptr<TuningStore> open_tuning_store(const std::string& path) {
  return std::make_shared<FileStore>(path);
}

}  // namespace octet
