// From what a sender says about tokens to the one convention of trace/usage.h.
// Private to calls/.
//
//   UsageClaims claims;                       // what was said, under any name
//   claims.Claim(&UsageClaims::input_tokens, 82);
//   Usage usage = Resolve(claims, {.provider = "anthropic", .scope = "openlit..."}, &why);
//
// The first claim to a count stands: a zero under the better name shadows another
// number under an older one, and names for the same count are never added up.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/tree.h"
#include "trace/call.h"

namespace telltale {

struct UsageClaims {
  static constexpr int64_t kNotTold = Usage::kNotTold;

  int64_t input_tokens = kNotTold;
  int64_t output_tokens = kNotTold;
  int64_t total_tokens = kNotTold;
  int64_t uncached_input_tokens = kNotTold;
  int64_t cache_read_tokens = kNotTold;
  int64_t cache_write_tokens = kNotTold;
  int64_t cache_write_5m_tokens = kNotTold;
  int64_t cache_write_1h_tokens = kNotTold;
  int64_t reasoning_tokens = kNotTold;
  int64_t audio_input_tokens = kNotTold;
  int64_t audio_output_tokens = kNotTold;
  int64_t image_input_tokens = kNotTold;
  int64_t image_output_tokens = kNotTold;
  int64_t web_searches = kNotTold;

  bool input_lacks_cache = false;       // by the key or the shape that told the input
  bool output_lacks_reasoning = false;  // likewise
  bool is_aggregate = false;

  // False, and nothing changed, when the count is told already or is negative.
  bool Claim(int64_t UsageClaims::* count, int64_t value);
  bool IsTold() const;
  // What `other` tells, in place of what was told here: of a stream, where counts grow.
  void TakeLatest(const UsageClaims& other);
  // What `other` tells and nothing here does.
  void ClaimUntold(const UsageClaims& other);
};

enum class UsagePlace : uint8_t { kWhole, kInputDetails, kOutputDetails };

// Claims what a provider's or framework's usage object says, whatever its names:
// {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 2}}, Anthropic's,
// Gemini's, Bedrock's, LangChain's, Langfuse's. `buckets_are_disjoint`: in this sender's
// own names, input does not hold the cache tokens.
void ClaimUsageObject(JsonValue object, UsagePlace place, bool buckets_are_disjoint, UsageClaims& claims);

// Claims what a provider's whole answer, or a chunk of it, says about tokens: in its usage
// object or, as Ollama's, Bedrock's models' and watsonx's do, beside the text.
void ClaimBodyUsage(JsonValue body, UsageClaims& claims);

struct UsageContext {
  CallKind kind = CallKind::kLlm;
  std::string_view provider;  // canonical
  std::string_view scope;     // name of the instrumentation
};

// `why` gets a sentence when counts were changed, for `telltale explain`; may be null.
Usage Resolve(const UsageClaims& claims, const UsageContext& context, std::string_view* why);

}  // namespace telltale
