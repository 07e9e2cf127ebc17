#include "options/compatibility.hpp"

#include <array>
#include <deque>
#include <octet/session.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.hpp"
#include "cli/program.hpp"

namespace octet::tools {
namespace {

enum class Effect { none, unsupported };

struct Row {
  std::string_view name;
  bool takes_value;
  Effect effect;
  std::string_view why;  // fits behind "has no effect: " or "cannot be done: "
};

constexpr std::string_view kAlways = "Octet always does this";
constexpr std::string_view kNoRecording = "plans are always recorded where the device can do that";
constexpr std::string_view kOtherLayout =
    "the layout is for other processors; --enable-nchw4, --enable-nchw32 and --enable-chwn4 are "
    "those of NVIDIA GPUs";
constexpr std::string_view kOneInterface = "there is one way to load a model";
constexpr std::string_view kOtherModel =
    "models packed by MegEngine Lite are neither read nor written";
constexpr std::string_view kFitting = "--fast-run chooses layouts and kernels by measuring";
constexpr std::string_view kDebugging = "it debugs MegEngine itself";

constexpr std::array kRows{
    Row{"--share-param-mem", false, Effect::none, kAlways},
    Row{"--enable-fuse-conv-bias-nonlinearity", false, Effect::none, kAlways},
    Row{"--enable-fuse-conv-bias-with-z", false, Effect::none, kAlways},
    Row{"--enable-fuse-preprocess", false, Effect::none, kAlways},
    Row{"--weight-preprocess", false, Effect::none, kAlways},
    Row{"--optimize-for-inference", false, Effect::none, kAlways},
    Row{"--reproducible", false, Effect::none, "every kernel gives the same bits every time"},
    Row{"--binary-equal-between-batch", false, Effect::none,
        "every kernel gives the same bits at every batch size"},
    Row{"--record-comp-seq", false, Effect::none, kNoRecording},
    Row{"--record-comp-seq2", false, Effect::none, kNoRecording},
    Row{"--no-sanity-check", false, Effect::none, "there is no such check to turn off"},
    Row{"--fake-first", false, Effect::none, "memory is laid out before the first run"},
    Row{"--winograd-transform", true, Effect::none, "8-bit convolutions do not use it"},
    Row{"--enable-jit", false, Effect::none, "elementwise chains are fused ahead of time"},
    Row{"--check-dispatch", false, Effect::none, kDebugging},
    Row{"--wait-gdb", false, Effect::none, kDebugging},
    Row{"--fuse-grain", false, Effect::none, "chains are fused as far as that pays"},
    Row{"--mdl", false, Effect::none, kOneInterface},
    Row{"--lite", false, Effect::none, kOneInterface},
    Row{"--enable-nchw44", false, Effect::unsupported, kOtherLayout},
    Row{"--enable-nchw44-dot", false, Effect::unsupported, kOtherLayout},
    Row{"--enable-nchw88", false, Effect::unsupported, kOtherLayout},
    Row{"--enable-nchw64", false, Effect::unsupported, kOtherLayout},
    Row{"--enable-nhwcd4", false, Effect::unsupported, kOtherLayout},
    Row{"--enable-ioc16", false, Effect::unsupported, "Octet does not lower floats to 16 bits"},
    Row{"--layout-transform-dump", true, Effect::unsupported,
        "the chosen layouts are not written to a model file; --dump-passes shows them"},
    Row{"--check-var-value", true, Effect::unsupported, "use --bin-io-dump and compare"},
    Row{"--get-static-mem-info", true, Effect::unsupported,
        "use --json, which has the memory plan in numbers"},
    Row{"--c-opr-lib", true, Effect::unsupported, "Octet does not load foreign operators"},
    Row{"--c-opr-lib-with-param", false, Effect::unsupported,
        "Octet does not load foreign operators"},
    Row{"--c-opr-init-interface", true, Effect::unsupported,
        "Octet does not load foreign operators"},
    Row{"--fitting", false, Effect::unsupported, kFitting},
    Row{"--dump-fitting-model", true, Effect::unsupported, kFitting},
    Row{"--model-dump", true, Effect::unsupported, "octet convert writes models"},
    Row{"--packed-model-dump", true, Effect::unsupported, kOtherModel},
    Row{"--pack-info-json", true, Effect::unsupported, kOtherModel},
    Row{"--pack-cache", true, Effect::unsupported, kOtherModel},
    Row{"--pack-info-cryption", true, Effect::unsupported, kOtherModel},
    Row{"--pack-model-cryption", true, Effect::unsupported, kOtherModel},
};

[[noreturn]] void refuse(const Row& row) {
  throw Error(StatusCode::unsupported, concat(row.name, " cannot be done: ", row.why));
}

}  // namespace

struct CompatibilityOptions::Given {
  std::deque<bool> flags;          // one per row; deque: addresses stay
  std::deque<std::string> values;  // likewise
  std::vector<CLI::Option*> options;
};

CompatibilityOptions::CompatibilityOptions(CLI::App& app) : given_(std::make_unique<Given>()) {
  for (const Row& row : kRows) {
    const std::string name(row.name), help(row.why);
    CLI::Option* option = row.takes_value
                              ? app.add_option(name, given_->values.emplace_back(), help)
                              : app.add_flag(name, given_->flags.emplace_back(), help);
    option->group("");  // not in --help: there are many, and none does anything
    given_->options.push_back(option);
  }
}

CompatibilityOptions::~CompatibilityOptions() = default;

void CompatibilityOptions::report() const {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (given_->options[i]->count() == 0) continue;
    const Row& row = kRows[i];
    if (row.effect != Effect::none) refuse(row);
    note(concat(row.name, " has no effect: ", row.why));
  }
}

}  // namespace octet::tools
