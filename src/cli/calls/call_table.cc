#include "cli/calls/call_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "cli/calls/call_text.h"
#include "cli/csv.h"
#include "cli/text.h"
#include "cli/text_table.h"
#include "pricing/money.h"

namespace telltale {
namespace {

constexpr const char* kErrorMark = " ERROR";
constexpr const char* kIdTitle = "trace id/span id";
constexpr int kServiceWidthMin = 12;
constexpr int kModelWidthMin = 12;
constexpr const char* kTimeOfDay = "%H:%M:%S";
constexpr const char* kDateAndTime = "%m-%d %H:%M:%S";

// Where the columns of calls go, the first that fits.
enum class Layout {
  kOneLine,
  kIdBelow,
  // Service and kind too: what a call took and cost stays in columns, with the whole name of its
  // model.
  kMoreBelow,
};

const std::string& ModelName(const ShownCall& call) {
  return call.response_model.empty() ? call.request_model : call.response_model;
}

TextCell ModelOf(const ListedCall& item) {
  const ShownCall& call = item.call;
  std::string model = Printable(ModelName(call));
  // A tool or an agent has no model; its span's name says which it is.
  if (model.empty()) model = Printable(item.name);
  if (call.failed) return {std::move(model), Ink::kRed, kErrorMark};
  return {std::move(model)};
}

std::string IdOf(const ListedCall& item) {
  return Printable(item.trace_id) + "/" + Printable(item.span_id);
}

std::vector<TextColumn> ColumnsOf(Layout layout, bool all_have_models) {
  std::vector<TextColumn> columns = {{.title = "time"}};
  if (layout != Layout::kMoreBelow) {
    const int service_width_min = layout == Layout::kIdBelow ? kServiceWidthMin : 0;
    columns.push_back({.title = "service", .width_min = service_width_min});
    columns.push_back({.title = "kind"});
  }
  const bool may_lose = layout == Layout::kMoreBelow;
  columns.push_back(
      {.title = all_have_models ? "model" : "model or name", .width_min = may_lose ? kModelWidthMin : 0});
  columns.push_back({.title = "in", .is_number = true});
  columns.push_back({.title = "cached", .is_number = true, .leave_out = may_lose ? 2 : 0});
  columns.push_back({.title = "out", .is_number = true});
  columns.push_back({.title = "cost", .is_number = true});
  columns.push_back({.title = "duration", .is_number = true});
  columns.push_back({.title = "ttft", .is_number = true, .leave_out = may_lose ? 1 : 0});
  if (layout == Layout::kOneLine) columns.push_back({.title = kIdTitle});
  return columns;
}

TextRow RowOf(const ListedCall& item, const char* time, Layout layout) {
  const ShownCall& call = item.call;
  const Usage& usage = call.usage;
  TextRow row{.cells = {{FormatLocalTime(item.start_unix_nano, time)}}};
  if (layout != Layout::kMoreBelow) {
    row.cells.push_back({Printable(item.service), Ink::kCyan});
    row.cells.push_back({Printable(call.kind)});
  }
  row.cells.push_back(ModelOf(item));
  row.cells.push_back({TokensText(usage, usage.input_tokens)});
  row.cells.push_back({CachedText(usage.cache_read_tokens, usage.input_tokens)});
  row.cells.push_back({TokensText(usage, usage.output_tokens)});
  row.cells.push_back({CostText(item)});
  row.cells.push_back({FormatDuration(item.duration_nano)});
  row.cells.push_back({SecondsText(call.time_to_first_token)});
  if (layout == Layout::kOneLine) row.cells.push_back({IdOf(item), Ink::kDim});
  if (layout == Layout::kIdBelow) row.below = IdOf(item);
  if (layout == Layout::kMoreBelow) {
    row.below = IdOf(item);
    row.below_more = Printable(call.kind) + "  " + Printable(item.service);
  }
  return row;
}

TextTable TableOf(const std::vector<ListedCall>& calls, const char* time, Layout layout) {
  std::string below;
  if (layout == Layout::kIdBelow) below = kIdTitle;
  if (layout == Layout::kMoreBelow) below = std::string(kIdTitle) + "  kind  service";
  const bool all_have_models =
      std::ranges::none_of(calls, [](const ListedCall& item) { return ModelName(item.call).empty(); });
  TextTable table(ColumnsOf(layout, all_have_models), std::move(below));
  for (const ListedCall& item : calls) table.Add(RowOf(item, time, layout));
  return table;
}

bool IsCounted(const ListedCall& item) {
  return item.call.usage.source == UsageSource::kCounted;
}

void PrintLegend(const std::vector<ListedCall>& calls, Terminal& terminal) {
  const auto shows = [&](std::string_view cost) {
    return std::ranges::any_of(calls, [&](const ListedCall& item) { return CostText(item) == cost; });
  };
  if (std::ranges::any_of(calls, IsCounted)) {
    terminal.err << "~: counted by Telltale, for the sender told no usage\n";
  }
  if (std::ranges::any_of(calls, IsReported)) {
    terminal.err << "*: as the sender reported it, for it cannot be computed\n";
  }
  if (shows("told twice")) {
    terminal.err << "told twice: another span tells the same call, and that one counts\n";
  }
  if (shows("a sum")) terminal.err << "a sum: of other calls, which count by themselves\n";
}

std::string Count(int64_t count) {
  return count < 0 ? std::string() : std::to_string(count);
}

std::string CostOf(const ShownCall& call) {
  return call.cost && call.cost->total >= 0 ? FormatUsd(call.cost->total) : std::string();
}

std::string SourceOf(const Usage& usage) {
  if (!usage.told()) return {};
  return usage.source == UsageSource::kCounted ? "counted" : "provider";
}

}  // namespace

void PrintCalls(const std::vector<ListedCall>& calls, uint64_t now_unix_nanos, Terminal& terminal) {
  const std::string today = FormatLocalTime(now_unix_nanos, "%F");
  const bool with_date = std::ranges::any_of(
      calls, [&](const ListedCall& item) { return FormatLocalTime(item.start_unix_nano, "%F") != today; });
  const char* const time = with_date ? kDateAndTime : kTimeOfDay;
  for (const Layout layout : {Layout::kOneLine, Layout::kIdBelow, Layout::kMoreBelow}) {
    const TextTable table = TableOf(calls, time, layout);
    const bool fits = terminal.width == 0 || table.WidthMin(terminal) <= terminal.width;
    if (!fits && layout != Layout::kMoreBelow) continue;
    table.Print(terminal);
    SayWhatIsLeftOut(table, terminal);
    break;
  }
  PrintLegend(calls, terminal);
}

std::string CallsCsv(const std::vector<ListedCall>& calls) {
  std::string out =
      "start,service,name,kind,provider,request_model,response_model,input_tokens,cache_read_tokens,"
      "cache_write_tokens,output_tokens,reasoning_tokens,usage_source,cost_usd,cost_status,counts,"
      "duration_ms,time_to_first_token_ms,status,trace_id,span_id\r\n";
  for (const ListedCall& item : calls) {
    const ShownCall& call = item.call;
    const Usage& usage = call.usage;
    const bool first_told = SecondsText(call.time_to_first_token) != "-";
    out += CsvLine({FormatUtcTime(item.start_unix_nano),
                    CsvField(item.service),
                    CsvField(item.name),
                    CsvField(call.kind),
                    CsvField(call.provider),
                    CsvField(call.request_model),
                    CsvField(call.response_model),
                    Count(usage.input_tokens),
                    Count(usage.cache_read_tokens),
                    Count(usage.cache_write_tokens),
                    Count(usage.output_tokens),
                    Count(usage.reasoning_tokens),
                    SourceOf(usage),
                    CostOf(call),
                    call.cost ? std::string(CostStatusName(call.cost->status)) : std::string(),
                    item.counts ? "true" : "false",
                    CsvMilliseconds(item.duration_nano),
                    first_told
                        ? CsvMilliseconds(static_cast<uint64_t>(std::llround(call.time_to_first_token * 1e9)))
                        : std::string(),
                    call.failed ? "error" : "ok",
                    CsvField(item.trace_id),
                    CsvField(item.span_id)});
  }
  return out;
}

}  // namespace telltale
