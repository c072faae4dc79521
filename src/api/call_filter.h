// The parameters by which lists of calls, their sums, conversations and users are filtered.
//
//   TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, {{"limit", "cursor"}}));
//   TELLTALE_ASSIGN_OR_RETURN(search.filter, ReadCallFilter(parameters, now));
//
// Thread safety  Free functions.
// Failure        kInvalidInput, with the parameter's name and value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/parameters.h"
#include "base/result.h"
#include "query/calls.h"

namespace telltale {

// `own`: the names that the path knows beside the filter's.
Status RefuseUnknownBesideCallFilter(const Parameters& parameters, std::span<const std::string_view> own);

// With its time range: a trace is asked for whole, however old it is; anything else of the
// last day.
Result<CallFilter> ReadCallFilter(const Parameters& parameters, int64_t now);

// A parameter that is one of a few names.
template <typename Value, size_t N>
Result<std::optional<Value>> ReadName(const Parameters& parameters, std::string_view name,
                                      const std::array<std::pair<std::string_view, Value>, N>& values) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text(name));
  if (!text) return std::optional<Value>();
  std::string known;
  for (const auto& [known_name, value] : values) {
    if (*text == known_name) return std::optional(value);
    known.append(known.empty() ? "" : ", ").append(known_name);
  }
  return BadParameter(name, *text, "not one of its values", "one of " + known);
}

}  // namespace telltale
