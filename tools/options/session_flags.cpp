#include "options/session_flags.hpp"

#include <sched.h>

#include <algorithm>
#include <octet/session.hpp>
#include <sstream>

#include "base/format.hpp"

namespace octet::tools {
namespace {

[[noreturn]] void contradiction(const std::string& sentence) {
  throw Error(StatusCode::invalid_argument, sentence);
}

// The processors that MegEngine can choose layouts for, and the empty word of an option without
// one; a choice for those that we run on is what happens without the option.
void check_layout_transform(const std::string& target, const std::vector<std::string>& layouts) {
  if (target == "arm" || target == "opencl")
    throw Error(StatusCode::unsupported, concat("--layout-transform ", target,
                                                " cannot be done: Octet runs on x86 CPUs and "
                                                "NVIDIA GPUs"));
  constexpr std::string_view kOurs[] = {"", "cuda", "cpu", "x86", "unspec"};
  if (std::find(std::begin(kOurs), std::end(kOurs), target) == std::end(kOurs))
    contradiction(concat("--layout-transform is cuda, cpu, x86 or unspec, not \"", target, "\""));
  if (!layouts.empty())
    contradiction(concat("--layout-transform chooses layouts, and --enable-", layouts.front(),
                         " says which one"));
}

std::string layout_of(const SessionFlags& flags) {
  std::vector<std::string> layouts;
  if (flags.enable_nchw4) layouts.push_back("nchw4");
  if (flags.enable_nchw32) layouts.push_back("nchw32");
  if (flags.enable_chwn4) layouts.push_back("chwn4");
  if (flags.enable_nhwc) layouts.push_back("nhwc");
  if (layouts.size() > 1)
    contradiction(concat("only one layout can be enabled, not ", join(layouts, " and ")));
  if (flags.layout_transform) check_layout_transform(*flags.layout_transform, layouts);
  return layouts.empty() ? "auto" : layouts.front();
}

std::string backend_of(const SessionFlags& flags) {
  const bool is_cpu = flags.cpu || flags.cpu_default;
  if (!is_cpu && !flags.cuda) return flags.backend;
  if (is_cpu && flags.cuda) contradiction("--cpu and --cuda exclude each other");
  if (flags.backend != "auto")
    contradiction(concat(flags.cuda ? "--cuda" : "--cpu", " and --backend exclude each other"));
  if (flags.cuda) return "cuda";
  for (const BackendInfo& backend : backends())
    if (!backend.is_device && backend.unavailable.empty()) return backend.name;
  return "reference";
}

// The packed layouts are those of GPU kernels; a host backend runs them only when it is named.
void require_gpu(const std::string& layout) {
  for (const BackendInfo& backend : backends()) {
    if (!backend.is_device) continue;
    if (backend.unavailable.empty()) return;
    throw Error(StatusCode::unavailable,
                concat("--enable-", layout, " needs a GPU: ", backend.unavailable), {},
                "--backend reference runs it on the CPU, slowly");
  }
  throw Error(StatusCode::unavailable,
              concat("--enable-", layout, " needs a GPU, and this program was built without CUDA"),
              {}, "--backend reference runs it on the CPU, slowly");
}

int threads_of(const SessionFlags& flags) {
  if (flags.multithread && flags.multithread_default)
    contradiction("--multithread and --multithread-default exclude each other");
  const int threads = flags.multithread.value_or(flags.multithread_default.value_or(1));
  if (threads < 1) contradiction(concat("--multithread must be at least 1, not ", threads));
  return threads;
}

void pin_to_cores(const std::string& text, int threads) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  int count = 0;
  std::istringstream list(text);
  for (std::string item; std::getline(list, item, ',');) {
    const bool is_number = !item.empty() && item.size() < 5 &&
                           item.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoi(item) >= CPU_SETSIZE)
      contradiction(concat("--multi-thread-core-ids takes numbers like 0,1,2, not \"", text, "\""));
    CPU_SET(static_cast<std::size_t>(std::stoi(item)), &cores);
    ++count;
  }
  if (count != threads)
    contradiction(concat("--multi-thread-core-ids names ", count, " cores for ", threads,
                         " threads; --multithread must say the same number"));
  if (sched_setaffinity(0, sizeof(cores), &cores) != 0)
    throw Error(StatusCode::unavailable, concat("this machine has no cores ", text));
}

void set_search(SessionOptions& options, const SessionFlags& flags) {
  options.fast_run = flags.fast_run;
  options.full_run = flags.full_run;
  options.tuning_cache = flags.algo_policy;
  const bool measures = flags.fast_run || flags.full_run;
  if (flags.shared_batch) {
    if (*flags.shared_batch < 1)
      contradiction(
          concat("--fast-run-shared-batch-size must be at least 1, not ", *flags.shared_batch));
    if (!measures && flags.algo_policy.empty())
      contradiction("--fast-run-shared-batch-size needs --fast-run, --full-run or a file of them");
    options.tuning_batch = *flags.shared_batch;
  }
  if (flags.search_seconds) {
    if (!(*flags.search_seconds >= 0.0))
      contradiction("--fast-run-time-limit must not be negative");
    if (!measures) contradiction("--fast-run-time-limit needs --fast-run or --full-run");
    options.tuning_seconds = *flags.search_seconds;
  }
}

}  // namespace

