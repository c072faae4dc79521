#include "cli/traceql/series_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "cli/csv.h"
#include "cli/text.h"
#include "cli/text_table.h"

namespace telltale {
namespace {

constexpr int kLabelWidthMin = 12;
constexpr size_t kCurveWidth = 40;

std::string Number(const std::optional<double>& value) {
  return value ? fmt::format("{:.4g}", *value) : std::string("-");
}

template <typename Better>
std::optional<double> Best(const ShownSeries& series, Better better) {
  std::optional<double> best;
  for (const auto& value : series.values) {
    if (value && (!best || better(*value, *best))) best = value;
  }
  return best;
}

std::optional<double> Last(const ShownSeries& series) {
  const auto at = std::find_if(series.values.rbegin(), series.values.rend(),
                               [](const auto& value) { return value.has_value(); });
  return at != series.values.rend() ? *at : std::nullopt;
}

}  // namespace

std::string Curve(const std::vector<std::optional<double>>& values, size_t width) {
  constexpr std::array<const char*, 8> kLevels = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const size_t parts = std::min(width, values.size());
  std::vector<std::optional<double>> most(parts);
  double top = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    std::optional<double>& place = most[i * parts / values.size()];
    if (values[i]) place = std::max(place.value_or(*values[i]), *values[i]);
    if (place) top = std::max(top, *place);
  }
  std::string curve;
  for (const auto& value : most) {
    if (!value) {
      curve += ' ';
      continue;
    }
    const double share = top > 0 ? std::max(*value, 0.0) / top : 0;
    curve += kLevels[static_cast<size_t>(std::lround(share * (kLevels.size() - 1)))];
  }
  return curve;
}

void PrintSeries(const ShownSeriesSet& answer, Terminal& terminal) {
  std::vector<TextColumn> columns;
  if (!answer.series.empty()) {
    for (const auto& [name, value] : answer.series.front().labels)
      columns.push_back({.title = Printable(name), .width_min = kLabelWidthMin});
  }
  const size_t labels = columns.size();
  columns.push_back({.title = "least", .is_number = true, .leave_out = 2});
  columns.push_back({.title = "most", .is_number = true});
  columns.push_back({.title = "last", .is_number = true});
  columns.push_back({.title = "over time", .leave_out = 1});
  TextTable table(std::move(columns));
  for (const ShownSeries& series : answer.series) {
    TextRow row;
    for (size_t i = 0; i < labels; ++i)
      row.cells.push_back({i < series.labels.size() ? Printable(series.labels[i].second) : std::string()});
    row.cells.push_back({Number(Best(series, std::less()))});
    row.cells.push_back({Number(Best(series, std::greater()))});
    row.cells.push_back({Number(Last(series))});
    row.cells.push_back({Curve(series.values, kCurveWidth), Ink::kCyan});
    table.Add(std::move(row));
  }
  table.Print(terminal);
  const size_t steps = answer.series.empty() ? 0 : answer.series.front().values.size();
  terminal.err << answer.series.size() << " series" << " of " << Plural(steps, "step") << " of "
               << FormatDuration(answer.step_nano) << '\n';
  if (answer.truncated) terminal.err << "these are the largest: group by fewer fields to see all\n";
}

std::string SeriesCsv(const ShownSeriesSet& answer) {
  std::vector<std::string> head = {"time"};
  if (!answer.series.empty()) {
    for (const auto& [name, value] : answer.series.front().labels) head.push_back(CsvField(name));
  }
  head.emplace_back("value");
  std::string text = CsvLine(head);
  for (const ShownSeries& series : answer.series) {
    for (size_t step = 0; step < series.values.size(); ++step) {
      if (!series.values[step]) continue;
      std::vector<std::string> fields = {FormatUtcTime(answer.start_unix_nano + step * answer.step_nano)};
      for (const auto& [name, value] : series.labels) fields.push_back(CsvField(value));
      fields.push_back(fmt::format("{}", *series.values[step]));
      text += CsvLine(fields);
    }
  }
  return text;
}

}  // namespace telltale
