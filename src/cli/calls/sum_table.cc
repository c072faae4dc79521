#include "cli/calls/sum_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "cli/calls/call_text.h"
#include "cli/csv.h"
#include "cli/text.h"
#include "cli/text_table.h"

namespace telltale {
namespace {

constexpr int kKeyWidthMin = 8;
// The widest that fits; the last one is none.
constexpr int kBarColumns[] = {30, 20, 10, 0};
constexpr uint64_t kMinuteNanos = 60'000'000'000;

std::string_view KeyOf(const CallSumsRow& row, const std::string& name) {
  const auto found = std::ranges::find(row.key, name, &std::pair<std::string, std::string>::first);
  return found == row.key.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<TextCell> NumbersOf(const CallSumsRow& row) {
  const ShownTotals& totals = row.totals;
  const auto duration = [&](uint64_t nanos) {
    return totals.calls == 0 ? std::string("-") : FormatDuration(nanos);
  };
  return {{WithThousands(static_cast<int64_t>(totals.calls))},
          {WithThousands(static_cast<int64_t>(totals.errors)), totals.errors > 0 ? Ink::kRed : Ink::kPlain},
          {SumTokensText(totals, totals.input_tokens)},
          {SumCachedText(totals)},
          {SumTokensText(totals, totals.output_tokens)},
          {SumCostText(totals)},
          {duration(row.duration_p50_nano)},
          {duration(row.duration_p95_nano)},
          {SecondsText(row.time_to_first_token_p50)}};
}

void Append(std::vector<TextCell>& cells, std::vector<TextCell> more) {
  cells.insert(cells.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string CsvNumbersOf(const CallSumsRow& row) {
  const ShownTotals& totals = row.totals;
  const bool told = SumTokensText(totals, totals.input_tokens + totals.output_tokens) != "-";
  const auto tokens = [&](uint64_t count) { return told ? std::to_string(count) : std::string(); };
  const auto duration = [&](uint64_t nanos) {
    return totals.calls == 0 ? std::string() : CsvMilliseconds(nanos);
  };
  const double first = row.time_to_first_token_p50;
  const bool first_told = SecondsText(first) != "-";
  return CsvLine({std::to_string(totals.calls), std::to_string(totals.errors), tokens(totals.input_tokens),
                  tokens(totals.cache_read_tokens), tokens(totals.output_tokens),
                  std::to_string(totals.calls_without_usage), CsvDollars(totals.cost),
                  std::to_string(totals.unpriced_calls), std::to_string(totals.no_usage_calls),
                  duration(row.duration_p50_nano), duration(row.duration_p95_nano),
                  first_told ? CsvMilliseconds(static_cast<uint64_t>(std::llround(first * 1e9))) : ""});
}

std::vector<TextColumn> ColumnsOf(const SumTable& table) {
  std::vector<TextColumn> columns;
  if (table.has_steps) columns.push_back({.title = "from"});
  for (const std::string& key : table.keys) {
    columns.push_back({.title = Printable(key), .width_min = kKeyWidthMin});
  }
  columns.push_back({.title = "calls", .is_number = true});
  columns.push_back({.title = "errors", .is_number = true, .leave_out = 5});
  columns.push_back({.title = "in", .is_number = true});
  columns.push_back({.title = "cached", .is_number = true, .leave_out = 4});
  columns.push_back({.title = "out", .is_number = true});
  columns.push_back({.title = "cost", .is_number = true});
  columns.push_back({.title = "p50", .is_number = true, .leave_out = 2});
  columns.push_back({.title = "p95", .is_number = true, .leave_out = 3});
  columns.push_back({.title = "ttft", .is_number = true, .leave_out = 1});
  return columns;
}

// Seconds are shown where a step does not begin with a minute.
const char* TimePattern(const std::vector<CallSumsRow>& rows) {
  const bool whole = std::ranges::all_of(
      rows, [](const CallSumsRow& row) { return row.start_unix_nano % kMinuteNanos == 0; });
  return whole ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M:%S";
}

std::vector<TextCell> KeysOf(const SumTable& table, const CallSumsRow& row, const char* time) {
  std::vector<TextCell> cells;
  if (table.has_steps) cells.push_back({FormatLocalTime(row.start_unix_nano, time)});
  for (const std::string& name : table.keys) {
    const std::string_view key = KeyOf(row, name);
    cells.push_back({key.empty() ? "-" : Printable(key)});
  }
  return cells;
}

void SayWhatIsLeftOutOfSums(const SumTable& table, Terminal& terminal) {
  if (LeavesOut(table.total.totals)) {
    terminal.err << "+: at least; " << LeftOutText(table.total.totals)
                 << "\nhint: --cost-status unpriced, or no_usage, shows them\n";
  }
}

// Eighths of a column: a bar is as exact as a terminal can draw.
std::string Bar(double share, int columns) {
  constexpr const char* kEighths[] = {"",       "\u258f", "\u258e", "\u258d",
                                      "\u258c", "\u258b", "\u258a", "\u2589"};
  const auto eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * columns * 8));
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "\u2588";
  return bar + kEighths[eighths % 8];
}

std::string PercentText(double share) {
  char text[16];
  if (share > 0 && share < 0.001) return "<0.1%";
  std::snprintf(text, sizeof text, "%.1f%%", 100 * share);
  return text;
}

// No column of bars where `bar_columns` is 0.
TextTable CostTable(const SumTable& table, int bar_columns) {
  std::vector<TextColumn> columns;
  if (table.has_steps) columns.push_back({.title = "from"});
  for (const std::string& key : table.keys)
    columns.push_back({.title = Printable(key), .width_min = kKeyWidthMin});
  columns.push_back({.title = "calls", .is_number = true, .leave_out = 1});
  columns.push_back({.title = "in", .is_number = true, .leave_out = 2});
  columns.push_back({.title = "out", .is_number = true, .leave_out = 2});
  columns.push_back({.title = "cost", .is_number = true});
  columns.push_back({.title = "share", .is_number = true});
  if (bar_columns > 0) columns.push_back({.title = ""});
  TextTable text(columns);

  const double whole = table.total.totals.cost.value_or(0);
  double dearest = 0;
  for (const CallSumsRow& row : table.rows) dearest = std::max(dearest, row.totals.cost.value_or(0));
  const double full = table.has_steps ? dearest : whole;
  const auto add = [&](std::vector<TextCell> cells, const CallSumsRow& row, Ink ink, bool has_bar) {
    const ShownTotals& totals = row.totals;
    const bool is_known = totals.cost && whole > 0;
    cells.push_back({WithThousands(static_cast<int64_t>(totals.calls)), ink});
    cells.push_back({SumTokensText(totals, totals.input_tokens), ink});
    cells.push_back({SumTokensText(totals, totals.output_tokens), ink});
    cells.push_back({SumCostText(totals), ink});
    cells.push_back({is_known ? PercentText(*totals.cost / whole) : std::string("-"), ink});
    if (has_bar && is_known) cells.push_back({Bar(*totals.cost / full, bar_columns), Ink::kCyan});
    text.Add({.cells = std::move(cells)});
  };
  const char* const time = TimePattern(table.rows);
  for (const CallSumsRow& row : table.rows) add(KeysOf(table, row, time), row, Ink::kPlain, bar_columns > 0);
  std::vector<TextCell> cells(table.keys.size() + (table.has_steps ? 1 : 0));
  cells.front() = {"total", Ink::kBold};
  add(std::move(cells), table.total, Ink::kBold, false);
  return text;
}

}  // namespace

void PrintSums(const SumTable& table, Terminal& terminal) {
  TextTable text(ColumnsOf(table));
  const char* const time = TimePattern(table.rows);
  for (const CallSumsRow& row : table.rows) {
    std::vector<TextCell> cells = KeysOf(table, row, time);
    Append(cells, NumbersOf(row));
    text.Add({.cells = std::move(cells)});
  }
  std::vector<TextCell> cells(table.keys.size() + (table.has_steps ? 1 : 0));
  cells.front() = {"total", Ink::kBold};
  std::vector<TextCell> numbers = NumbersOf(table.total);
  for (TextCell& number : numbers) number.ink = Ink::kBold;
  Append(cells, std::move(numbers));
  text.Add({.cells = std::move(cells)});
  text.Print(terminal);
  SayWhatIsLeftOut(text, terminal);
  SayWhatIsLeftOutOfSums(table, terminal);
}

void PrintCosts(const SumTable& table, Terminal& terminal) {
  for (const int bar_columns : kBarColumns) {
    const TextTable text = CostTable(table, bar_columns);
    const bool fits = terminal.width == 0 || text.WidthMin(terminal) <= terminal.width;
    if (!fits && bar_columns > 0) continue;
    text.Print(terminal);
    SayWhatIsLeftOut(text, terminal);
    break;
  }
  SayWhatIsLeftOutOfSums(table, terminal);
}

std::string SumsCsv(const SumTable& table) {
  std::string out = table.has_steps ? "start," : "";
  for (const std::string& key : table.keys) out += CsvField(key) + ",";
  out +=
      "calls,errors,input_tokens,cache_read_tokens,output_tokens,calls_without_usage,cost_usd,unpriced_calls,"
      "no_usage_calls,duration_p50_ms,duration_p95_ms,time_to_first_token_p50_ms\r\n";
  for (const CallSumsRow& row : table.rows) {
    if (table.has_steps) out += FormatUtcTime(row.start_unix_nano) + ",";
    for (const std::string& key : table.keys) out += CsvField(KeyOf(row, key)) + ",";
    out += CsvNumbersOf(row);
  }
  return out;
}

}  // namespace telltale
