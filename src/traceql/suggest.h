// What can stand at the cursor of an editor: its kind, the part that is already typed, and the
// words that the language itself knows. Names and values of attributes come from the store.
//
//   TraceQlSuggestion at = SuggestTraceQl("{ resource.service.name = \"fro", 29);
//   at.expected   TraceQlExpected::kValue
//   at.field      resource.service.name
//   at.prefix     fro
//   at.range      of "fro with its quote: what a choice replaces
//
// Text behind the cursor is not looked at; what stands before it need not be right.
//
// Ownership      Words are static; the rest is the suggestion's own.
// Thread safety  Free functions.
// Cost           Linear in the text up to the cursor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traceql/ast.h"

namespace telltale {

enum class TraceQlExpected : uint8_t {
  kNothing,       // a number, a comment, a name that only its writer knows
  kStage,         // { ... }, an aggregate, by(...), a metric ...
  kSpanOperator,  // behind a set of spans or a number about one: && >> | ...
  kField,         // an intrinsic, or a scope and its point
  kAttributeKey,  // a name in `scope`
  kCallField,     // a name behind `call.`
  kOperator,      // behind a field: = > =~ ...; behind a comparison: && || }
  kValue,         // a value of `field`
  kHint,          // a name in with (...)
};

// Lower case, as APIs show it: "attribute_key".
std::string_view TraceQlExpectedName(TraceQlExpected expected);

struct TraceQlWord {
  std::string_view text;
  std::string_view about;  // may be empty
};

struct TraceQlSuggestion {
  TraceQlExpected expected = TraceQlExpected::kNothing;
  traceql::SourceRange range;                                     // up to the cursor
  std::string prefix;                                             // what stands there, without quotes
  traceql::AttributeScope scope = traceql::AttributeScope::kAny;  // of kAttributeKey
  bool of_parent = false;                                         // of kAttributeKey
  std::string field;                                              // of kValue, as the formatter writes it
  traceql::ValueType type = traceql::ValueType::kAny;             // of kValue: the field's
  std::vector<TraceQlWord> words;                                 // those that begin with the prefix
};

TraceQlSuggestion SuggestTraceQl(std::string_view text, size_t cursor);

}  // namespace telltale
