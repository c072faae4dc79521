// Jaeger's tags as conditions on spans. Some of what Jaeger shows as a tag is a field
// of the span here: error, span.kind, span.status, scope.name, scope.version and the last
// three's older names, which begin with otel.
#pragma once

#include <string_view>

#include "base/result.h"
#include "query/filter.h"

namespace telltale {

// "key:value"
Status AddJaegerTag(std::string_view tag, SpanFilter& filter);

// {"key":"value",...}; `parameter` is named in a refusal.
Status AddJaegerTagsUntrusted(std::string_view parameter, std::string_view tags, SpanFilter& filter);

}  // namespace telltale
