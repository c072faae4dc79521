// The calls of one conversation, in order, each with what it added to what was said.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto part, ReadConversationCalls(engine, rules, {.id = id, .limit = 20}));
//   for (const ConversationCall& it : part->calls) Show(*it.row, it.call.get(), it.added);
//
// Ownership      Texts point into the part.
// Thread safety  Plain data.
// Failure        As Engine::Query.
// Limits         kConversationBytesMax of spans on a page; a page ends before what passes it.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "calls/rules.h"
#include "query/call_rows.h"
#include "query/conversation_history.h"
#include "query/cursor.h"
#include "query/logs.h"
#include "query/span_reader.h"
#include "query/trace_batch.h"
#include "store/engine.h"
#include "trace/call.h"

namespace telltale {

inline constexpr size_t kConversationBytesMax = 32'000'000;

struct ConversationCallsSearch {
  std::string id;
  size_t limit = 20;
  std::optional<CallCursor> cursor;
};

struct ConversationCall {
  const CallRow* row = nullptr;
  // Null: not read, because it asks no model, is told by another span too, or its messages
  // alone would be too much; or it tells no messages.
  const Call* call = nullptr;
  AddedMessages added;
};

struct ConversationCalls {
  std::vector<ConversationCall> calls;  // the oldest first
  std::optional<CallCursor> next;

  CallRows rows;
  CallRows before;  // what the page goes on from
  TraceSet set;
  std::deque<LogPage> logs;
  std::deque<TraceBatch> batches;
  std::deque<Call> mapped;
};

Result<std::unique_ptr<ConversationCalls>> ReadConversationCalls(Engine& engine, const RuleTable& rules,
                                                                 const ConversationCallsSearch& search);

}  // namespace telltale
