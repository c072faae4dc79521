// What the steps of mapping one span share. Private to calls/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calls/explanation.h"
#include "calls/messages.h"
#include "calls/rules.h"
#include "calls/usage.h"
#include "calls/values.h"
#include "trace/batch.h"
#include "trace/call.h"

namespace telltale {

// One attribute that a rule knows, from the span or from an event or record of it.
struct Hit {
  uint64_t rank = 0;  // [ field ][ span first ][ rule's place ][ later ones first ]
  const Rule* rule = nullptr;
  const Attribute* attribute = nullptr;
  bool is_of_span = true;
};
using Hits = std::span<const Hit>;

// One element of a family of flattened attributes, llm.input_messages.3.message.role:
// index 3, leaf "message.role".
struct IndexedLeaf {
  uint32_t index = 0;
  std::string_view leaf;
  const Value* value = nullptr;
  std::string_view key;  // the whole: what orders two keys that say the same
};

struct MapContext {
  const Batch& batch;
  const Span& span;
  std::span<const CallRecord> records;
  Call& call;
  JsonPool& pool;
  Explanation* explanation;  // null: nobody asks
  std::vector<IndexedLeaf>& leaves;
  const bool facts_only = false;

  UsageClaims usage = {};
  std::string_view scope_name = {};
  std::string_view server_address = {};
  std::string_view provider_as_sent = {};
  const Hit* model_in_use = nullptr;  // asked or answering: taken for what nobody tells apart
  CallKind structural_kind = CallKind::kNone;
  bool is_from_kind_key = false;

  Arena& arena() { return call.arena; }
  MessageReader messages() { return MessageReader(call, pool); }
  std::string_view Text(const Value& value) { return TextOf(value, pool, call.arena); }

  void Told(CallField field, const Hit& hit, std::string_view note = {}) {
    if (explanation != nullptr) ToldBy(kFieldInfos[static_cast<size_t>(field)].path, hit, note);
  }
  void ToldBy(std::string_view path, const Hit& hit, std::string_view note = {});
  void LeftOut(Hits hits, std::string_view why);
};

// Fields that only code can fill. Each gives how many of the hits (of one field, the
// best first) it used; the others are told to be shadowed.
void MapIndexedMessages(MapContext& context, Hits hits, bool is_input);
void MapDocuments(MapContext& context, Hits hits, std::vector<Document>& documents);
void MapToolDefinitions(MapContext& context, Hits hits);
void MapEvaluations(MapContext& context, Hits hits);
void MapEmbeddingTexts(MapContext& context, Hits hits);

// Sorts a family's attributes by index; indexes beyond kIndexMax are counted and left out.
inline constexpr uint32_t kIndexMax = 100'000;
std::span<const IndexedLeaf> SortByIndex(MapContext& context, Hits hits);

void ReadToolDefinitions(MapContext& context, JsonValue list);
void ReadDocuments(MapContext& context, JsonValue list, std::vector<Document>& documents);

// A provider's or framework's request or answer as JSON: fills what nobody has told yet.
// True when it told anything.
bool ReadRequestBody(MapContext& context, JsonValue body, const Hit& hit);
bool ReadResponseBody(MapContext& context, JsonValue body, const Hit& hit);
void ReadParameters(MapContext& context, JsonValue bag, const Hit& hit);

// An answer as it was streamed: server-sent events, JSON lines, or a list of chunks.
bool IsStreamBody(std::string_view text);
bool ReadStreamBody(MapContext& context, std::string_view text, const Hit& hit);
bool ReadStreamChunks(MapContext& context, JsonValue list, const Hit& hit);

// Messages, errors and times that are told by events and log records.
bool IsCallEvent(std::string_view name);
void MapEvents(MapContext& context);

// The dialects' own traps.
void ReadLiteLlmRaw(MapContext& context, Hits hits);
// False: not one of a coding agent's.
bool ReadAgentRecord(MapContext& context, std::string_view name, Run attributes);
CallKind KindOfHaystackComponent(std::string_view type);
void ReadGenkitModelName(MapContext& context);
void ReadPydanticConversation(MapContext& context, JsonValue list);
double ServerTimeInSeconds(const MapContext& context, double value);

}  // namespace telltale
