#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <octet/status.hpp>

#include "report/difference.hpp"
#include "report/mge_dump.hpp"
#include "report/mge_profile.hpp"
#include "report/outputs_json.hpp"
#include "report/run_report.hpp"
#include "report/statistics.hpp"
#include "report/text_table.hpp"

namespace octet {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TensorType type_of(DType dtype, Shape shape, std::optional<Quant> quant = std::nullopt) {
  return {dtype, shape, kNCHW, std::move(quant)};
}

Tensor row(std::vector<float> values) {
  return Tensor::from<float>(type_of(DType::f32, {static_cast<std::int64_t>(values.size())}),
                             values);
}

TEST(Statistics, MatchesHandCounts) {
  const std::vector<double> samples{4, 1, 3, 2};
  const Statistics s = summarise(samples);
  EXPECT_EQ(s.count, 4u);
  EXPECT_DOUBLE_EQ(s.total, 10.0);
  EXPECT_DOUBLE_EQ(s.mean, 2.5);
  EXPECT_DOUBLE_EQ(s.deviation, std::sqrt(5.0 / 3.0));
  EXPECT_DOUBLE_EQ(s.lowest, 1.0);
  EXPECT_DOUBLE_EQ(s.highest, 4.0);
  EXPECT_DOUBLE_EQ(s.p50, 2.5);
  EXPECT_DOUBLE_EQ(s.p99, 3.97);
}

TEST(Statistics, OfOneSampleHasNoDeviation) {
  const std::vector<double> one{7};
  EXPECT_TRUE(std::isnan(summarise(one).deviation));
  EXPECT_DOUBLE_EQ(summarise(one).p95, 7.0);
  EXPECT_TRUE(std::isnan(summarise({}).mean));
}

TEST(TextTable, AlignsColumns) {
  TextTable table({{"name"}, {"ms", TextTable::Align::right}});
  table.add_row({"a", "10.5"});
  table.add_row({"longer", "2"});
  EXPECT_EQ(table.to_string(),
            "name      ms\n"
            "------  ----\n"
            "a       10.5\n"
            "longer     2\n");
}

TEST(TextTable, HumanNumbers) {
  EXPECT_EQ(human_bytes(12), "12 B");
  EXPECT_EQ(human_bytes(1536), "1.50 KiB");
  EXPECT_EQ(human_count(1'820'000'000), "1.82 G");
}

TEST(Difference, CountsStepsOfQuantisedValues) {
  const TensorType type = type_of(DType::s8, {4}, Quant::per_tensor(0.5f));
  const std::vector<std::int8_t> a{1, 2, 3, 4}, b{1, 3, 3, 2};
  const Difference d =
      difference(Tensor::from<std::int8_t>(type, a), Tensor::from<std::int8_t>(type, b));
  EXPECT_EQ(d.different, 2u);
  EXPECT_EQ(d.largest, 2.0);
  EXPECT_EQ(d.to_string(type), "at most 2 steps, 50% differ");
}

TEST(Difference, TreatsNanAsEqualToNanOnly) {
  EXPECT_TRUE(difference(row({NAN, 1}), row({NAN, 1})).equal());
  const Difference d = difference(row({NAN, 1}), row({0, 1}));
  EXPECT_EQ(d.different, 1u);
  EXPECT_TRUE(std::isinf(d.largest));
  EXPECT_THROW(difference(row({1}), row({1, 2})), Error);
}

// x -> conv (with a weight) -> y
PlanInfo small_plan() {
  const TensorType x = type_of(DType::s8, {1, 2, 3, 4}, Quant::per_tensor(0.5f));
  PlanInfo plan;
  plan.inputs = {{"data", x}};
  plan.input_values = {0};
  StepInfo step;
  step.name = "conv1";
  step.op = "conv2d";
  step.problem = "conv2d ...";
  step.kernel = "fast";
  step.backend = "toy";
  step.candidates = {{"faster", "toy", "it is not for this", std::nullopt},
                     {"fast", "toy", "", 0.25}};
  step.inputs = {x, type_of(DType::s8, {2, 2, 1, 1}, Quant::per_tensor(1.0f))};
  step.outputs = {{"feature", x}};
  step.input_values = {0, 1};
  step.output_values = {2};
  step.macs = 48;
  step.bytes = 52;
  plan.steps = {step};
  plan.outputs = {{"feature", x}};
  plan.output_values = {2};
  return plan;
}

TEST(StepTable, SortsByTimeAndShowsRates) {
  PlanInfo plan = small_plan();
  plan.steps.push_back(plan.steps[0]);
  plan.steps[1].name = "conv2";
  const std::string text = step_table(plan, std::vector<double>{1.0, 3.0});
  EXPECT_LT(text.find("conv2\n"), text.find("conv1\n"));
  EXPECT_THAT(text, HasSubstr("75.0%"));
  EXPECT_THAT(text, HasSubstr("4.000 ms in 2 steps"));
}

TEST(StepTable, ShowsTheShareOfThePeakAndTheRunnerUp) {
  PlanInfo plan = small_plan();
  plan.steps[0].candidates.push_back({"third", "toy", "", 0.75});
  plan.steps[0].candidates.push_back({"second", "toy", "", 0.5});
  // 48 MACs in 1 ms at a peak of 96,000 in a second.
  const std::string text = step_table(plan, std::vector<double>{1.0}, {96e3, 1e6});
  EXPECT_THAT(text, HasSubstr("50.0"));
  EXPECT_THAT(text, HasSubstr("second 0.5000"));
  EXPECT_EQ(runner_up(plan.steps[0])->name, "second");
  EXPECT_EQ(runner_up(small_plan().steps[0]), nullptr);
}

TEST(WhatBounds, NamesTheLargestPart) {
  const Peaks peaks{1e9, 1e9};
  RunCost cost{2.0, 0.1, 1.0, 0.0, 500'000, 250'000};
  EXPECT_EQ(what_bounds(cost, peaks),
            "bound by multiply-accumulates: 50.0% of the device's int8 peak, operands at 25.0% of "
            "its memory bandwidth");
  cost.bytes = 750'000;
  EXPECT_THAT(what_bounds(cost, peaks), HasSubstr("bound by memory"));
  cost.exec_ms = 1.5;
  EXPECT_THAT(what_bounds(cost, peaks), HasSubstr("bound by launching"));
  cost.copies_ms = 3.0;
  EXPECT_THAT(what_bounds(cost, peaks), HasSubstr("bound by copies"));
  EXPECT_EQ(what_bounds({2.0, 0.1, 1.0, 0.0, 1, 1}, {}), "");
}

TEST(StepTimes, TakesTheMedianOfEachStep) {
  const StepRuns runs{{1, 10}, {3, 30}, {2, 50}};
  EXPECT_EQ(median_times(runs), (std::vector<double>{2, 30}));
  EXPECT_TRUE(median_times({}).empty());
}

TEST(RunReport, IsValidJsonWithEverything) {
  RunReport report;
  report.plan = small_plan();
  report.iterations = {{2.0}, {0.5}, {1.5}};
  report.step_runs = {{1.25}};
  report.batch = 4;
  report.model_path = "bad \xff bytes";
  const json parsed = json::parse(to_json(report));
  EXPECT_EQ(parsed["schema"], "octet.run");
  EXPECT_EQ(parsed["schema_version"], 1);
  EXPECT_EQ(parsed["images_per_second"], 2000.0);
  EXPECT_TRUE(parsed["summary_ms"]["total"]["sd"].is_null()) << "one sample has no deviation";
  EXPECT_EQ(parsed["summary_ms"]["device"]["p95"], 1.5);
  const json& step = parsed["steps"][0];
  EXPECT_EQ(step["ms"], 1.25);
  EXPECT_DOUBLE_EQ(step["gb_per_second"].get<double>(), 52 / 1.25 / 1e6);
  EXPECT_FALSE(step.contains("percent_of_int8_peak")) << "the peak is not known";
  EXPECT_EQ(parsed["times_ms"]["h2d"], json::array());
  EXPECT_EQ(step["candidates"][0]["refusal"], "it is not for this");
  EXPECT_EQ(step["candidates"][1]["ms"], 0.25);
  EXPECT_EQ(parsed["inputs"][0]["scales"][0], 0.5);
  EXPECT_GT(parsed["memory_bytes"]["peak_resident"].get<std::size_t>(), 0u);
}

TEST(MgeProfile, HasTheMembersThatMegEngineReads) {
  const json parsed =
      json::parse(mge_profile_json(small_plan(), std::vector<double>{2.0}, {"gpu0:0", true}));
  const json& graph = parsed["graph_exec"];
  EXPECT_EQ(graph["operator"]["0"]["type"], "ConvBiasForward");
  EXPECT_EQ(graph["operator"]["0"]["input"], (json{"0", "1"}));
  EXPECT_EQ(graph["comp_seq"], json{"0"});
  EXPECT_EQ(graph["var"]["2"]["name"], "feature");
  const json& times = parsed["profiler"]["device"]["0"]["gpu0:0"];
  EXPECT_DOUBLE_EQ(times["end"].get<double>() - times["start"].get<double>(), 0.002);
  EXPECT_EQ(parsed["profiler"]["host"]["0"]["main"], times);
  EXPECT_EQ(parsed["profiler"]["opr_footprint"]["0"]["computation"], 96);
  EXPECT_EQ(parsed["profiler"]["opr_footprint"]["0"]["in_shapes"][0], (json{1, 2, 3, 4}));
}

std::uint32_t word(const std::vector<std::byte>& bytes, std::size_t index) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + 4 * index, sizeof(value));
  return value;
}

TEST(MgeDump, WritesMegEnginesBinaryTensor) {
  const TensorType type = type_of(DType::s8, {2, 3}, Quant::per_tensor(0.5f));
  const std::vector<std::int8_t> values{1, 2, 3, 4, 5, -6};
  const auto bytes = mge_binary_tensor(Tensor::from<std::int8_t>(type, values), "name");
  ASSERT_EQ(bytes.size(), 10u * 4 + 4 + 6);
  EXPECT_EQ(word(bytes, 0), 4u);
  EXPECT_EQ(word(bytes, 1), 100002u);
  EXPECT_EQ(word(bytes, 2), 7u);
  EXPECT_EQ(word(bytes, 3), 2u);
  EXPECT_EQ(word(bytes, 4), 3u);
  EXPECT_EQ(word(bytes, 5), 0u);
  EXPECT_EQ(std::memcmp(bytes.data() + 40, "name", 4), 0);
  EXPECT_EQ(static_cast<std::int8_t>(bytes.back()), -6);
}

TEST(MgeDump, PacksFourBitValues) {
  const TensorType type = type_of(DType::s4, {3}, Quant::per_tensor(1.0f));
  const std::vector<std::int8_t> values{1, -1, 2};
  const auto bytes = mge_binary_tensor(Tensor::from<std::int8_t>(type, values), "");
  ASSERT_EQ(bytes.size(), 42u);
  EXPECT_EQ(bytes[40], std::byte{0xF1});
  EXPECT_EQ(bytes[41], std::byte{0x02});
}

TEST(MgeDump, RefusesTypesThatMegEngineLacks) {
  EXPECT_THROW(mge_binary_tensor(Tensor(type_of(DType::s64, {1})), ""), Error);
}

TEST(MgeDump, NamesValuesAsMegEngineDoes) {
  const PlanInfo plan = small_plan();
  const MgeDumpNames names(plan);
  const std::string name = names.binary_name(2);
  EXPECT_THAT(name, HasSubstr("var={id:2, layout:{1(24),2(12),3(4),4(1) QuantizedS8}, QuantizedS8, "
                              "owner:conv1{ConvBiasForward}, name:feature, slot:0"));
  EXPECT_THAT(name, HasSubstr("owner_opr_inputs={id:0, "));
  const std::string text = names.text(plan.steps[0], 0, 0, Tensor(plan.steps[0].outputs[0].type));
  EXPECT_THAT(text, HasSubstr("var2 produced: name=feature"));
  EXPECT_THAT(text, HasSubstr("val: [0 0 0 0 0 ...]min=0 max=0"));
}

TEST(OutputsJson, ListsFilesWithScales) {
  const NamedTensors outputs{{"a/b", Tensor(type_of(DType::s8, {2}, Quant::per_tensor(0.25f, 3)))},
                             {"c", row({1})}};
  const std::vector<std::string> files{"a_b.npy", "c.npy"};
  const json parsed = json::parse(outputs_json(outputs, files));
  EXPECT_EQ(parsed[0]["file"], "a_b.npy");
  EXPECT_EQ(parsed[0]["scale"], 0.25);
  EXPECT_EQ(parsed[0]["zero_point"], 3);
  EXPECT_EQ(parsed[1]["dtype"], "f32");
  EXPECT_FALSE(parsed[1].contains("scale"));
}

}  // namespace
}  // namespace octet
