#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/calls/call_query.h"
#include "cli/calls/call_table.h"
#include "cli/calls/sum_question.h"
#include "cli/calls/sum_table.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/traceql/query_argument.h"

namespace telltale {
namespace {

constexpr uint64_t kCallsDefault = 20;
bool IsOfSums(const CallsOptions& options) {
  return !options.by.empty() || !options.step.empty();
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
    PrintItemsAsJson(calls.items, terminal);
  } else if (options.csv) {
    terminal.out << CallsCsv(calls.items);
  } else if (calls.items.empty()) {
    SayNoCallsMatch(options, terminal);
  } else {
    PrintCalls(calls.items, now, terminal);
    if (!calls.next.empty()) {
      terminal.err << "these are the " << FirstOnes(options.sort) << " " << calls.items.size()
                   << "; --limit shows more\n";
    }
  }
  return {};
}

}  // namespace

int RunCalls(const CallsOptions& options, Terminal& terminal) {
  if (const Status possible = CheckForm(options); !possible) return ReportError(possible.error(), terminal);
  if (!ReadQueryArgument(options.filter.query, terminal)) return kExitUsage;
  const Status done =
      IsOfSums(options) ? AskAndPrintSums(options, PrintSums, terminal) : ListCalls(options, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
