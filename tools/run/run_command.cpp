#include "run/run_command.hpp"

#include <octet/version.hpp>
#include <system_error>
#include <thread>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "options/compatibility.hpp"
#include "run/reports.hpp"
#include "run/value_dumps.hpp"

namespace octet::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  load_and_run resnet18.mge --input cat.jpg --iter 100 --top 5
  load_and_run resnet18.mge --input 'data:rand(-1,1,0)' --batch-size 128 --enable-chwn4
  load_and_run model.onnx --input image.npy --output-npy out --json report.json --profile-table
Result lines go to stdout, everything else to stderr; with "--json -" the result lines too.
Exit codes: 0 ok, 1 a check failed, 2 wrong options, 3 broken model or input, 4 unsupported,
5 no device, 6 out of memory or limits, 7 file errors, 70 a bug.)";

const TensorInfo* first_input(const PlanInfo& plan) {
  return plan.inputs.empty() ? nullptr : &plan.inputs.front();
}

RunReport make_report(const PreparedRun& run, const Measurement& measured,
                      const RunOptions& options, const std::vector<std::string>& command) {
  RunReport report;
  report.command = command;
  report.octet_version = version();
  report.compiler = compiler();
  report.machine = this_machine();
  const ModelInfo& model = run.model.info();
  report.model_path = model.origin;
  report.model_format = model.format;
  report.model_producer = model.producer;
  report.parameters = model.parameters;
  report.backend = run.session.backend();
  for (const BackendInfo& backend : backends())
    if (backend.name == report.backend) {
      report.backend_description = backend.description;
      report.peaks = {backend.peak_int8_macs_per_second, backend.peak_bytes_per_second};
    }
  report.numerics = run.settings.numerics;
  report.threads = run.settings.threads;
  report.layout = run.settings.layout;
  report.input_location = run.is_device ? "device" : "host";
  report.input_sources = options.input;
  report.copies_inputs = options.copy_to_device_each;
  report.copies_outputs = options.copy_to_host;
  report.load_ms = run.load_ms;
  report.inputs_ms = run.inputs_ms;
  report.device_ms = run.device_ms;
  report.prepare_ms = run.prepare_ms;
  report.warmup_ms = measured.warmup_ms;
  report.iterations = measured.iterations;
  report.h2d_ms = measured.h2d_ms;
  report.d2h_ms = measured.d2h_ms;
  report.plan = run.execution.plan();
  for (const StepInfo& step : report.plan.steps) report.macs += step.macs;
  if (const TensorInfo* input = first_input(report.plan); input && input->type.shape.rank() > 0)
    report.batch = input->type.shape[0];
  return report;
}

void run_job(const RunOptions& options, const std::vector<std::string>& command, Console& console) {
  PreparedRun run = prepare_run(options, console);
  if (options.model_info) print_model_info(run.model, run.execution.plan(), console);
  const Measurement measured = measure(run, options, console);
  RunReport report = make_report(run, measured, options, command);
  inspect_values(run.execution, options);
  if (!options.output_npy.empty()) write_outputs_as_npy(options.output_npy, measured.outputs);
  write_reports(run, options, report, console);
  print_summary(report, options.verbose, console);
  if (options.top) print_top(measured.outputs, *options.top, console);
}

// --thread: the whole job in each thread at once. The first failure is the outcome.
void run_jobs(const RunOptions& options, const std::vector<std::string>& command,
              Console& console) {
  if (options.thread == 1) return run_job(options, command, console);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(options.thread));
  {
    std::vector<std::jthread> threads;
    try {
      for (std::exception_ptr& failure : failures)
        threads.emplace_back([&] {
          try {
            run_job(options, command, console);
          } catch (...) {
            failure = std::current_exception();
          }
        });
    } catch (const std::system_error& error) {
      throw Error(StatusCode::resource_exhausted,
                  concat("not all of ", options.thread,
                         " threads can be started: ", error.code().message()),
                  "--thread");
    }
  }
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_command(const std::string& program, const std::vector<std::string>& arguments) {
  RunOptions options;
  CLI::App app("Loads a model, runs it and says how long that takes.", program);
  add_input_flags(app, options);
  add_group(app, options, measure_group());
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  add_group(app, options, subgraph_group());
  add_group(app, options, dump_group());
  add_group(app, options, report_group());
  const CompatibilityOptions compatibility(app);
  app.footer(kExamples);
  if (!parse(app, arguments)) return;

  check(options);
  listen_to_library(options.verbose);
  compatibility.report();
  const bool is_report_piped =
      options.json == "-" || options.profile == "-" || options.profile_host == "-";
  Console console(!options.no_progress, is_report_piped ? stderr : stdout);
  console.line("octet load-and-run: using Octet %s", std::string(version()).c_str());
  std::vector<std::string> command{program};
  command.insert(command.end(), arguments.begin(), arguments.end());
  run_jobs(options, command, console);
}

}  // namespace octet::tools
