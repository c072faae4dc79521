#include <string>
#include <utility>

#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/trace_query.h"
#include "cli/trace_summary.h"
#include "cli/trace_view.h"

namespace telltale {
namespace {

// More of one parent are seldom read one by one, and would push the rest off the screen.
constexpr size_t kChildrenShownMax = 200;

Result<ShownTrace> AskForTrace(const TraceOptions& options) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string id, ReadTraceIdArgument(options.trace_id));
  const ApiClient api(options.server);
  auto body = api.Get("/api/v1/traces/" + id);
  if (!body) {
    Error error = std::move(body.error());
    if (error.code == ErrorCode::kNotFound) {
      error.message = "find the trace: " + id + ": " + api.server() + " has no such trace";
      if (error.hint.empty()) error.hint = "telltale traces lists what it has; new spans take about a second";
    }
    return std::unexpected(std::move(error));
  }
  return ReadShownTraceUntrusted(*body);
}

}  // namespace

int RunTrace(const TraceOptions& options, Terminal& terminal) {
  const auto trace = AskForTrace(options);
  if (!trace) return ReportError(trace.error(), terminal);
  if (options.json) {
    terminal.out << TraceSummaryJson(*trace);
    return kExitOk;
  }
  TraceViewOptions view;
  if (!options.all) view.children_max = kChildrenShownMax;
  DrawTrace(*trace, view, terminal);
  return kExitOk;
}

}  // namespace telltale
