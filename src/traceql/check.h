// Types: what can be compared, added up, matched and counted. The last step of parsing.
//
//   if (auto error = CheckTypes(text, query)) return std::unexpected(*error);
//
// Sets FieldExpression::type everywhere, and makes words of closed lists out of strings that
// stand beside them: status = "error" becomes status = error.
//
// Thread safety  Free functions.
#pragma once

#include <optional>
#include <string_view>

#include "traceql/ast.h"
#include "traceql/error.h"

namespace telltale::traceql {

std::optional<TraceQlError> CheckTypes(std::string_view text, Query& query);

}  // namespace telltale::traceql
