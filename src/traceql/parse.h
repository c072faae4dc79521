// Text -> a checked tree.
//
//   TELLTALE_ASSIGN_OR_RETURN(traceql::Query query, ParseTraceQl(text));
//
//   auto query = ParseTraceQlUntrusted(text);          // for who marks the place
//   if (!query) return CaretText(text, query.error());
//
// The language is Tempo's TraceQL, with its precedence, and fields of calls beside
// (docs/reference/traceql.md). What ast.h promises of a tree holds for every result.
//
// Ownership      The result does not point into the text.
// Thread safety  Free functions.
// Failure        kInvalidInput, or kOverLimit for a text above kTraceQlTextMax or a query
//                deeper than kTraceQlDepthMax. The first error in the text is told.
// Cost           Linear in the text: 6 us for a usual query, 4 ms for one at the limit.
//                At most 2 MiB of stack.
#pragma once

#include <expected>
#include <string_view>

#include "base/result.h"
#include "traceql/ast.h"
#include "traceql/error.h"

namespace telltale {

std::expected<traceql::Query, TraceQlError> ParseTraceQlUntrusted(std::string_view text);

// The same, its error as text that names line and column.
Result<traceql::Query> ParseTraceQl(std::string_view text);

}  // namespace telltale
