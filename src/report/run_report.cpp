#include "report/run_report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/statistics.hpp"

namespace octet {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchemaVersion = 1;

// JSON has no NaN.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json statistics(const std::vector<double>& samples) {
  const Statistics s = summarise(samples);
  return {{"count", s.count},        {"mean", number(s.mean)},   {"sd", number(s.deviation)},
          {"min", number(s.lowest)}, {"max", number(s.highest)}, {"p50", number(s.p50)},
          {"p90", number(s.p90)},    {"p95", number(s.p95)},     {"p99", number(s.p99)}};
}

Json type(const TensorType& type) {
  Json json = {{"dtype", to_string(type.dtype)},
               {"shape", std::vector<std::int64_t>(type.shape.begin(), type.shape.end())},
               {"layout", to_string(type.layout)}};
  if (type.quant) {
    json["scales"] = type.quant->scales;
    json["zero_points"] = type.quant->zero_points;
    json["axis"] = type.quant->axis;
  }
  return json;
}

Json tensors(const std::vector<TensorInfo>& infos) {
  Json list = Json::array();
  for (const TensorInfo& info : infos) {
    Json json = {{"name", info.name}};
    json.update(type(info.type));
    list.push_back(std::move(json));
  }
  return list;
}

Json candidates(const StepInfo& step) {
  Json list = Json::array();
  for (const KernelInfo& kernel : step.candidates) {
    Json json = {{"kernel", kernel.name}, {"backend", kernel.backend}};
    if (!kernel.refusal.empty()) json["refusal"] = kernel.refusal;
    if (kernel.milliseconds) json["ms"] = *kernel.milliseconds;
    list.push_back(std::move(json));
  }
  return list;
}

Json layouts(const StepInfo& step) {
  Json list = Json::array();
  for (const LayoutInfo& layout : step.layouts) {
    Json json = {{"layout", layout.layout}};
    if (layout.milliseconds) json[layout.is_bound ? "at_least_ms" : "ms"] = *layout.milliseconds;
    list.push_back(std::move(json));
  }
  return list;
}

Json steps(const RunReport& report) {
  const std::vector<double> medians = median_times(report.step_runs);
  Json list = Json::array();
  for (std::size_t i = 0; i < report.plan.steps.size(); ++i) {
    const StepInfo& step = report.plan.steps[i];
    Json json = {{"name", step.name},
                 {"op", step.op},
                 {"problem", step.problem},
                 {"kernel", step.kernel},
                 {"backend", step.backend},
                 {"macs", step.macs},
                 {"bytes", step.bytes},
                 {"outputs", tensors(step.outputs)},
                 {"candidates", candidates(step)}};
    if (!step.layouts.empty()) json["layouts"] = layouts(step);
    if (const KernelInfo* second = runner_up(step))
      json["runner_up"] = {{"kernel", second->name}, {"ms", *second->milliseconds}};
    if (i < medians.size()) {
      json["ms"] = medians[i];
      if (medians[i] > 0.0) {
        json["gb_per_second"] = static_cast<double>(step.bytes) / medians[i] / 1e6;
        if (const double share = peak_share(step.macs, medians[i], report.peaks); share > 0.0)
          json["percent_of_int8_peak"] = share;
      }
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json machine(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_bytes", machine.memory},
          {"system", machine.system}};
}

}  // namespace

std::string what_bounds(const RunReport& report) {
  RunCost cost;
  cost.total_ms = summarise(report.iterations.total).p50;
  cost.exec_ms = summarise(report.iterations.exec).p50;
  cost.device_ms = summarise(report.iterations.device).p50;
  if (report.copies_inputs && !report.h2d_ms.empty())
    cost.copies_ms += summarise(report.h2d_ms).p50;
  if (report.copies_outputs && !report.d2h_ms.empty())
    cost.copies_ms += summarise(report.d2h_ms).p50;
  cost.macs = report.macs;
  for (const StepInfo& step : report.plan.steps) cost.bytes += step.bytes;
  return what_bounds(cost, report.peaks);
}

double images_per_second(const RunReport& report) {
  return static_cast<double>(report.batch) * 1e3 / summarise(report.iterations.total).p50;
}

std::string to_json(const RunReport& report) {
  const MemoryInfo& memory = report.plan.memory;
  const Json document = {
      {"schema", "octet.run"},
      {"schema_version", kSchemaVersion},
      {"octet", {{"version", report.octet_version}, {"compiler", report.compiler}}},
      {"command", report.command},
      {"machine", machine(report.machine)},
      {"model",
       {{"path", report.model_path},
        {"format", report.model_format},
        {"producer", report.model_producer},
        {"macs", report.macs},
        {"parameters", report.parameters}}},
      {"backend",
       {{"name", report.backend},
        {"description", report.backend_description},
        {"int8_macs_per_second", report.peaks.int8_macs_per_second},
        {"bytes_per_second", report.peaks.bytes_per_second}}},
      {"options",
       {{"numerics", report.numerics == Numerics::exact ? "exact" : "fast"},
        {"threads", report.threads},
        {"layout", report.layout}}},
      {"inputs", tensors(report.plan.inputs)},
      {"input_sources", report.input_sources},
      {"input_location", report.input_location},
      {"copies_inputs", report.copies_inputs},
      {"copies_outputs", report.copies_outputs},
      {"outputs", tensors(report.plan.outputs)},
      {"batch", report.batch},
      {"times_ms",
       {{"load", report.load_ms},
        {"inputs", report.inputs_ms},
        {"device_ready", report.device_ms},
        {"prepare", report.prepare_ms},
        {"warmup", report.warmup_ms},
        {"total", report.iterations.total},
        {"exec", report.iterations.exec},
        {"device", report.iterations.device},
        {"h2d", report.h2d_ms},
        {"d2h", report.d2h_ms}}},
      {"summary_ms",
       {{"total", statistics(report.iterations.total)},
        {"exec", statistics(report.iterations.exec)},
        {"device", statistics(report.iterations.device)},
        {"h2d", statistics(report.h2d_ms)},
        {"d2h", statistics(report.d2h_ms)}}},
      {"bound", what_bounds(report)},
      {"images_per_second", number(images_per_second(report))},
      {"memory_bytes",
       {{"arena", memory.arena},
        {"least", memory.least},
        {"values", memory.values},
        {"inputs", memory.inputs},
        {"constants", memory.constants},
        {"peak_resident", peak_resident_bytes()}}},
      {"steps", steps(report)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace octet
