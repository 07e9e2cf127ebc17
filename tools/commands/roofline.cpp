#include <cstdio>
#include <octet/session.hpp>

#include "base/format.hpp"
#include "cli/files.hpp"
#include "cli/option_table.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "options/session_flags.hpp"
#include "report/roofline.hpp"
#include "report/step_times.hpp"

namespace octet::tools {
namespace {

struct RooflineOptions : InputFlags, SessionFlags {
  int runs = 5;
  double tera_macs = 0.0, giga_bytes = 0.0;
  std::string html;
};

// What the user says, else what the backend states.
Peaks peaks_of(const Session& session, const RooflineOptions& options) {
  Peaks peaks{options.tera_macs * 1e12, options.giga_bytes * 1e9};
  for (const BackendInfo& backend : backends()) {
    if (backend.name != session.backend()) continue;
    if (peaks.int8_macs_per_second <= 0.0)
      peaks.int8_macs_per_second = backend.peak_int8_macs_per_second;
    if (peaks.bytes_per_second <= 0.0) peaks.bytes_per_second = backend.peak_bytes_per_second;
  }
  if (peaks.int8_macs_per_second <= 0.0 || peaks.bytes_per_second <= 0.0)
    throw Error(StatusCode::invalid_argument,
                concat("the peaks of the backend ", session.backend(), " are not known"), {},
                "give --peak-tmacs and --peak-gbytes");
  return peaks;
}

}  // namespace

void roofline_command(const std::string& program, const std::vector<std::string>& arguments) {
  RooflineOptions options;
  CLI::App app("Shows each operator's time against what the device could do at best.", program);
  add_input_flags(app, options);
  app.add_option("--runs", options.runs, "how often each step is timed; the median counts")
      ->check(above_zero());
  app.add_option("--peak-tmacs", options.tera_macs,
                 "10^12 multiply-accumulates of 8-bit integers a second, at best");
  app.add_option("--peak-gbytes", options.giga_bytes, "10^9 bytes of memory a second, at best");
  app.add_option("--html", options.html, "write a picture of it to this file");
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  if (!parse(app, arguments)) return;
  check(options);
  listen_to_library(false);

  const SessionOptions settings = session_options(options);
  const Model model = load_model(options);
  const Session session = Session::create(model, settings).value();
  const Peaks peaks = peaks_of(session, options);
  Execution execution = session
                            .prepare(read_model_inputs(model, options, !options.const_shape,
                                                       random_input_spec(model)))
                            .value();
  StepRuns runs;
  for (int i = 0; i < options.runs; ++i) runs.push_back(execution.time_steps().value());
  const std::vector<RooflineRow> rows = roofline_rows(execution.plan(), median_times(runs), peaks);
  std::printf("%sat best %.1f TMAC/s and %.0f GB/s on %s\n", roofline_table(rows).c_str(),
              peaks.int8_macs_per_second / 1e12, peaks.bytes_per_second / 1e9,
              session.backend().c_str());
  if (!options.html.empty())
    write_text_file(options.html,
                    roofline_page(rows, concat(options.model, " on ", session.backend())));
}

}  // namespace octet::tools
