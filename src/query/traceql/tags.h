// What an editor offers: names of attributes by where they stand, and values of one field.
//
//   TELLTALE_ASSIGN_OR_RETURN(TagNames names, ListTagNames(engine, {.range = range}));
//   TELLTALE_ASSIGN_OR_RETURN(auto values, ListTagValues(engine, field, {.range = range, .limit = 100}));
//   values[0]      "spayments": as FieldReading::typed, the most frequent first
//
// Thread safety  Free functions.
// Failure        As Engine::Query.
// Cost           Names come from the newest kTagNameSpans spans, of events and links from the
//                newest kTagElementSpans that have some. Values come from the newest
//                kTagValueSpans spans, calls or roots that have the field; those of resources and
//                instrumentation from their distinct texts, which are few.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "query/traceql/search.h"
#include "store/engine.h"
#include "traceql/ast.h"

namespace telltale {

inline constexpr size_t kTagNameSpans = 10'000;
inline constexpr size_t kTagElementSpans = 2'000;
inline constexpr size_t kTagValueSpans = 50'000;
inline constexpr size_t kTagValueBytesMax = 1'000;  // longer values nobody picks from a list

struct TagQuestion {
  TimeRange range;
  // Only of spans that it may leave.
  std::shared_ptr<const TraceQuery> query = nullptr;
  size_t limit = 1'000;  // of each list
};

// Sorted.
struct TagNames {
  std::vector<std::string> span;
  std::vector<std::string> resource;
  std::vector<std::string> event;
  std::vector<std::string> link;
  std::vector<std::string> instrumentation;
};

Result<TagNames> ListTagNames(Engine& engine, const TagQuestion& question);

// Texts, numbers and booleans. None for intrinsics that differ from span to span or have a closed
// list of words, nor for numbers of calls. REQUIRES: `field` is a field; a parent's is as a span's.
Result<std::vector<std::string>> ListTagValues(Engine& engine, const traceql::FieldExpression& field,
                                               const TagQuestion& question);

}  // namespace telltale
