// Whatever a request of Tempo's API says, reading it ends; tags become a query that can be read,
// and so is what is left of a filter.
#include "api/tempo_parameters.h"

#include <algorithm>

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto time = ParseTempoTimeUntrusted(text);
  TELLTALE_CHECK(!time || *time >= 0, "a time before 1970 was accepted");
  const auto step = ParseTempoStepUntrusted(text);
  TELLTALE_CHECK(!step || *step >= 0, "a step into the past was accepted");
  if (const auto tags = ParseLogfmtUntrusted(text); tags && !tags->empty()) {
    TELLTALE_CHECK(tags->size() <= kTempoTagsMax, "more tags than the limit");
    const auto query = TraceQuery::Parse(QueryOfTags(*tags));
    // A pattern is UTF-8; other bytes make the query wrong, and it says so.
    const bool is_ascii = std::ranges::all_of(*tags, [](const TempoTag& tag) {
      return std::ranges::all_of(tag.key + tag.value, [](char byte) { return byte >= ' ' && byte <= '~'; });
    });
    TELLTALE_CHECK(query || !is_ascii || query.error().code == ErrorCode::kOverLimit, "tags became no query");
  }
  (void)ParseTempoFieldUntrusted(text);
  (void)ParseTempoTagUntrusted(text);
  (void)ReadableFilterUntrusted(text);
  return 0;
}
