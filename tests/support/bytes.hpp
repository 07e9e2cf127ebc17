// Bytes of hand-made files, and the expectation that a reader refuses them.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <octet/status.hpp>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace octet::test {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The failure of `action`; an ok Status when it does not throw.
template <typename Action>
Status failure_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.status();
  }
  return {};
}

// Content that a reader must refuse: with which code, and a part of the sentence.
struct BadCase {
  std::string name;
  std::string content;
  StatusCode code;
  std::string part;

  friend void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }
};

inline void expect_refusal(const Status& status, const BadCase& bad) {
  EXPECT_EQ(to_string(status.code()), to_string(bad.code)) << status.to_string();
  EXPECT_NE(status.message().find(bad.part), std::string::npos)
      << '"' << status.message() << "\" lacks \"" << bad.part << '"';
}

template <typename Action>
void expect_failure(Action&& action, const BadCase& bad) {
  expect_refusal(failure_of(action), bad);
}

// The same, and the failure must say that it lies in `where`.
template <typename Action>
void expect_failure(Action&& action, StatusCode code, std::string_view part,
                    std::string_view where) {
  expect_failure(action, BadCase{{}, {}, code, std::string(part)});
  EXPECT_EQ(failure_of(action).where(), where);
}

// Damages a valid file in `rounds` ways, fixed by the seed, and lets `read` have each: it must
// succeed or throw an Error. (What it must not do, a sanitizer tells.)
template <typename Read>
void read_damaged(const std::string& file, int rounds, Read&& read) {
  Random random(file.size());
  const auto position = [&] {
    return static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(file.size()) - 1));
  };
  for (int round = 0; round < rounds; ++round) {
    std::string damaged = file;
    for (std::int64_t change = random.between(1, 4); change > 0; --change)
      damaged[position()] = static_cast<char>(random.between(-128, 127));
    if (random.between(0, 7) == 0) damaged.resize(position());
    static_cast<void>(failure_of([&] { read(damaged); }));
  }
}

}  // namespace octet::test
