#include "traceql/fields.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.h"

namespace telltale::traceql {
namespace {

constexpr std::string_view kStatusWords[] = {"unset", "ok", "error"};
constexpr std::string_view kSpanKindWords[] = {"unspecified", "internal", "server",
                                               "client",      "producer", "consumer"};
constexpr std::string_view kCallKindWords[] = {
    "",         "llm",   "completion", "embedding", "agent",  "tool",   "retriever",
    "reranker", "chain", "guardrail",  "evaluator", "memory", "prompt", "unknown"};
constexpr std::string_view kCostStatusWords[] = {"no_usage", "unpriced", "computed", "reported"};

constexpr std::string_view kScopeNames[] = {"", "span", "resource", "event", "link", "instrumentation"};

constexpr bool kOfParent = true;
constexpr bool kOwn = false;

constexpr IntrinsicInfo kIntrinsics[] = {
    {Intrinsic::kDuration, "duration", "span:duration", ValueType::kDuration, kOfParent, "end minus start"},
    {Intrinsic::kName, "name", "span:name", ValueType::kString, kOfParent, "name of the span"},
    {Intrinsic::kStatus, "status", "span:status", ValueType::kStatus, kOfParent, "unset, ok or error"},
    {Intrinsic::kStatusMessage, "statusMessage", "span:statusMessage", ValueType::kString, kOfParent,
     "text beside the status"},
    {Intrinsic::kKind, "kind", "span:kind", ValueType::kSpanKind, kOfParent,
     "unspecified, internal, server, client, producer or consumer"},
    {Intrinsic::kChildCount, "span:childCount", "childCount", ValueType::kInteger, kOfParent,
     "number of direct children"},
    {Intrinsic::kSpanId, "span:id", "", ValueType::kString, kOwn, "16 hex digits"},
    {Intrinsic::kParentId, "span:parentID", "", ValueType::kString, kOwn, "16 hex digits; empty for a root"},
    {Intrinsic::kNestedSetLeft, "nestedSetLeft", "", ValueType::kInteger, kOwn,
     "place in a walk through the tree, on entering"},
    {Intrinsic::kNestedSetRight, "nestedSetRight", "", ValueType::kInteger, kOwn, "... on leaving"},
    {Intrinsic::kNestedSetParent, "nestedSetParent", "", ValueType::kInteger, kOwn,
     "nestedSetLeft of the parent; -1 for a root"},
    {Intrinsic::kTraceId, "trace:id", "", ValueType::kString, kOwn, "32 hex digits"},
    {Intrinsic::kTraceDuration, "trace:duration", "traceDuration", ValueType::kDuration, kOwn,
     "last end minus first start"},
    {Intrinsic::kRootName, "trace:rootName", "rootName", ValueType::kString, kOwn, "name of the root span"},
    {Intrinsic::kRootService, "trace:rootService", "rootServiceName", ValueType::kString, kOwn,
     "service.name of the root span"},
    {Intrinsic::kEventName, "event:name", "", ValueType::kString, kOwn, "name of an event of the span"},
    {Intrinsic::kEventTimeSinceStart, "event:timeSinceStart", "", ValueType::kDuration, kOwn,
     "time of an event, from the span's start"},
    {Intrinsic::kLinkTraceId, "link:traceID", "", ValueType::kString, kOwn, "trace that a link points to"},
    {Intrinsic::kLinkSpanId, "link:spanID", "", ValueType::kString, kOwn, "span that a link points to"},
    {Intrinsic::kInstrumentationName, "instrumentation:name", "", ValueType::kString, kOwn,
     "name of the library that made the span"},
    {Intrinsic::kInstrumentationVersion, "instrumentation:version", "", ValueType::kString, kOwn,
     "its version"},
    {Intrinsic::kParent, "parent", "", ValueType::kSpan, kOwn, "the parent span: parent = nil finds roots"},
};

constexpr CallFieldInfo kCallFields[] = {
    {CallField::kKind, "kind", ValueType::kCallKind, "llm, embedding, agent, tool, retriever ..."},
    {CallField::kOperation, "operation", ValueType::kString, "name of the call's span"},
    {CallField::kProvider, "provider", ValueType::kString, "who hosts the model"},
    {CallField::kModel, "model", ValueType::kString, "model asked for or answering: either may match"},
    {CallField::kRequestModel, "request_model", ValueType::kString, "model asked for"},
    {CallField::kResponseModel, "response_model", ValueType::kString, "model that answered"},
    {CallField::kAgent, "agent", ValueType::kString, "agent that it belongs to"},
    {CallField::kTool, "tool", ValueType::kString, "tool that was called"},
    {CallField::kPromptName, "prompt.name", ValueType::kString, "named prompt"},
    {CallField::kPromptVersion, "prompt.version", ValueType::kString, "version of the prompt"},
    {CallField::kUser, "user", ValueType::kString, "user's id"},
    {CallField::kConversation, "conversation", ValueType::kString, "conversation's or session's id"},
    {CallField::kInputTokens, "input_tokens", ValueType::kInteger, "cached ones included"},
    {CallField::kOutputTokens, "output_tokens", ValueType::kInteger, "reasoning included"},
    {CallField::kCachedTokens, "cached_tokens", ValueType::kInteger, "of the input: read from a cache"},
    {CallField::kCacheWriteTokens, "cache_write_tokens", ValueType::kInteger,
     "of the input: written to a cache"},
    {CallField::kReasoningTokens, "reasoning_tokens", ValueType::kInteger, "of the output: reasoning"},
    {CallField::kAudioInputTokens, "audio_input_tokens", ValueType::kInteger, "of the input: audio"},
    {CallField::kAudioOutputTokens, "audio_output_tokens", ValueType::kInteger, "of the output: audio"},
    {CallField::kImageInputTokens, "image_input_tokens", ValueType::kInteger, "of the input: images"},
    {CallField::kImageOutputTokens, "image_output_tokens", ValueType::kInteger, "of the output: images"},
    {CallField::kWebSearches, "web_searches", ValueType::kInteger, "searches that the provider ran"},
    {CallField::kCost, "cost", ValueType::kReal, "US dollars, as stored"},
    {CallField::kReportedCost, "reported_cost", ValueType::kReal, "US dollars, as the sender says"},
    {CallField::kCostStatus, "cost_status", ValueType::kCostStatus,
     "no_usage, unpriced, computed or reported"},
    {CallField::kPriceRule, "price_rule", ValueType::kString, "rule that gave the price"},
    {CallField::kTimeToFirstToken, "time_to_first_token", ValueType::kDuration, "of a streamed answer"},
    {CallField::kStatus, "status", ValueType::kStatus, "error: it failed; ok: it did not"},
    {CallField::kErrorType, "error_type", ValueType::kString, "what failed, as the sender says"},
    {CallField::kFinishReason, "finish_reason", ValueType::kString,
     "stop, length, tool_call, content_filter, error, other"},
    {CallField::kServiceTier, "service_tier", ValueType::kString, "batch, priority ..."},
    {CallField::kResponseId, "response_id", ValueType::kString, "the provider's id of the answer"},
    {CallField::kDialect, "dialect", ValueType::kString, "way of writing calls that told the kind"},
    {CallField::kDuplicate, "duplicate", ValueType::kBoolean, "another span tells the same call, and counts"},
    {CallField::kCounts, "counts", ValueType::kBoolean, "it adds to sums"},
};

template <typename Table, typename Member>
constexpr bool InOrderOfEnum(const Table& table, Member member) {
  size_t at = 0;
  for (const auto& row : table) {
    if (static_cast<size_t>(row.*member) != at++) return false;
  }
  return true;
}
static_assert(InOrderOfEnum(kIntrinsics, &IntrinsicInfo::intrinsic));
static_assert(InOrderOfEnum(kCallFields, &CallFieldInfo::field));

char Lower(char byte) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
}

// Letters to insert, remove, replace or swap with the next, capitals aside; both texts are short.
size_t Distance(std::string_view from, std::string_view to) {
  std::vector<size_t> row(to.size() + 1), above, second_above;
  for (size_t j = 0; j <= to.size(); ++j) row[j] = j;
  const auto same = [&](size_t i, size_t j) { return Lower(from[i - 1]) == Lower(to[j - 1]); };
  for (size_t i = 1; i <= from.size(); ++i) {
    second_above = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= to.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(i, j) ? 0 : 1)});
      if (i > 1 && j > 1 && same(i - 1, j) && same(i, j - 1))
        row[j] = std::min(row[j], second_above[j - 2] + 1);
    }
  }
  return row[to.size()];
}

}  // namespace

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kAny:
      return "an attribute";
    case ValueType::kNil:
      return "nil";
    case ValueType::kBoolean:
      return "a boolean";
    case ValueType::kInteger:
    case ValueType::kReal:
      return "a number";
    case ValueType::kDuration:
      return "a duration";
    case ValueType::kString:
      return "a string";
    case ValueType::kStatus:
      return "a status";
    case ValueType::kSpanKind:
      return "a span kind";
    case ValueType::kCallKind:
      return "a call kind";
    case ValueType::kCostStatus:
      return "a cost status";
    case ValueType::kSpan:
      return "a span";
  }
  return "a value";
}

