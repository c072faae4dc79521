// Reads the query of a request: named, typed, each refusal with the parameter's name
// and value.
//
//   Parameters parameters(request);
//   TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
//   TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Time("start"));
//
// An absent parameter reads as nullopt. Face by face it is decided whether an empty one
// counts as absent (Jaeger's UI sends those).
//
// Failure        kInvalidInput: a value cannot be read, or a name stands twice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/http.h"
#include "trace/ids.h"

namespace telltale {

class Parameters {
 public:
  struct Options {
    bool empty_is_absent = false;
  };
  explicit Parameters(const HttpRequest& request) : Parameters(request, Options{}) {}
  Parameters(const HttpRequest& request, Options options);

  // Names every parameter that is not in `known`, with the nearest that is.
  Status RefuseUnknown(std::span<const std::string_view> known) const;

  Result<std::optional<std::string>> Text(std::string_view name) const;
  std::vector<std::string> Texts(std::string_view name) const;  // of a repeated parameter

  // RFC 3339 or nanoseconds since the epoch; answers nanoseconds.
  Result<std::optional<int64_t>> Time(std::string_view name) const;
  // Go's "1.5s" or nanoseconds; answers nanoseconds.
  Result<std::optional<int64_t>> Duration(std::string_view name) const;

  // Every one, in the order of the address.
  const std::vector<std::pair<std::string, std::string>>& values() const { return values_; }

  struct Bounds {
    int64_t min = 0;
    int64_t max = 0;
  };
  Result<std::optional<int64_t>> Integer(std::string_view name, const Bounds& bounds) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// nullopt: not in the form named. Times and durations beyond what 64 bits of nanoseconds
// hold become the nearest that they do.
std::optional<int64_t> ParseTimeUntrusted(std::string_view text);      // RFC 3339 or nanoseconds
std::optional<int64_t> ParseDurationUntrusted(std::string_view text);  // "1h2m", "1.5s", "-3us", "250" (ns)
std::optional<int64_t> ParseIntegerUntrusted(std::string_view text);   // decimal
// 1 to 32 hex digits, not all zeros; shorter ones are padded on the left, as Jaeger does.
std::optional<TraceId> ParseTraceIdUntrusted(std::string_view text);
std::optional<SpanId> ParseSpanIdUntrusted(std::string_view text);  // likewise, to 16

// kInvalidInput: "parameter NAME: VALUE: why".
std::unexpected<Error> BadParameter(std::string_view name, std::string_view value, std::string_view why,
                                    std::string hint = {});

}  // namespace telltale
