// The body of POST /api/v1/explain where it is more than an OTLP request:
//
//   {"request": {"resourceSpans": [...]}, "mapping": "[[dialect]]..."}
//   {"trace_id": "5b8efff798038103d269b633813fc60c", "mapping": "...", "as": "text"}
//
// Ownership      `request` is a view into the body; the rest are copies.
// Failure        kInvalidInput names the member.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "trace/ids.h"

namespace telltale {

struct ExplainRequest {
  std::optional<TraceId> trace_id;          // of the store; this or `request`
  std::optional<std::string_view> request;  // OTLP/JSON
  std::string mapping;                      // TOML; empty: none
  bool as_text = false;
};

// True for a body that begins as such an object does; false: it is an OTLP request itself.
bool IsExplainRequest(std::string_view body);
Result<ExplainRequest> ReadExplainRequestUntrusted(std::string_view body);

}  // namespace telltale
