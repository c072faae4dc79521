#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/calls/sum_question.h"
#include "cli/calls/sum_table.h"
#include "cli/commands.h"
#include "cli/text.h"

namespace telltale {

int RunCost(const CostOptions& options, Terminal& terminal) {
  const CallsOptions calls{.server = options.server,
                           .filter = options.filter,
                           .since = options.since,
                           .by = options.by.empty() && options.step.empty() ? "model" : options.by,
                           .step = options.step,
                           .sort = options.sort,
                           .limit = options.limit,
                           .json = options.json,
                           .csv = options.csv};
  if (const Status possible = CheckForm(calls); !possible) return ReportError(possible.error(), terminal);
  const Status done = AskAndPrintSums(calls, PrintCosts, terminal);
  return done ? kExitOk : ReportError(done.error(), terminal);
}

}  // namespace telltale
