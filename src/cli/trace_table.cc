#include "cli/trace_table.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string_view>

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
// From here on two spaces between columns leave enough for names.
constexpr int kWidthForWideGaps = 110;

constexpr std::string_view kNoRootMark = " (no root)";
constexpr int kNameWidthForMark = 24;

constexpr const char* kTimeOfDay = "%H:%M:%S";
constexpr const char* kDateAndTime = "%m-%d %H:%M:%S";

// The mark outlives the cut, except where it would leave nothing of the name.
std::string NameOf(const ListedTrace& trace, int width = std::numeric_limits<int>::max()) {
  const std::string name = Printable(trace.name);
  if (!trace.root_missing) return CutToWidth(name, width);
  if (width < kNameWidthForMark) return CutToWidth(name + std::string(kNoRootMark), width);
  return CutToWidth(name, width - static_cast<int>(kNoRootMark.size())) + std::string(kNoRootMark);
}

// `text` made safe to print, with its line breaks: RFC 4180 has a place for them, and
// none for other control characters.
std::string CsvText(std::string_view text) {
  std::string out;
  while (true) {
    const size_t end = text.find_first_of("\r\n");
    out += Printable(text.substr(0, end));
    if (end == text.npos) return out;
    out.push_back(text[end]);
    text.remove_prefix(end + 1);
  }
}

std::string CsvField(std::string_view field) {
  const std::string text = CsvText(field);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + '"';
}

std::string CsvMilliseconds(uint64_t nanos) {
  char text[48];
  std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(nanos / 1'000'000),
                static_cast<unsigned long long>(nanos % 1'000'000));
  return text;
}

}  // namespace

TraceTable::Content TraceTable::Fit(const std::vector<ListedTrace>& traces, uint64_t now_unix_nanos) {
  Content content{.service_width = kServiceWidthMin, .name_width = kNameWidthMin};
  const std::string today = FormatLocalTime(now_unix_nanos, "%F");
  for (const ListedTrace& trace : traces) {
    content.service_width = std::max(content.service_width, DisplayWidth(Printable(trace.service)));
    content.name_width = std::max(content.name_width, DisplayWidth(NameOf(trace)));
    content.with_date = content.with_date || FormatLocalTime(trace.start_unix_nano, "%F") != today;
  }
  return content;
}

TraceTable::Content TraceTable::Unknown() {
  return {.service_width = kServiceWidthUnknown, .name_width = kNameWidthUnknown, .grows = true};
}

TraceTable::TraceTable(const Content& content, Terminal& terminal)
    : terminal_(terminal),
      with_date_(content.with_date),
      service_width_(content.service_width),
      name_width_(content.name_width) {
  if (terminal.width == 0) return;
  if (terminal.width < kWidthForWideGaps) gap_ = " ";
  const int time_width = with_date_ ? 14 : 8;
  const int left = terminal.width - time_width - kDurationWidth - kSpansWidth - kErrorsWidth - kIdWidth -
                   6 * static_cast<int>(gap_.size());
  // The name says more than the service: of what is too little it gets two thirds.
  if (service_width_ + name_width_ > left) {
    const int share = std::max({kServiceWidthMin, left / 3, left - name_width_});
    service_width_ = std::min(service_width_, share);
    name_width_ = std::max(kNameWidthMin, left - service_width_);
  } else if (content.grows) {
    name_width_ = left - service_width_;
  }
}

std::string TraceTable::Service(const ListedTrace& trace) const {
  const std::string service = Printable(trace.service);
  return PadRight(terminal_.width > 0 ? CutToWidth(service, service_width_) : service, service_width_);
}

std::string TraceTable::Name(const ListedTrace& trace) const {
  return PadRight(terminal_.width > 0 ? NameOf(trace, name_width_) : NameOf(trace), name_width_);
}

void TraceTable::PrintHeader() {
  const std::string header =
      PadRight("time", with_date_ ? 14 : 8) + gap_ + PadRight("service", service_width_) + gap_ +
      PadRight("name", name_width_) + gap_ + PadLeft("duration", kDurationWidth) + gap_ +
      PadLeft("spans", kSpansWidth) + gap_ + PadLeft("errors", kErrorsWidth) + gap_ + "trace id";
  terminal_.out << terminal_.Paint(Ink::kDim, header) << '\n';
}

void TraceTable::PrintRow(const ListedTrace& trace) {
  const bool failed = trace.error_count > 0;
  terminal_.out << FormatLocalTime(trace.start_unix_nano, with_date_ ? kDateAndTime : kTimeOfDay) << gap_
                << terminal_.Paint(Ink::kCyan, Service(trace)) << gap_ << Name(trace) << gap_
                << PadLeft(FormatDuration(trace.duration_nano), kDurationWidth) << gap_
                << PadLeft(std::to_string(trace.span_count), kSpansWidth) << gap_
                << terminal_.Paint(failed ? Ink::kRed : Ink::kPlain,
                                   PadLeft(std::to_string(trace.error_count), kErrorsWidth))
                << gap_ << terminal_.Paint(Ink::kDim, Printable(trace.trace_id)) << '\n';
}

std::string TracesCsv(const std::vector<ListedTrace>& traces) {
  std::string out = "start,service,name,duration_ms,spans,errors,status,root_missing,trace_id\r\n";
  for (const ListedTrace& trace : traces) {
    out += FormatUtcTime(trace.start_unix_nano) + ',' + CsvField(trace.service) + ',' + CsvField(trace.name) +
           ',' + CsvMilliseconds(trace.duration_nano) + ',' + std::to_string(trace.span_count) + ',' +
           std::to_string(trace.error_count) + ',' + CsvField(trace.status) + ',' +
           (trace.root_missing ? "true" : "false") + ',' + CsvField(trace.trace_id) + "\r\n";
  }
  return out;
}

}  // namespace telltale
