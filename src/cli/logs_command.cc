#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/trace_query.h"

namespace telltale {
namespace {

// What the API gives at most in one answer.
constexpr uint64_t kPageSizeMax = 1000;

constexpr int kSeverityError = 17;
constexpr int kSeverityWarn = 13;

Result<QueryText> Query(const LogsOptions& options, uint64_t now) {
  QueryText query;
  if (options.trace_id.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(const std::string start, StartOfSince(options.since, now));
    query.Add("start", start);
  } else {
    TELLTALE_ASSIGN_OR_RETURN(const std::string id, ReadTraceIdArgument(options.trace_id));
    query.Add("trace_id", id);
  }
  query.Add("service", options.service).Add("event", options.event).Add("severity", options.severity);
  query.Add("text", options.text);
  for (const std::string& attribute : options.attributes) query.Add("attribute", attribute);
  return query;
}

// The newest options.limit records and, where they end inside of one time, the rest of
// that time; newest first.
Result<ListedLogs> AskForLogs(const LogsOptions& options, uint64_t now) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(const QueryText filter, Query(options, now));
  ListedLogs all;
  do {
    QueryText query = filter;
    query.Add("cursor", all.next);
    query.Add("limit", std::to_string(std::min(options.limit - all.items.size(), kPageSizeMax)));
    TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/logs" + query.Text()));
    TELLTALE_ASSIGN_OR_RETURN(ListedLogs page, ReadListedLogsUntrusted(body));
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.next = page.items.empty() ? std::string() : std::move(page.next);
  } while (!all.next.empty() && all.items.size() < options.limit);
  return all;
}

Ink InkOf(int severity_number) {
  if (severity_number >= kSeverityError) return Ink::kRed;
  return severity_number >= kSeverityWarn ? Ink::kYellow : Ink::kPlain;
}

// 11-25 14:03:01.120  ERROR  shop  payment failed  [exception]
void PrintLine(const ListedLog& log, Terminal& terminal) {
  std::string line = FormatLocalTime(log.time_unix_nano, "%m-%d %H:%M:%S");
  std::string milliseconds = std::to_string(1000 + log.time_unix_nano / 1'000'000 % 1000);
  milliseconds[0] = '.';
  line += milliseconds + "  ";
  const std::string severity = PadRight(CutToWidth(Printable(log.severity), 5), 5);
  std::string rest = "  " + Printable(log.service) + "  " + Printable(log.body.value);
  if (!log.event_name.empty()) rest += "  [" + Printable(log.event_name) + "]";
  if (terminal.width > 0) {
    const int used = DisplayWidth(line) + DisplayWidth(severity);
    rest = CutToWidth(rest, std::max(terminal.width - used, 1));
  }
  terminal.out << line << terminal.Paint(InkOf(log.severity_number), severity) << rest << '\n';
}

}  // namespace

int RunLogs(const LogsOptions& options, Terminal& terminal) {
  if (options.limit == 0) {
    return ReportError({ErrorCode::kInvalidInput, "read --limit: 0: it must be at least 1", ""}, terminal);
  }
  auto logs = AskForLogs(options, Clock::System()->UnixNanos());
  if (!logs) return ReportError(logs.error(), terminal);
  // A person reads on from top to bottom.
  std::ranges::reverse(logs->items);
  for (const ListedLog& log : logs->items) {
    if (options.json) {
      terminal.out << log.json << '\n';
    } else {
      PrintLine(log, terminal);
    }
  }
  if (logs->items.empty() && !options.json) {
    terminal.err << "no log records match"
                 << (options.trace_id.empty() ? " since " + Printable(options.since) : std::string()) << '\n'
                 << "hint: --since 7d looks further back; OTLP logs go to the same ports as traces\n";
  } else if (!logs->next.empty()) {
    terminal.err << "these are the newest " << logs->items.size() << "; --limit shows more\n";
  }
  return kExitOk;
}

}  // namespace telltale