const OptionGroup<SessionFlags>& session_group() {
  static const OptionGroup<SessionFlags> group{
      "Device and kernels",
      {
          {"--backend", "NAME", &SessionFlags::backend,
           "what runs the model: auto (default), cuda, cpu, onednn, reference"},
          {"--cpu", "", &SessionFlags::cpu, "the fastest backend of the CPU"},
          {"--cpu-default", "", &SessionFlags::cpu_default, "the same as --cpu"},
          {"--cuda", "", &SessionFlags::cuda, "the same as --backend cuda"},
          {"--multithread", "N", &SessionFlags::multithread, "CPU threads of one run (default 1)"},
          {"--multithread-default", "N", &SessionFlags::multithread_default,
           "the same as --multithread"},
          {"--multi-thread-core-ids", "0,1,..", &SessionFlags::core_ids,
           "pin the threads to these cores, as many as there are threads"},
          {"--numerics", "MODE", &SessionFlags::numerics,
           "exact (default): the framework's own bits; fast: also library epilogues that may "
           "differ by one step"},
          {"--workspace-limit", "BYTES", &SessionFlags::workspace_limit,
           "scratch memory one operator may use"},
          {"--fast-run", "", &SessionFlags::fast_run,
           "measure the kernels that can do an operator, and the layouts where none is enabled, "
           "and take the fastest"},
          {"--full-run", "", &SessionFlags::full_run,
           "the same with every kernel, however slow it is expected to be"},
          {"--fast-run-algo-policy", "FILE", &SessionFlags::algo_policy,
           "keep what was measured in this file, and go by it where it knows the operator"},
          {"--fast-run-shared-batch-size", "N", &SessionFlags::shared_batch,
           "measure operators at batch N, and let the outcome hold for every batch"},
          {"--fast-run-time-limit", "SECONDS", &SessionFlags::search_seconds,
           "stop measuring after so long; the rest is chosen by order and estimate"},
          {"--skip-kernel", "NAME", &SessionFlags::skip_kernels,
           "do not use this kernel; NAME* for all that begin so; may be repeated"},
          {"--no-optimise", "", &SessionFlags::no_optimise,
           "run the graph as the file has it, node by node"},
          {"--disable-mem-opt", "", &SessionFlags::disable_mem_opt,
           "give every value memory of its own"},
          {"--const-shape", "", &SessionFlags::const_shape, "accept only the shapes of the file"},
      }};
  return group;
}

const OptionGroup<SessionFlags>& layout_group() {
  static const OptionGroup<SessionFlags> group{
      "Layout of 8-bit convolutions (at most one; none: NHWC, with --fast-run the fastest for "
      "each)",
      {
          {"--enable-nchw4", "", &SessionFlags::enable_nchw4, "NCHW4"},
          {"--enable-nchw32", "", &SessionFlags::enable_nchw32, "NCHW32, for Tensor Cores"},
          {"--enable-chwn4", "", &SessionFlags::enable_chwn4, "CHWN4, for large batches"},
          {"--enable-nhwc", "", &SessionFlags::enable_nhwc, "NHWC throughout, with --fast-run too"},
          {"--layout-transform", "[TARGET]", &SessionFlags::layout_transform,
           "choose for each operator, what --fast-run does anyway; cuda, cpu, x86 or unspec"},
      }};
  return group;
}

SessionOptions session_options(const SessionFlags& flags) {
  SessionOptions options;
  options.layout = layout_of(flags);
  options.backend = backend_of(flags);
  const bool is_packed = options.layout != "auto" && options.layout != "nhwc";
  if (is_packed && options.backend == "auto") require_gpu(options.layout);
  options.threads = threads_of(flags);
  if (flags.core_ids) pin_to_cores(*flags.core_ids, options.threads);
  if (flags.numerics != "exact" && flags.numerics != "fast")
    contradiction(concat("--numerics is exact or fast, not \"", flags.numerics, "\""));
  options.numerics = flags.numerics == "fast" ? Numerics::fast : Numerics::exact;
  options.workspace_limit = flags.workspace_limit;
  set_search(options, flags);
  options.skip_kernels = flags.skip_kernels;
  options.optimise = !flags.no_optimise;
  options.reuse_memory = !flags.disable_mem_opt;
  options.fixed_shapes = flags.const_shape;
  apply(flags, options);
  return options;
}

}  // namespace octet::tools
