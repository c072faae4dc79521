// Conversations: calls that share a conversation (session) id, in however many traces.
//
//   TELLTALE_ASSIGN_OR_RETURN(ConversationPage page, ListConversations(engine, {.filter = filter}));
//   TELLTALE_RETURN_IF_ERROR(AddTitles(engine, rules, page.conversations));
//   for (const Conversation& one : page.conversations) Show(one.id, one.title, one.sums);
//
// A conversation is on the list when one of its calls matches the filter, and stands where its
// newest such call stands; what is told of it is about all of its calls.
//
// Ownership      Plain data.
// Thread safety  Free functions.
// Failure        As Engine::Query.
// Cost           A list reads the filter's columns of its time range; the facts of a page are
//                found by the index over conversations. Titles read a span for each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "calls/rules.h"
#include "query/calls.h"
#include "query/cursor.h"
#include "query/span_reader.h"
#include "store/engine.h"

namespace telltale {

struct Conversation {
  std::string id;
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
  uint64_t call_count = 0;  // of any kind, told twice or not
  // Answers of models that did not ask for a tool: as often as somebody was answered.
  uint64_t turns = 0;
  uint64_t traces = 0;
  CallSums sums;
  std::vector<std::string> models;  // by name, at most kNamesMax; likewise the others
  std::vector<std::string> users;
  std::vector<std::string> services;
  std::optional<SpanKey> first_chat;
  int64_t first_chat_unix_nano = 0;
  std::string title;  // how the first user message begins; empty: not known
};

inline constexpr size_t kConversationNamesMax = 20;
inline constexpr size_t kConversationPageMax = 200;

struct ConversationSearch {
  CallFilter filter;
  size_t limit = 50;                  // at most kConversationPageMax
  std::optional<GroupCursor> cursor;  // its time range replaces the filter's
};

struct ConversationPage {
  std::vector<Conversation> conversations;  // newest first
  std::optional<GroupCursor> next;
};

Result<ConversationPage> ListConversations(Engine& engine, const ConversationSearch& search);
Result<std::optional<Conversation>> FindConversation(Engine& engine, const std::string& id);

// Reads how each began, as far as that is cheap: from its first chat's attributes.
Status AddTitles(Engine& engine, const RuleTable& rules, std::vector<Conversation>& conversations);

}  // namespace telltale
