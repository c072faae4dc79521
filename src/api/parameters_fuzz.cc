// Whatever a query says, reading it ends, and a number that is accepted is in bounds.
#include "api/parameters.h"

#include "api/jaeger_filter.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  HttpRequest request;
  request.query = text;
  constexpr std::string_view kKnown[] = {"start", "limit"};
  const Parameters parameters(request);
  (void)parameters.RefuseUnknown(kKnown);
  (void)parameters.Time("start");
  (void)parameters.Duration("start");
  const auto limit = parameters.Integer("limit", {.min = 1, .max = 9});
  TELLTALE_CHECK(!limit || !*limit || (**limit >= 1 && **limit <= 9),
                 "a number outside of its bounds was accepted");

  const auto time = ParseTimeUntrusted(text);
  TELLTALE_CHECK(!time || *time >= 0, "a time before 1970 was accepted");
  (void)ParseDurationUntrusted(text);
  (void)ParseTraceIdUntrusted(text);
  (void)ParseSpanIdUntrusted(text);
  SpanFilter filter;
  (void)AddJaegerTagsUntrusted("tags", text, filter);
  return 0;
}
