// What a query can name: intrinsics, scopes of attributes, fields of calls, and the words
// of closed lists. The one place that knows their spelling and their type.
//
//   const CallFieldInfo* field = FindCallField("model");        // nullptr: no such field
//   std::string_view hint = NearestCallField("modle");          // "model", or empty
//   const IntrinsicInfo& info = InfoOf(Intrinsic::kDuration);   // info.type, info.text ...
//
// Ownership      Static tables.
// Thread safety  Read only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace telltale::traceql {

enum class ValueType : uint8_t {
  kAny,  // an attribute: known only when it is read
  kNil,
  kBoolean,
  kInteger,
  kReal,
  kDuration,
  kString,
  kStatus,
  kSpanKind,
  kCallKind,
  kCostStatus,
  kSpan,  // `parent`: only there or not there
};

std::string_view ValueTypeName(ValueType type);  // as messages say it: "a duration"
constexpr bool IsNumber(ValueType type) {
  return type == ValueType::kInteger || type == ValueType::kReal || type == ValueType::kDuration;
}

// --- words -----------------------------------------------------------------------------

enum class WordSet : uint8_t { kStatus, kSpanKind, kCallKind, kCostStatus };

// Each word stands at its number: OTLP's for status and kind, the store's for the others.
// A number without a word has an empty one.
std::span<const std::string_view> WordsOf(WordSet set);
std::optional<uint8_t> FindWord(WordSet set, std::string_view word);
std::optional<WordSet> WordSetOf(ValueType type);
ValueType TypeOf(WordSet set);
std::string WordList(WordSet set);  // "unset, ok or error"

// --- intrinsics ------------------------------------------------------------------------

enum class Intrinsic : uint8_t {
  kDuration,
  kName,
  kStatus,
  kStatusMessage,
  kKind,
  kChildCount,
  kSpanId,
  kParentId,
  kNestedSetLeft,
  kNestedSetRight,
  kNestedSetParent,
  kTraceId,
  kTraceDuration,
  kRootName,
  kRootService,
  kEventName,
  kEventTimeSinceStart,
  kLinkTraceId,
  kLinkSpanId,
  kInstrumentationName,
  kInstrumentationVersion,
  kParent,  // the parent span itself: `parent = nil` finds roots
};

struct IntrinsicInfo {
  Intrinsic intrinsic;
  std::string_view text;   // the spelling that the formatter writes
  std::string_view alias;  // another one that is understood; may be empty
  ValueType type;
  bool of_parent;  // `parent.` may stand before it
  std::string_view about;
};

std::span<const IntrinsicInfo> Intrinsics();  // in the order of the enum
const IntrinsicInfo& InfoOf(Intrinsic intrinsic);
const IntrinsicInfo* FindIntrinsic(std::string_view text);  // "duration", "span:duration"

// --- attributes ------------------------------------------------------------------------

enum class AttributeScope : uint8_t { kAny, kSpan, kResource, kEvent, kLink, kInstrumentation };

// "span", "resource" ...; empty for kAny.
std::string_view ScopeName(AttributeScope scope);
std::optional<AttributeScope> FindScope(std::string_view name);
// True for "trace" and each scope that has intrinsics behind a colon.
bool HasIntrinsics(std::string_view scope);

// --- calls -----------------------------------------------------------------------------

enum class CallField : uint8_t {
  kKind,
  kOperation,
  kProvider,
  kModel,
  kRequestModel,
  kResponseModel,
  kAgent,
  kTool,
  kPromptName,
  kPromptVersion,
  kUser,
  kConversation,
  kInputTokens,
  kOutputTokens,
  kCachedTokens,
  kCacheWriteTokens,
  kReasoningTokens,
  kAudioInputTokens,
  kAudioOutputTokens,
  kImageInputTokens,
  kImageOutputTokens,
  kWebSearches,
  kCost,
  kReportedCost,
  kCostStatus,
  kPriceRule,
  kTimeToFirstToken,
  kStatus,
  kErrorType,
  kFinishReason,
  kServiceTier,
  kResponseId,
  kDialect,
  kDuplicate,
  kCounts,
};

struct CallFieldInfo {
  CallField field;
  std::string_view name;  // behind "call."
  ValueType type;
  std::string_view about;
};

std::span<const CallFieldInfo> CallFields();  // in the order of the enum
const CallFieldInfo& InfoOf(CallField field);
const CallFieldInfo* FindCallField(std::string_view name);

// --- the nearest name ------------------------------------------------------------------

// The one of `names` that `text` was probably meant to be; empty when none is near.
std::string_view NearestName(std::string_view text, std::span<const std::string_view> names);
std::string_view NearestCallField(std::string_view name);
std::string_view NearestIntrinsic(std::string_view text);

}  // namespace telltale::traceql
