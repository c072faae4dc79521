// A query as text again, in one spelling: for saved queries, for showing what was understood,
// and as a key of caches.
//
//   FormatTraceQl(query)        { status = error && span.http.status_code >= 500 } | count() > 2
//   FormatTraceQlLines(query)   the same over several lines where it is long
//
// Always true: parsing the text gives an equal tree, and formatting that gives the same text.
// Comments are not in the tree, so they are not in the text either.
//
// Thread safety  Free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "traceql/ast.h"

namespace telltale {

inline constexpr size_t kTraceQlLineMax = 100;  // characters, as the web UI's editor shows

std::string FormatTraceQl(const traceql::Query& query);
std::string FormatTraceQlLines(const traceql::Query& query, size_t line_max = kTraceQlLineMax);

namespace traceql {

// Parts of a query, on one line.
std::string Format(const FieldExpression& expression);
std::string Format(const Literal& literal);

std::string_view OperatorText(ArithmeticOperator op);
std::string_view OperatorText(ComparisonOperator op);
std::string_view OperatorText(LogicalOperator op);
std::string_view OperatorText(Relation relation, RelationForm form);
std::string_view MetricName(MetricFunction function);        // "count_over_time"
std::string_view AggregateName(AggregateFunction function);  // "avg"

}  // namespace traceql
}  // namespace telltale
