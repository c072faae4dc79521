#include "cli/calls/sum_question.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/text.h"

namespace telltale {
namespace {

constexpr uint64_t kSumsDefault = 100;
// Two thousand steps of a few groups each.
constexpr uint64_t kStepsDefault = 10'000;

constexpr uint64_t kHourNanos = 3'600'000'000'000;

std::vector<std::string> SplitKeys(std::string_view by) {
  std::vector<std::string> keys;
  while (!by.empty()) {
    const size_t comma = std::min(by.find(','), by.size());
    keys.emplace_back(by.substr(0, comma));
    by.remove_prefix(std::min(comma + 1, by.size()));
  }
  return keys;
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

}  // namespace

Status CheckForm(const CallsOptions& options) {
  if (options.limit == 0) return Fail(ErrorCode::kInvalidInput, "read --limit: 0: it must be at least 1");
  if (options.json && options.csv) {
    return Fail(ErrorCode::kInvalidInput, "choose a form: --json and --csv: only one can be printed");
  }
  return {};
}

void SayNoCallsMatch(const CallsOptions& options, Terminal& terminal) {
  if (!options.filter.trace_id.empty()) {
    terminal.err
        << "no calls of this trace match\n"
        << "hint: telltale trace shows its spans; telltale explain says what is understood of them\n";
    return;
  }
  terminal.err << "no calls match since " << Printable(options.since) << '\n'
               << "hint: --since 7d looks further back; telltale traces shows what arrived at all\n";
}

Status AskAndPrintSums(const CallsOptions& options, DrawSums draw, Terminal& terminal) {
  const ApiClient api(options.server);
  TELLTALE_ASSIGN_OR_RETURN(const QueryText filter, CallQuery(options, Clock::System()->UnixNanos()));
  QueryText query = filter;
  TELLTALE_ASSIGN_OR_RETURN(const std::string step, StepText(options.step));
  query.Add("by", options.by).Add("step", step).Add("sort", options.sort);
  const uint64_t limit = options.limit.value_or(options.step.empty() ? kSumsDefault : kStepsDefault);
  TELLTALE_ASSIGN_OR_RETURN(CallSumsPage page, AskForSums(api, query, limit));
  if (options.json) {
    PrintItemsAsJson(page.items, terminal);
    return {};
  }
  if (page.items.empty() && !options.csv) {
    SayNoCallsMatch(options, terminal);
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
  draw(table, terminal);
  if (!page.next.empty()) {
    terminal.err << Plural(table.rows.size(), "row") << " shown, the total is of all; --limit shows more\n";
  }
  return {};
}

}  // namespace telltale
