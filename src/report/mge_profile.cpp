#include "report/mge_profile.hpp"

#include <nlohmann/json.hpp>

#include "report/mge_names.hpp"

namespace octet {
namespace {

using Json = nlohmann::ordered_json;

Json extents(const Shape& shape) {
  Json list = Json::array();
  for (const std::int64_t extent : shape) list.push_back(extent);
  return list;
}

Json variable(std::int32_t id, const std::string& name, const TensorType& type) {
  return {{"node_type", "var"},
          {"id", std::to_string(id)},
          {"name", name},
          {"mem_plan",
           {{"mem_chunk", nullptr},
            {"layout", {{"shape", extents(type.shape)}, {"dtype", to_string(type.dtype)}}},
            {"offset", 0}}}};
}

Json ids(const std::vector<std::int32_t>& values) {
  Json list = Json::array();
  for (const std::int32_t value : values)
    if (value >= 0) list.push_back(std::to_string(value));
  return list;
}

Json variables(const PlanInfo& plan) {
  Json all = Json::object();
  for (std::size_t i = 0; i < plan.inputs.size(); ++i)
    all[std::to_string(plan.input_values[i])] =
        variable(plan.input_values[i], plan.inputs[i].name, plan.inputs[i].type);
  for (const StepInfo& step : plan.steps) {
    for (std::size_t i = 0; i < step.inputs.size(); ++i)
      if (const std::int32_t id = step.input_values[i];
          id >= 0 && !all.contains(std::to_string(id)))
        all[std::to_string(id)] = variable(id, "const" + std::to_string(id), step.inputs[i]);
    for (std::size_t o = 0; o < step.outputs.size(); ++o)
      all[std::to_string(step.output_values[o])] =
          variable(step.output_values[o], step.outputs[o].name, step.outputs[o].type);
  }
  return all;
}

// MegEngine counts a multiplication and an addition as two.
Json footprint(const StepInfo& step) {
  Json inputs = Json::array(), outputs = Json::array();
  for (const TensorType& input : step.inputs) inputs.push_back(extents(input.shape));
  for (const TensorInfo& output : step.outputs) outputs.push_back(extents(output.type.shape));
  return {{"computation", 2 * step.macs},
          {"memory", step.bytes},
          {"in_shapes", std::move(inputs)},
          {"out_shapes", std::move(outputs)},
          {"param", Json::object()}};
}

}  // namespace

std::string mge_profile_json(const PlanInfo& plan, std::span<const double> milliseconds,
                             const MgeProfileOptions& options) {
  Json operators = Json::object(), sequence = Json::array();
  Json device = Json::object(), host = Json::object(), footprints = Json::object();
  double now = 0.0;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const StepInfo& step = plan.steps[i];
    const std::string id = std::to_string(i);
    operators[id] = {{"node_type", "operator"},
                     {"id", id},
                     {"name", step.name},
                     {"type", mge_operator_type(step.op)},
                     {"input", ids(step.input_values)},
                     {"output", ids(step.output_values)},
                     {"extra", {{"kernel", step.kernel}}},
                     {"waiting_spec", Json::array()}};
    sequence.push_back(id);
    const double end = now + milliseconds[i] / 1e3;
    const Json times = {{"start", now}, {"kern", now}, {"end", end}};
    device[id][options.comp_node] = times;
    if (options.host) host[id]["main"] = times;
    footprints[id] = footprint(step);
    now = end;
  }
  const Json document = {{"graph_exec",
                          {{"operator", std::move(operators)},
                           {"var", variables(plan)},
                           {"mem_chunk", Json::object()},
                           {"comp_seq", std::move(sequence)}}},
                         {"profiler",
                          {{"device", std::move(device)},
                           {"host", std::move(host)},
                           {"opr_footprint", std::move(footprints)},
                           {"opr_internal_pf", Json::object()}}}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace octet
