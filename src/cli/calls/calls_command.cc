#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/calls/call_table.h"
#include "cli/calls/sum_table.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/traceql/query_argument.h"

namespace telltale {
namespace {

constexpr uint64_t kCallsDefault = 20;
constexpr uint64_t kSumsDefault = 100;
// Two thousand steps of a few groups each.
constexpr uint64_t kStepsDefault = 10'000;

constexpr uint64_t kHourNanos = 3'600'000'000'000;

bool IsOfSums(const CallsOptions& options) {
  return !options.by.empty() || !options.step.empty();
}

std::vector<std::string> SplitKeys(std::string_view by) {
  std::vector<std::string> keys;
  while (!by.empty()) {
    const size_t comma = std::min(by.find(','), by.size());
    keys.emplace_back(by.substr(0, comma));
    by.remove_prefix(std::min(comma + 1, by.size()));
  }
  return keys;
}

template <typename Item>
void PrintJson(const std::vector<Item>& items, Terminal& terminal) {
  terminal.out << '[';
  for (size_t i = 0; i < items.size(); ++i) terminal.out << (i > 0 ? ",\n" : "\n") << items[i].json;
  terminal.out << (items.empty() ? "]\n" : "\n]\n");
}

void SayNothingMatches(const CallsOptions& options, Terminal& terminal) {
  if (!options.filter.trace_id.empty()) {
    terminal.err
        << "no calls of this trace match\n"
        << "hint: telltale trace shows its spans; telltale explain says what is understood of them\n";
    return;
  }
  terminal.err << "no calls match since " << Printable(options.since) << '\n'
               << "hint: --since 7d looks further back; telltale traces shows what arrived at all\n";
}

std::string_view FirstOnes(std::string_view sort) {
  if (sort == "cost") return "dearest";
  if (sort == "tokens") return "largest";
  if (sort == "duration") return "longest";
  return "newest";
}

Status ListCalls(const CallsOptions& options, Terminal& terminal) {
  const ApiClient api(options.server);
  const uint64_t now = Clock::System()->UnixNanos();
  TELLTALE_ASSIGN_OR_RETURN(QueryText query, CallQuery(options, now));
  query.Add("sort", options.sort);
  TELLTALE_ASSIGN_OR_RETURN(const ListedCalls calls,
                            AskForCalls(api, query, options.limit.value_or(kCallsDefault)));
  if (options.json) {
    PrintJson(calls.items, terminal);
  } else if (options.csv) {
    terminal.out << CallsCsv(calls.items);
  } else if (calls.items.empty()) {
    SayNothingMatches(options, terminal);
  } else {
    PrintCalls(calls.items, now, terminal);
    if (!calls.next.empty()) {
      terminal.err << "these are the " << FirstOnes(options.sort) << " " << calls.items.size()
                   << "; --limit shows more\n";
    }
  }
  return {};
}

// Of all calls that match. Where every row is there, the total is the sum of the rows: calls
// that arrive between two questions must not make a table that does not add up.
Result<CallSumsRow> TotalOf(const ApiClient& api, const QueryText& filter, const CallSumsPage& page) {
  TELLTALE_ASSIGN_OR_RETURN(const CallSumsPage whole, AskForSums(api, filter, 1));
  CallSumsRow total = whole.items.empty() ? CallSumsRow() : whole.items.front();
  if (!page.next.empty()) return total;
  total.totals = {};
  for (const CallSumsRow& row : page.items) total.totals.Add(row.totals);
  return total;
}

// The API's step; it knows no days.
Result<std::string> StepText(const std::string& step) {
  if (step.find('d') == step.npos) return step;
  TELLTALE_ASSIGN_OR_RETURN(const uint64_t nanos, ReadDurationFlag("step", step));
  const std::string hours = std::to_string(nanos / kHourNanos) + "h";
  return nanos % kHourNanos == 0 ? hours : hours + std::to_string(nanos % kHourNanos) + "ns";
}

Status SumCalls(const CallsOptions& options, Terminal& terminal) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(const QueryText filter, CallQuery(options, Clock::System()->UnixNanos()));
  QueryText query = filter;
  TELLTALE_ASSIGN_OR_RETURN(const std::string step, StepText(options.step));
  query.Add("by", options.by).Add("step", step).Add("sort", options.sort);
  const uint64_t limit = options.limit.value_or(options.step.empty() ? kSumsDefault : kStepsDefault);
  TELLTALE_ASSIGN_OR_RETURN(CallSumsPage page, AskForSums(api, query, limit));
  if (options.json) {
    PrintJson(page.items, terminal);
    return {};
  }
  if (page.items.empty() && !options.csv) {
    SayNothingMatches(options, terminal);
    return {};
  }
  SumTable table{.keys = SplitKeys(options.by), .has_steps = !options.step.empty()};
  if (!options.csv) {
    TELLTALE_ASSIGN_OR_RETURN(table.total, TotalOf(api, filter, page));
  }
  table.rows = std::move(page.items);
  if (options.csv) {
    terminal.out << SumsCsv(table);
    return {};
  }
  PrintSums(table, terminal);
  if (!page.next.empty()) {
    terminal.err << Plural(table.rows.size(), "row") << " shown, the total is of all; --limit shows more\n";
  }
  return {};
}

}  // namespace

int RunCalls(const CallsOptions& options, Terminal& terminal) {
  if (options.limit == 0 || (options.json && options.csv)) {
    const std::string what = options.limit == 0 ? "read --limit: 0: it must be at least 1"
                                                : "choose a form: --json and --csv: only one can be printed";
    return ReportError({ErrorCode::kInvalidInput, what, ""}, terminal);
  }
  if (!ReadQueryArgument(options.query, terminal)) return kExitUsage;
  const Status done = IsOfSums(options) ? SumCalls(options, terminal) : ListCalls(options, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
