#include "calls/usage.h"

#include <algorithm>
#include <array>

#include "base/counters.h"

namespace telltale {
namespace {

using Count64 = int64_t UsageClaims::*;
constexpr int kObjectDepthMax = 3;
// Far above any bill; larger ones are noise that would overflow a sum.
constexpr int64_t kTokensMax = int64_t{1} << 50;

struct CountName {
  std::string_view name;  // lower case, without _ and -
  Count64 count;
};

constexpr CountName kNames[] = {
    {"inputtokens", &UsageClaims::input_tokens},
    {"prompttokens", &UsageClaims::input_tokens},
    {"prompttokencount", &UsageClaims::input_tokens},
    {"inputtokencount", &UsageClaims::input_tokens},
    {"input", &UsageClaims::input_tokens},
    {"prompt", &UsageClaims::input_tokens},
    {"promptevalcount", &UsageClaims::input_tokens},
    {"outputtokens", &UsageClaims::output_tokens},
    {"completiontokens", &UsageClaims::output_tokens},
    {"candidatestokencount", &UsageClaims::output_tokens},
    {"outputtokencount", &UsageClaims::output_tokens},
    {"output", &UsageClaims::output_tokens},
    {"completion", &UsageClaims::output_tokens},
    {"evalcount", &UsageClaims::output_tokens},
    {"inputtexttokencount", &UsageClaims::input_tokens},
    {"totalinputtokens", &UsageClaims::input_tokens},
    {"generationtokencount", &UsageClaims::output_tokens},
    {"generatedtokencount", &UsageClaims::output_tokens},
    {"totaloutputtexttokencount", &UsageClaims::output_tokens},
    {"totaloutputtokens", &UsageClaims::output_tokens},
    {"responsetokencount", &UsageClaims::output_tokens},
    {"totaltokens", &UsageClaims::total_tokens},
    {"totaltokencount", &UsageClaims::total_tokens},
    {"total", &UsageClaims::total_tokens},
    {"cachedtokens", &UsageClaims::cache_read_tokens},
    {"cachereadinputtokens", &UsageClaims::cache_read_tokens},
    {"cacheread", &UsageClaims::cache_read_tokens},
    {"cachereadtokens", &UsageClaims::cache_read_tokens},
    {"cachedcontenttokencount", &UsageClaims::cache_read_tokens},
    {"cachedcontenttokens", &UsageClaims::cache_read_tokens},
    {"cachedinputtokens", &UsageClaims::cache_read_tokens},
    {"cachedprompttokens", &UsageClaims::cache_read_tokens},
    {"inputcachedtokens", &UsageClaims::cache_read_tokens},
    {"inputcacheread", &UsageClaims::cache_read_tokens},
    {"promptcachehittokens", &UsageClaims::cache_read_tokens},
    {"cachereadinputtokencount", &UsageClaims::cache_read_tokens},
    {"totalcachedtokens", &UsageClaims::cache_read_tokens},
    {"promptcachedtokens", &UsageClaims::cache_read_tokens},
    {"cachecreationinputtokens", &UsageClaims::cache_write_tokens},
    {"cachewriteinputtokens", &UsageClaims::cache_write_tokens},
    {"cachewriteinputtokencount", &UsageClaims::cache_write_tokens},
    {"cachecreation", &UsageClaims::cache_write_tokens},
    {"cachewrite", &UsageClaims::cache_write_tokens},
    {"cachecreationtokens", &UsageClaims::cache_write_tokens},
    {"cachewritetokens", &UsageClaims::cache_write_tokens},
    {"inputcachecreation", &UsageClaims::cache_write_tokens},
    {"inputcachecreationtokens", &UsageClaims::cache_write_tokens},
    {"inputcachewrite", &UsageClaims::cache_write_tokens},
    {"ephemeral5minputtokens", &UsageClaims::cache_write_5m_tokens},
    {"ephemeral1hinputtokens", &UsageClaims::cache_write_1h_tokens},
    {"reasoningtokens", &UsageClaims::reasoning_tokens},
    {"thinkingtokens", &UsageClaims::reasoning_tokens},
    {"reasoningoutputtokens", &UsageClaims::reasoning_tokens},
    {"reasoning", &UsageClaims::reasoning_tokens},
    {"outputreasoningtokens", &UsageClaims::reasoning_tokens},
    {"outputreasoning", &UsageClaims::reasoning_tokens},
    {"thoughtstokencount", &UsageClaims::reasoning_tokens},
    {"thoughtstokens", &UsageClaims::reasoning_tokens},
    {"totalthoughttokens", &UsageClaims::reasoning_tokens},
    {"inputaudiotokens", &UsageClaims::audio_input_tokens},
    {"inputaudio", &UsageClaims::audio_input_tokens},
    {"outputaudiotokens", &UsageClaims::audio_output_tokens},
    {"outputaudio", &UsageClaims::audio_output_tokens},
    {"websearchrequests", &UsageClaims::web_searches},
};

constexpr CountName kInputDetailNames[] = {
    {"audiotokens", &UsageClaims::audio_input_tokens},      {"audio", &UsageClaims::audio_input_tokens},
    {"imagetokens", &UsageClaims::image_input_tokens},      {"image", &UsageClaims::image_input_tokens},
    {"nocachetokens", &UsageClaims::uncached_input_tokens},
};
constexpr CountName kOutputDetailNames[] = {
    {"audiotokens", &UsageClaims::audio_output_tokens},
    {"audio", &UsageClaims::audio_output_tokens},
    {"imagetokens", &UsageClaims::image_output_tokens},
    {"image", &UsageClaims::image_output_tokens},
};

// A key without its case and its separators, so that every style is one name.
class BareName {
 public:
  explicit BareName(std::string_view key) {
    for (const char c : key) {
      if (c == '_' || c == '-' || size_ == text_.size()) continue;
      text_[size_++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  std::string_view view() const { return {text_.data(), size_}; }
  bool Has(std::string_view part) const { return view().find(part) != std::string_view::npos; }

 private:
  std::array<char, 40> text_;
  size_t size_ = 0;
};

template <size_t kSize>
Count64 FindName(const CountName (&names)[kSize], std::string_view name) {
  const auto at = std::ranges::find(names, name, &CountName::name);
  return at == std::end(names) ? nullptr : at->count;
}

Count64 CountNamed(std::string_view name, UsagePlace place) {
  if (place == UsagePlace::kInputDetails) {
    if (const Count64 count = FindName(kInputDetailNames, name)) return count;
  }
  if (place == UsagePlace::kOutputDetails) {
    if (const Count64 count = FindName(kOutputDetailNames, name)) return count;
  }
  const Count64 count = FindName(kNames, name);
  // "input" inside details is a part of the whole again, not the whole.
  const bool is_whole = count == &UsageClaims::input_tokens || count == &UsageClaims::output_tokens ||
                        count == &UsageClaims::total_tokens;
  return place != UsagePlace::kWhole && is_whole ? nullptr : count;
}

// How the object's own names say that it counts.
struct Shape {
  bool is_openai = false;     // prompt_tokens, ..._details
  bool is_anthropic = false;  // input_tokens with cache_read_input_tokens beside
  bool is_gemini = false;     // candidatesTokenCount
  bool is_langfuse = false;   // input, output
  bool told_input = false;
  bool told_output = false;
  int64_t tool_input = 0;  // Gemini counts what its own tools read apart
};

class ObjectReader {
 public:
  ObjectReader(UsageClaims& claims, Shape& shape) : claims_(&claims), shape_(&shape) {}

  void Read(JsonValue object, UsagePlace place, int depth) {
    // Cohere tells what the model read beside what is billed, which lacks Cohere's own
    // preamble and counts no cache.
    if (const JsonValue billed = object["billed_units"]; billed.is_object()) object = billed;
    const auto members = object.members();
    for (auto at = members.begin(); at != members.end(); ++at) {
      const BareName name(at.key());
      const JsonValue value = *at;
      if (value.is_object()) {
        if (depth < kObjectDepthMax) ReadNested(value, name, place, depth);
      } else if (value.is_array()) {
        ReadModalities(value, name);
      } else if (const auto number = value.Number()) {
        Take(name, *number, place);
      }
    }
  }

 private:
  void ReadNested(JsonValue value, const BareName& name, UsagePlace place, int depth) {
    if (name.Has("detail")) {
      shape_->is_openai = true;
      place = name.Has("output") || name.Has("completion") ? UsagePlace::kOutputDetails
                                                           : UsagePlace::kInputDetails;
    } else if (name.Has("inputtokens")) {
      // Vercel's {"inputTokens": {"total": 5, "cacheRead": 2}}.
      if (const auto total = value["total"].Number())
        Take(BareName("inputTokens"), *total, UsagePlace::kWhole);
      place = UsagePlace::kInputDetails;
    } else if (name.Has("outputtokens")) {
      if (const auto total = value["total"].Number())
        Take(BareName("outputTokens"), *total, UsagePlace::kWhole);
      place = UsagePlace::kOutputDetails;
    } else if (name.view() == "tokens") {
      place = UsagePlace::kWhole;  // Cohere's, where nothing was billed
    } else if (!name.Has("cachecreation") && !name.Has("servertooluse") && name.view() != "usage") {
      return;
    }
    Read(value, place, depth + 1);
  }

  // Gemini's [{"modality": "AUDIO", "tokenCount": 5}].
  void ReadModalities(JsonValue list, const BareName& name) {
    const bool is_input = name.Has("prompttokensdetails") || name.Has("inputtokensbymodality");
    const bool is_output = name.Has("candidatestokensdetails") || name.Has("responsetokensdetails") ||
                           name.Has("outputtokensbymodality");
    if (!is_input && !is_output) return;
    for (const JsonValue item : list.items()) {
      const BareName modality(item["modality"].raw());
      const auto number = item.FirstOf("tokenCount", "tokens").Number();
      if (!number || !(*number >= 0 && *number < static_cast<double>(kTokensMax))) continue;
      const auto tokens = static_cast<int64_t>(*number);
      if (modality.view() == "audio")
        claims_->Claim(is_input ? &UsageClaims::audio_input_tokens : &UsageClaims::audio_output_tokens,
                       tokens);
      if (modality.view() == "image")
        claims_->Claim(is_input ? &UsageClaims::image_input_tokens : &UsageClaims::image_output_tokens,
                       tokens);
    }
  }

  void Take(const BareName& name, double number, UsagePlace place) {
    if (name.view() == "tooluseprompttokencount" || name.view() == "totaltoolusetokens")
      shape_->tool_input =
          number > 0 && number < static_cast<double>(kTokensMax) ? static_cast<int64_t>(number) : 0;
    const Count64 count = CountNamed(name.view(), place);
    if (count == nullptr || !(number < static_cast<double>(kTokensMax))) return;
    NoteShape(name, place);
    const bool taken = claims_->Claim(count, number < 0 ? -1 : static_cast<int64_t>(number));
    if (taken && count == &UsageClaims::input_tokens) shape_->told_input = true;
    if (taken && count == &UsageClaims::output_tokens) shape_->told_output = true;
  }

  void NoteShape(const BareName& name, UsagePlace place) {
    if (place != UsagePlace::kWhole) return;
    if (name.view() == "prompttokens" || name.view() == "completiontokens") shape_->is_openai = true;
    if (name.view() == "cachereadinputtokens" || name.view() == "cachecreationinputtokens" ||
        name.view() == "cachewriteinputtokens")
      shape_->is_anthropic = true;
    if (name.view() == "candidatestokencount" || name.view() == "responsetokencount" ||
        name.view() == "totaloutputtokens")
      shape_->is_gemini = true;
    if (name.view() == "input" || name.view() == "output") shape_->is_langfuse = true;
  }

  UsageClaims* claims_;
  Shape* shape_;
};

bool StartsWithAny(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [&](std::string_view start) { return text.starts_with(start); });
}

// Instrumentations that pass on a count without cache tokens under a name that should
// hold them.
bool ScopeLeavesCacheOut(const UsageContext& context) {
  if (context.provider == "anthropic") return StartsWithAny(context.scope, {"openlit"});
  if (context.provider == "aws.bedrock") {
    return StartsWithAny(context.scope,
                         {"opentelemetry.instrumentation.bedrock", "openinference.instrumentation.bedrock",
                          "strands.", "strands-agents", "openlit", "@traceloop/instrumentation-bedrock"});
  }
  return false;
}

constexpr Count64 kCounts[] = {
    &UsageClaims::input_tokens,          &UsageClaims::output_tokens,
    &UsageClaims::total_tokens,          &UsageClaims::uncached_input_tokens,
    &UsageClaims::cache_read_tokens,     &UsageClaims::cache_write_tokens,
    &UsageClaims::cache_write_5m_tokens, &UsageClaims::cache_write_1h_tokens,
    &UsageClaims::reasoning_tokens,      &UsageClaims::audio_input_tokens,
    &UsageClaims::audio_output_tokens,   &UsageClaims::image_input_tokens,
    &UsageClaims::image_output_tokens,   &UsageClaims::web_searches,
};

void ClaimNumber(JsonValue value, std::string_view name, UsageClaims& claims) {
  const auto number = value.Number();
  const Count64 count = FindName(kNames, BareName(name).view());
  if (number && count != nullptr && *number >= 0 && *number < static_cast<double>(kTokensMax))
    claims.Claim(count, static_cast<int64_t>(*number));
}

int64_t OrZero(int64_t count) {
  return std::max<int64_t>(count, 0);
}

bool LeavesCacheOut(const UsageClaims& claims, const UsageContext& context, std::string_view& why) {
  const int64_t cache = OrZero(claims.cache_read_tokens) + OrZero(claims.cache_write_tokens);
  const int64_t input = claims.input_tokens;
  if (cache > input) {
    why = "cache tokens added to the input: there are more of them than input tokens";
    return true;
  }
  if (claims.uncached_input_tokens >= 0) {
    why = "cache tokens added to the input: it equals the uncached tokens";
    return input == claims.uncached_input_tokens;
  }
  const bool total_is_told = claims.total_tokens >= 0 && claims.output_tokens >= 0;
  if (ScopeLeavesCacheOut(context)) {
    why = "cache tokens added to the input: this instrumentation leaves them out";
    return true;
  }
  if (claims.input_lacks_cache) {
    const bool is_anthropic = context.provider == "anthropic" || context.provider == "aws.bedrock";
    if (total_is_told && claims.total_tokens == input + claims.output_tokens && !is_anthropic) return false;
    why = "cache tokens added to the input: this key counts without them";
    return true;
  }
  if (total_is_told && claims.total_tokens == input + claims.output_tokens + cache) {
    why = "cache tokens added to the input: the total holds them beside it";
    return true;
  }
  return false;
}

// The output with reasoning, where it was told without.
void AddReasoning(const UsageClaims& claims, const UsageContext& context, Usage& usage,
                  std::string_view& why) {
  if (usage.output_tokens < 0) return;
  const int64_t input = OrZero(usage.input_tokens);
  const bool total_is_told = claims.total_tokens > 0 && usage.input_tokens >= 0;
  const int64_t reasoning = usage.reasoning_tokens;
  if (reasoning > 0) {
    const bool total_shows = total_is_told && claims.total_tokens == input + usage.output_tokens + reasoning;
    const bool total_denies = total_is_told && claims.total_tokens == input + usage.output_tokens;
    if (!total_shows && reasoning <= usage.output_tokens && (total_denies || !claims.output_lacks_reasoning))
      return;
    if (total_denies) return;
    usage.output_tokens += reasoning;
    why = "reasoning tokens added to the output: it was told without them";
  } else if (reasoning < 0 && total_is_told && context.provider.starts_with("gcp.") &&
             claims.total_tokens > input + usage.output_tokens) {
    usage.reasoning_tokens = claims.total_tokens - input - usage.output_tokens;
    usage.output_tokens += usage.reasoning_tokens;
    why = "reasoning tokens taken from the total: Google's output is told without them";
  }
}

}  // namespace

bool UsageClaims::Claim(int64_t UsageClaims::* count, int64_t value) {
  if (value < 0) {
    Count(Counter::kCallCountsNegative);
    return false;
  }
  if (this->*count >= 0 || value > kTokensMax) return false;
  this->*count = value;
  return true;
}

bool UsageClaims::IsTold() const {
  return std::ranges::any_of(kCounts, [this](Count64 count) { return this->*count >= 0; });
}

void UsageClaims::TakeLatest(const UsageClaims& other) {
  for (const Count64 count : kCounts) {
    if (other.*count >= 0) this->*count = other.*count;
  }
  input_lacks_cache = input_lacks_cache || other.input_lacks_cache;
  output_lacks_reasoning = output_lacks_reasoning || other.output_lacks_reasoning;
}

void UsageClaims::ClaimUntold(const UsageClaims& other) {
  if (input_tokens < 0) input_lacks_cache = input_lacks_cache || other.input_lacks_cache;
  if (output_tokens < 0) output_lacks_reasoning = output_lacks_reasoning || other.output_lacks_reasoning;
  for (const Count64 count : kCounts) {
    if (other.*count >= 0) Claim(count, other.*count);
  }
}

void ClaimBodyUsage(JsonValue body, UsageClaims& claims) {
  for (const std::string_view holder :
       {"usage", "usage_metadata", "usageMetadata", "token_usage", "tokenUsage", "metrics"}) {
    if (body[holder].is_object()) ClaimUsageObject(body[holder], UsagePlace::kWhole, false, claims);
  }
  ClaimUsageObject(body["x_groq"]["usage"], UsagePlace::kWhole, false, claims);
  ClaimUsageObject(body["meta"], UsagePlace::kWhole, false, claims);
  // Beside the text, where any other word could stand too: only names that say what they are.
  for (const std::string_view name :
       {"prompt_eval_count", "eval_count", "prompt_token_count", "generation_token_count",
        "inputTextTokenCount", "totalOutputTextTokenCount"})
    ClaimNumber(body[name], name, claims);
  // Titan's and watsonx's lists of results.
  for (const JsonValue result : body["results"].items()) {
    ClaimNumber(result["input_token_count"], "input_token_count", claims);
    ClaimNumber(result["generated_token_count"], "generated_token_count", claims);
    ClaimNumber(result["tokenCount"], "output_tokens", claims);
  }
}

void ClaimUsageObject(JsonValue object, UsagePlace place, bool buckets_are_disjoint, UsageClaims& claims) {
  Shape shape;
  ObjectReader(claims, shape).Read(object, place, 0);
  if (shape.told_input) claims.input_tokens += shape.tool_input;
  if (shape.told_input && !shape.is_openai && !shape.is_gemini &&
      (shape.is_anthropic || (shape.is_langfuse && buckets_are_disjoint)))
    claims.input_lacks_cache = true;
  if (shape.told_output && shape.is_gemini) claims.output_lacks_reasoning = true;
}

Usage Resolve(const UsageClaims& claims, const UsageContext& context, std::string_view* why) {
  Usage usage;
  usage.input_tokens = claims.input_tokens;
  usage.output_tokens = claims.output_tokens;
  // An embedding has no output: its total is its input.
  if (context.kind == CallKind::kEmbedding && usage.input_tokens < 0)
    usage.input_tokens = claims.total_tokens;
  usage.cache_read_tokens = claims.cache_read_tokens;
  usage.cache_write_tokens = claims.cache_write_tokens;
  usage.cache_write_5m_tokens = claims.cache_write_5m_tokens;
  usage.cache_write_1h_tokens = claims.cache_write_1h_tokens;
  if (usage.cache_write_tokens < 0 &&
      (claims.cache_write_5m_tokens >= 0 || claims.cache_write_1h_tokens >= 0))
    usage.cache_write_tokens = OrZero(claims.cache_write_5m_tokens) + OrZero(claims.cache_write_1h_tokens);
  usage.audio_input_tokens = claims.audio_input_tokens;
  usage.image_input_tokens = claims.image_input_tokens;
  usage.reasoning_tokens = claims.reasoning_tokens;
  usage.audio_output_tokens = claims.audio_output_tokens;
  usage.image_output_tokens = claims.image_output_tokens;
  usage.web_searches = claims.web_searches;
  if (claims.is_aggregate) usage.scope = UsageScope::kAggregate;
  if (!usage.told()) return usage;
  usage.source = UsageSource::kProvider;

  std::string_view reason;
  const int64_t cache = OrZero(usage.cache_read_tokens) + OrZero(usage.cache_write_tokens);
  if (cache > 0 && usage.input_tokens >= 0) {
    usage.convention = CacheConvention::kInclusive;
    if (LeavesCacheOut(claims, context, reason)) {
      usage.convention = CacheConvention::kExclusive;
      usage.input_tokens += cache;
    } else {
      reason = {};
    }
  }
  AddReasoning(claims, context, usage, reason);
  if (why != nullptr) *why = reason;
  return usage;
}

}  // namespace telltale
