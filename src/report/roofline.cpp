#include "report/roofline.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "report/text_table.hpp"

namespace octet {
namespace {

std::string percent(double part, double whole) {
  return whole > 0.0 ? fixed(100.0 * part / whole, 0) + "%" : "";
}

struct Totals {
  double milliseconds = 0.0, floor = 0.0;
};

Totals totals_of(std::span<const RooflineRow> rows) {
  Totals totals;
  for (const RooflineRow& row : rows) {
    totals.milliseconds += row.milliseconds;
    totals.floor += row.floor();
  }
  return totals;
}

std::string summary(const Totals& totals) {
  return concat(fixed(totals.milliseconds), " ms, floor ", fixed(totals.floor), " ms (",
                percent(totals.floor, totals.milliseconds), ")");
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') safe += "&lt;";
    else if (c == '>') safe += "&gt;";
    else if (c == '&') safe += "&amp;";
    else safe += c;
  }
  return safe;
}

const char* colour_of(const RooflineRow& row) {
  const std::string bound = row.bound();
  return bound == "products" ? "#4878a8" : bound == "memory" ? "#c08040" : "#a0a0a0";
}

std::string bar(double x, double y, double width, double height, const char* fill) {
  return concat("<rect x='", fixed(x, 1), "' y='", fixed(y, 1), "' width='",
                fixed(std::max(width, 0.5), 1), "' height='", fixed(height, 1), "' fill='", fill,
                "'/>\n");
}

}  // namespace

const char* RooflineRow::bound() const {
  constexpr double kMicrosecond = 1e-3;
  if (floor() < kMicrosecond) return "launch";
  return products > memory ? "products" : "memory";
}

std::vector<RooflineRow> roofline_rows(const PlanInfo& plan, std::span<const double> milliseconds,
                                       const Peaks& peaks) {
  std::vector<RooflineRow> rows;
  for (std::size_t i = 0; i < milliseconds.size(); ++i) {
    const StepInfo& step = plan.steps[i];
    rows.push_back({step.name, step.op, step.kernel, milliseconds[i],
                    static_cast<double>(step.macs) / peaks.int8_macs_per_second * 1e3,
                    static_cast<double>(step.bytes) / peaks.bytes_per_second * 1e3});
  }
  return rows;
}

std::string roofline_table(std::span<const RooflineRow> rows) {
  using enum TextTable::Align;
  TextTable table({{"us", right},
                   {"floor", right},
                   {"of time", right},
                   {"bound by"},
                   {"operator"},
                   {"kernel"},
                   {"name"}});
  for (const RooflineRow& row : rows)
    table.add_row({fixed(row.milliseconds * 1e3, 2), fixed(row.floor() * 1e3, 2),
                   percent(row.floor(), row.milliseconds), row.bound(), row.op, row.kernel,
                   row.name});
  return concat(table.to_string(), summary(totals_of(rows)), "\n");
}

std::string roofline_page(std::span<const RooflineRow> rows, const std::string& title) {
  constexpr double kLine = 18.0, kLeft = 430.0, kWidth = 640.0, kTop = 34.0;
  double longest = 0.0;
  for (const RooflineRow& row : rows) longest = std::max({longest, row.milliseconds, row.floor()});
  const double scale = longest > 0.0 ? kWidth / longest : 0.0;
  std::string page = concat(
      "<!DOCTYPE html>\n<html><head><meta charset='utf-8'><title>", escaped(title),
      "</title></head><body style='font-family:sans-serif'>\n<h2>", escaped(title), "</h2>\n<p>",
      summary(totals_of(rows)),
      ". Light: time of the step; dark: its floor, blue where products, brown where memory, grey "
      "where the launch bounds it.</p>\n<svg xmlns='http://www.w3.org/2000/svg' width='1240' "
      "height='",
      fixed(kTop + kLine * static_cast<double>(rows.size()) + 10.0, 0),
      "' font-size='11' font-family='sans-serif'>\n");
  double y = kTop;
  for (const RooflineRow& row : rows) {
    page +=
        concat("<g><title>", escaped(row.kernel), "</title>\n<text x='", fixed(kLeft - 8.0, 0),
               "' y='", fixed(y + 11.0, 0), "' text-anchor='end'>",
               escaped(concat(row.op, "  ", row.name.substr(0, 60))), "</text>\n",
               bar(kLeft, y, row.milliseconds * scale, kLine - 4.0, "#d8dde2"),
               bar(kLeft, y + 3.0, row.floor() * scale, kLine - 10.0, colour_of(row)), "<text x='",
               fixed(kLeft + std::max(row.milliseconds, row.floor()) * scale + 5.0, 1), "' y='",
               fixed(y + 11.0, 0), "'>", fixed(row.milliseconds * 1e3, 1), " us, ",
               percent(row.floor(), row.milliseconds), "</text></g>\n");
    y += kLine;
  }
  return page + "</svg>\n</body></html>\n";
}

}  // namespace octet
