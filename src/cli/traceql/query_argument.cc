#include "cli/traceql/query_argument.h"

#include "cli/text.h"
#include "traceql/parse.h"

namespace telltale {

std::optional<QueryArgument> ReadQueryArgument(std::string_view text, Terminal& terminal) {
  if (text.empty()) return QueryArgument{};
  const auto query = ParseTraceQlUntrusted(text);
  if (query) return QueryArgument{.text = std::string(text), .is_metric = query->metric.has_value()};
  const Error error = ToError(text, query.error());
  ReportError(error, terminal);
  terminal.err << '\n' << CaretText(text, query.error());
  return std::nullopt;
}

}  // namespace telltale