std::span<const std::string_view> WordsOf(WordSet set) {
  switch (set) {
    case WordSet::kStatus:
      return kStatusWords;
    case WordSet::kSpanKind:
      return kSpanKindWords;
    case WordSet::kCallKind:
      return kCallKindWords;
    case WordSet::kCostStatus:
      return kCostStatusWords;
  }
  return {};
}

std::optional<uint8_t> FindWord(WordSet set, std::string_view word) {
  const auto words = WordsOf(set);
  for (size_t number = 0; number < words.size(); ++number) {
    if (!word.empty() && words[number] == word) return static_cast<uint8_t>(number);
  }
  return std::nullopt;
}

std::optional<WordSet> WordSetOf(ValueType type) {
  switch (type) {
    case ValueType::kStatus:
      return WordSet::kStatus;
    case ValueType::kSpanKind:
      return WordSet::kSpanKind;
    case ValueType::kCallKind:
      return WordSet::kCallKind;
    case ValueType::kCostStatus:
      return WordSet::kCostStatus;
    default:
      return std::nullopt;
  }
}

std::string WordList(WordSet set) {
  std::vector<std::string_view> words;
  for (const std::string_view word : WordsOf(set)) {
    if (!word.empty()) words.push_back(word);
  }
  std::string list;
  for (size_t at = 0; at < words.size(); ++at) {
    if (at > 0) list += at + 1 == words.size() ? " or " : ", ";
    list += words[at];
  }
  return list;
}

