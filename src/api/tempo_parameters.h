// What requests of Tempo's API say in ways of their own: times in seconds, tags as logfmt, names
// of fields in paths, filters that are still being typed.
//
//   TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadTempoRange(parameters));
//   ParseLogfmtUntrusted("service.name=shop http.url=\"/a b\"")     two tags
//   ParseTempoFieldUntrusted("resource.service.name")             an attribute
//   ReadableFilterUntrusted("{ .a = 1 && .b = }")                    { .a = 1 }
//
// Thread safety  Free functions.
// Failure        kInvalidInput, worded as Tempo does where Tempo says it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/parameters.h"
#include "base/result.h"
#include "query/filter.h"
#include "query/traceql/search.h"
#include "traceql/ast.h"

namespace telltale {

// Seconds since 1970, with decimals or without; nanoseconds where there are more than ten digits;
// RFC 3339. Answers nanoseconds.
std::optional<int64_t> ParseTempoTimeUntrusted(std::string_view text);
// "15s", "1m30s", or a number of seconds. Answers nanoseconds.
std::optional<int64_t> ParseTempoStepUntrusted(std::string_view text);

Result<std::optional<int64_t>> ReadTempoTime(const Parameters& parameters, std::string_view name);
// `start` and `end`; what is not given has no bound. An end without decimals is the whole second:
// Grafana cuts "now" down to one.
Result<TimeRange> ReadTempoRange(const Parameters& parameters);
// A positive number; larger ones become `max`.
struct TempoLimit {
  size_t otherwise = 0;  // where it is absent
  size_t max = 0;
  bool zero_is_absent = false;
};
Result<size_t> ReadTempoLimit(const Parameters& parameters, std::string_view name, const TempoLimit& limit);

struct TempoTag {
  std::string key;
  std::string value;  // empty: any
};
inline constexpr size_t kTempoTagsMax = 20;

Result<std::vector<TempoTag>> ParseLogfmtUntrusted(std::string_view text);
// The same as TraceQL: a value is part of an attribute's text in any case of letters, or is the
// attribute's number or truth.
std::string QueryOfTags(const std::vector<TempoTag>& tags);

// What a name in a path may be: read as TraceQL, then, where that is something else, as a scope
// and the rest as it stands (Grafana quotes no names). Empty: it names no field.
std::vector<traceql::FieldExpression> ParseTempoFieldUntrusted(std::string_view name);
// A name as Tempo's first version wrote it: an intrinsic, or an attribute without its scope.
std::vector<traceql::FieldExpression> ParseTempoTagUntrusted(std::string_view name);

// The query, or where it cannot be read as a whole the conditions of its braces that can; null
// where nothing is left.
std::shared_ptr<const TraceQuery> ReadableFilterUntrusted(std::string_view text);

}  // namespace telltale
