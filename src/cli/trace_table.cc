#include "cli/trace_table.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "cli/calls/call_text.h"
#include "cli/csv.h"
#include "cli/text.h"

namespace telltale {
namespace {

constexpr int kDurationWidth = 8;
constexpr int kSpansWidth = 6;
constexpr int kErrorsWidth = 6;
constexpr int kIdWidth = 32;
constexpr int kServiceWidthMin = 7;
constexpr int kNameWidthMin = 8;
constexpr int kServiceWidthUnknown = 16;
constexpr int kNameWidthUnknown = 32;
// A row without its id is worth a second line where service and name would have less than this.
constexpr int kServiceWidthGood = 20;
constexpr int kNameWidthGood = 32;
constexpr int kTokensWidthUnknown = 10;
constexpr int kCostWidthUnknown = 10;
// From here on two spaces between columns leave enough for names.
constexpr int kWidthForWideGaps = 110;

constexpr std::string_view kNoRootMark = " (no root)";
constexpr int kNameWidthForMark = 24;

constexpr std::string_view kTokensTitle = "tokens";
constexpr std::string_view kCostTitle = "cost";
constexpr std::string_view kIdTitle = "trace id";

constexpr const char* kTimeOfDay = "%H:%M:%S";
constexpr const char* kDateAndTime = "%m-%d %H:%M:%S";

// The mark outlives the cut, except where it would leave nothing of the name.
std::string NameOf(const ListedTrace& trace, int width = std::numeric_limits<int>::max()) {
  const std::string name = Printable(trace.name);
  if (!trace.root_missing) return CutToWidth(name, width);
  if (width < kNameWidthForMark) return CutToWidth(name + std::string(kNoRootMark), width);
  return CutToWidth(name, width - static_cast<int>(kNoRootMark.size())) + std::string(kNoRootMark);
}

std::string TokensOf(const ListedTrace& trace) {
  return SumTokensText(trace.totals, trace.totals.input_tokens + trace.totals.output_tokens);
}

}  // namespace

TraceTable::Content TraceTable::Fit(const std::vector<ListedTrace>& traces, uint64_t now_unix_nanos) {
  Content content{.service_width = kServiceWidthMin, .name_width = kNameWidthMin};
  const std::string today = FormatLocalTime(now_unix_nanos, "%F");
  for (const ListedTrace& trace : traces) {
    content.service_width = std::max(content.service_width, DisplayWidth(Printable(trace.service)));
    content.name_width = std::max(content.name_width, DisplayWidth(NameOf(trace)));
    if (trace.totals.calls > 0) {
      content.tokens_width =
          std::max({content.tokens_width, DisplayWidth(kTokensTitle), DisplayWidth(TokensOf(trace))});
      content.cost_width =
          std::max({content.cost_width, DisplayWidth(kCostTitle), DisplayWidth(SumCostText(trace.totals))});
    }
    content.with_date = content.with_date || FormatLocalTime(trace.start_unix_nano, "%F") != today;
  }
  return content;
}

TraceTable::Content TraceTable::Unknown() {
  return {.service_width = kServiceWidthUnknown,
          .name_width = kNameWidthUnknown,
          .tokens_width = kTokensWidthUnknown,
          .cost_width = kCostWidthUnknown,
          .grows = true};
}

TraceTable::TraceTable(const Content& content, Terminal& terminal)
    : terminal_(terminal),
      with_date_(content.with_date),
      service_width_(content.service_width),
      name_width_(content.name_width),
      tokens_width_(content.tokens_width),
      cost_width_(content.cost_width) {
  if (terminal.width == 0) return;
  if (terminal.width < kWidthForWideGaps) gap_ = " ";
  if (tokens_width_ > 0) MakeRoom(content.grows);
  const int left = Left();
  if (service_below_) {
    name_width_ = std::max(kNameWidthMin, std::min(name_width_, left));
    return;
  }
  // The name says more than the service: of what is too little it gets two thirds.
  if (service_width_ + name_width_ > left) {
    const int share = std::max({kServiceWidthMin, left / 3, left - name_width_});
    service_width_ = std::min(service_width_, share);
    name_width_ = std::max(kNameWidthMin, left - service_width_);
  } else if (content.grows) {
    name_width_ = left - service_width_;
  }
}

void TraceTable::MakeRoom(bool grows) {
  const int good = std::min(service_width_, kServiceWidthGood) + std::min(name_width_, kNameWidthGood);
  if (Left() >= good) return;
  if (grows) {
    // Rows that come one by one stay on one line each.
    tokens_width_ = cost_width_ = 0;
    return;
  }
  id_below_ = true;
  service_below_ = Left() < good;
}

int TraceTable::Left() const {
  int width = (with_date_ ? 14 : 8) + kDurationWidth + kSpansWidth + kErrorsWidth;
  int gaps = service_below_ ? 4 : 5;
  if (tokens_width_ > 0) {
    width += tokens_width_ + cost_width_;
    gaps += 2;
  }
  if (!id_below_) {
    width += kIdWidth;
    gaps += 1;
  }
  return terminal_.width - width - gaps * static_cast<int>(gap_.size());
}

std::string TraceTable::Calls(std::string_view tokens, std::string_view cost) const {
  if (tokens_width_ == 0) return {};
  return gap_ + PadLeft(tokens, tokens_width_) + gap_ + PadLeft(cost, cost_width_);
}

std::string TraceTable::Below(std::string_view trace_id, std::string_view service) const {
  if (!id_below_) return gap_ + terminal_.Paint(Ink::kDim, trace_id);
  std::string line = "\n  " + terminal_.Paint(Ink::kDim, trace_id);
  if (service_below_) {
    const int left = std::max(terminal_.width - kIdWidth - 4, kServiceWidthMin);
    line += "  " + terminal_.Paint(Ink::kCyan, CutToWidth(service, left));
  }
  return line;
}

std::string TraceTable::Service(const ListedTrace& trace) const {
  if (service_below_) return {};
  const std::string service = Printable(trace.service);
  return PadRight(terminal_.width > 0 ? CutToWidth(service, service_width_) : service, service_width_) + gap_;
}

std::string TraceTable::Name(const ListedTrace& trace) const {
  return PadRight(terminal_.width > 0 ? NameOf(trace, name_width_) : NameOf(trace), name_width_);
}

void TraceTable::PrintHeader() {
  const std::string header =
      PadRight("time", with_date_ ? 14 : 8) + gap_ +
      (service_below_ ? "" : PadRight("service", service_width_) + gap_) + PadRight("name", name_width_) +
      gap_ + PadLeft("duration", kDurationWidth) + gap_ + PadLeft("spans", kSpansWidth) + gap_ +
      PadLeft("errors", kErrorsWidth) + Calls(kTokensTitle, kCostTitle) + (id_below_ ? "\n  " : gap_) +
      std::string(kIdTitle) +
      (service_below_ ? std::string(kIdWidth - kIdTitle.size() + 2, ' ') + "service" : "");
  terminal_.out << terminal_.Paint(Ink::kDim, header) << '\n';
}

void TraceTable::PrintRow(const ListedTrace& trace) {
  const bool failed = trace.error_count > 0;
  terminal_.out << FormatLocalTime(trace.start_unix_nano, with_date_ ? kDateAndTime : kTimeOfDay) << gap_
                << terminal_.Paint(Ink::kCyan, Service(trace)) << Name(trace) << gap_
                << PadLeft(FormatDuration(trace.duration_nano), kDurationWidth) << gap_
                << PadLeft(std::to_string(trace.span_count), kSpansWidth) << gap_
                << terminal_.Paint(failed ? Ink::kRed : Ink::kPlain,
                                   PadLeft(std::to_string(trace.error_count), kErrorsWidth))
                << Calls(TokensOf(trace), SumCostText(trace.totals))
                << Below(Printable(trace.trace_id), Printable(trace.service)) << '\n';
}

std::string LeftOutNote(const std::vector<ListedTrace>& traces) {
  ShownTotals all;
  for (const ListedTrace& trace : traces) all.Add(trace.totals);
  return LeavesOut(all) ? "+: at least; " + LeftOutText(all) : std::string();
}

std::string TracesCsv(const std::vector<ListedTrace>& traces) {
  std::string out =
      "start,service,name,duration_ms,spans,errors,status,root_missing,trace_id,"
      "calls,input_tokens,output_tokens,calls_without_usage,cost_usd,calls_without_cost\r\n";
  for (const ListedTrace& trace : traces) {
    const ShownTotals& totals = trace.totals;
    const bool told = totals.calls > totals.calls_without_usage;
    out +=
        CsvLine({FormatUtcTime(trace.start_unix_nano), CsvField(trace.service), CsvField(trace.name),
                 CsvMilliseconds(trace.duration_nano), std::to_string(trace.span_count),
                 std::to_string(trace.error_count), CsvField(trace.status),
                 trace.root_missing ? "true" : "false", CsvField(trace.trace_id),
                 std::to_string(totals.calls), told ? std::to_string(totals.input_tokens) : "",
                 told ? std::to_string(totals.output_tokens) : "", std::to_string(totals.calls_without_usage),
                 CsvDollars(totals.cost), std::to_string(totals.unpriced_calls + totals.no_usage_calls)});
  }
  return out;
}

}  // namespace telltale