ValueType TypeOf(WordSet set) {
  switch (set) {
    case WordSet::kStatus:
      return ValueType::kStatus;
    case WordSet::kSpanKind:
      return ValueType::kSpanKind;
    case WordSet::kCallKind:
      return ValueType::kCallKind;
    case WordSet::kCostStatus:
      return ValueType::kCostStatus;
  }
  return ValueType::kAny;
}

std::span<const IntrinsicInfo> Intrinsics() {
  return kIntrinsics;
}

const IntrinsicInfo& InfoOf(Intrinsic intrinsic) {
  return kIntrinsics[static_cast<size_t>(intrinsic)];
}

const IntrinsicInfo* FindIntrinsic(std::string_view text) {
  for (const IntrinsicInfo& info : kIntrinsics) {
    if (!text.empty() && (info.text == text || info.alias == text)) return &info;
  }
  return nullptr;
}

std::string_view ScopeName(AttributeScope scope) {
  return kScopeNames[static_cast<size_t>(scope)];
}

std::optional<AttributeScope> FindScope(std::string_view name) {
  for (size_t at = 1; at < std::size(kScopeNames); ++at) {
    if (kScopeNames[at] == name) return static_cast<AttributeScope>(at);
  }
  return std::nullopt;
}

bool HasIntrinsics(std::string_view scope) {
  return scope == "trace" || scope == "span" || scope == "event" || scope == "link" ||
         scope == "instrumentation";
}

std::span<const CallFieldInfo> CallFields() {
  return kCallFields;
}

const CallFieldInfo& InfoOf(CallField field) {
  return kCallFields[static_cast<size_t>(field)];
}

const CallFieldInfo* FindCallField(std::string_view name) {
  for (const CallFieldInfo& info : kCallFields) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

std::string_view NearestName(std::string_view text, std::span<const std::string_view> names) {
  constexpr size_t kNameMax = 64;  // no name of ours is longer
  if (text.empty() || text.size() > kNameMax) return {};
  std::string_view nearest;
  size_t distance_min = std::max<size_t>(1, text.size() / 3) + 1;
  for (const std::string_view name : names) {
    if (name.empty()) continue;
    const size_t distance = Distance(text, name);
    if (distance < distance_min) {
      distance_min = distance;
      nearest = name;
    }
  }
  if (!nearest.empty()) return nearest;
  // A part of one name only: "tokens" is in many, "first_token" in one.
  for (const std::string_view name : names) {
    if (text.size() < 4 || name.find(text) == std::string_view::npos) continue;
    if (!nearest.empty()) return {};
    nearest = name;
  }
  return nearest;
}

std::string_view NearestCallField(std::string_view name) {
  std::vector<std::string_view> names;
  for (const CallFieldInfo& info : kCallFields) names.push_back(info.name);
  return NearestName(name, names);
}

std::string_view NearestIntrinsic(std::string_view text) {
  std::vector<std::string_view> names;
  for (const IntrinsicInfo& info : kIntrinsics) {
    names.push_back(info.text);
    names.push_back(info.alias);
  }
  return NearestName(text, names);
}

}  // namespace telltale::traceql
