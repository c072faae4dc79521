// What one model call took, in tokens, by one convention whatever the sender's:
//
//   input_tokens                                output_tokens
//   |-- fresh ---|- cache_read -|- cache_write -|   |-- text --|- reasoning -|
//
// Input includes what was read from and written to a prompt cache; output includes
// reasoning (OpenTelemetry GenAI semantic conventions, gen_ai.usage.*). Senders that
// count otherwise are converted, and `convention` says so.
//
// A field that nobody told is kNotTold, never 0: "no usage" and "zero tokens" differ.
//
// Ownership      Plain data.
// Thread safety  Plain data.
#pragma once

#include <cstdint>

namespace telltale {

enum class CacheConvention : uint8_t {
  kUnknown,    // No cache tokens were told, so it does not matter.
  kInclusive,  // The sender's input count held its cache tokens.
  kExclusive,  // It did not: they were added.
};

enum class UsageScope : uint8_t {
  kOwn,        // This call's own tokens.
  kAggregate,  // A sum over other spans of the trace; never added up again.
};

enum class UsageSource : uint8_t {
  kNone,      // No usage at all.
  kProvider,  // The sender passed on what the provider counted, as far as one can tell.
  kCounted,   // Telltale counted, for the sender gave no usage.
};

struct Usage {
  static constexpr int64_t kNotTold = -1;

  int64_t input_tokens = kNotTold;
  int64_t output_tokens = kNotTold;

  // Subsets of input_tokens. cache_write_5m + cache_write_1h <= cache_write: the
  // rest was written for an untold time to live.
  int64_t cache_read_tokens = kNotTold;
  int64_t cache_write_tokens = kNotTold;
  int64_t cache_write_5m_tokens = kNotTold;
  int64_t cache_write_1h_tokens = kNotTold;
  int64_t audio_input_tokens = kNotTold;
  int64_t image_input_tokens = kNotTold;

  // Subsets of output_tokens.
  int64_t reasoning_tokens = kNotTold;
  int64_t audio_output_tokens = kNotTold;
  int64_t image_output_tokens = kNotTold;

  // Billed by the piece, where a provider does.
  int64_t web_searches = kNotTold;

  CacheConvention convention = CacheConvention::kUnknown;
  UsageScope scope = UsageScope::kOwn;
  UsageSource source = UsageSource::kNone;

  bool operator==(const Usage&) const = default;

  bool told() const { return input_tokens >= 0 || output_tokens >= 0; }
  int64_t total_tokens() const {
    if (!told()) return kNotTold;
    return (input_tokens > 0 ? input_tokens : 0) + (output_tokens > 0 ? output_tokens : 0);
  }
};

}  // namespace telltale
