// /api/v1/conversations, /api/v1/conversations/{id} and /api/v1/users.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/call_filter.h"
#include "api/long_texts.h"
#include "api/rest_parts.h"
#include "calls/call_json.h"
#include "query/conversation_reader.h"
#include "query/conversations.h"
#include "query/users.h"

namespace telltale {
namespace {

constexpr int64_t kPageDefault = 50;
constexpr int64_t kCallsDefault = 20;
constexpr int64_t kCallsMax = 100;
constexpr int64_t kInlineBytesDefault = 16'384;
constexpr int64_t kInlineBytesMax = 1 << 20;

void WriteNames(std::string_view key, const std::vector<std::string>& names, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& name : names) json.String(name);
  json.EndArray();
}

void WriteConversation(const Conversation& one, JsonWriter& json) {
  json.Key("id").String(one.id);
  json.Key("title");
  if (one.title.empty()) {
    json.Null();
  } else {
    json.String(one.title);
  }
  json.Key("start_unix_nano").IntString(one.start_unix_nano);
  json.Key("end_unix_nano").IntString(one.end_unix_nano);
  json.Key("turns").Uint(one.turns);
  json.Key("call_count").Uint(one.call_count);
  json.Key("trace_count").Uint(one.traces);
  WriteNames("models", one.models, json);
  WriteNames("users", one.users, json);
  WriteNames("services", one.services, json);
  json.Key("totals").BeginObject();
  WriteCallSums(one.sums.tokens, one.sums.cost, json);
  json.EndObject();
}

void WriteGroupCursor(GroupList list, const std::optional<GroupCursor>& next, JsonWriter& json) {
  if (next) {
    json.String(EncodeGroupCursor(list, *next));
  } else {
    json.Null();
  }
}

Result<std::optional<GroupCursor>> ReadGroupCursor(GroupList list, const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("cursor"));
  if (!text) return std::optional<GroupCursor>();
  TELLTALE_ASSIGN_OR_RETURN(const GroupCursor cursor, ParseGroupCursorUntrusted(list, *text));
  return cursor;
}

void WriteAdded(const ConversationCall& it, size_t inline_bytes, JsonWriter& json) {
  json.Key("added");
  if (it.call == nullptr) {
    json.Null();
    return;
  }
  const Call& call = *it.call;
  TextReferences references({.trace_id = it.row->trace_id, .span_id = it.row->span_id});
  json.Divert(&references, inline_bytes).BeginObject();
  if (it.added.instructions) {
    json.Key("system_instructions");
    WriteMessageParts(call, call.system_instructions, json);
  }
  json.Key("resent_messages").Uint(it.added.first - it.added.system);
  const std::vector<Message>& input = call.input.messages;
  json.Key("messages").BeginArray();
  for (size_t i = 0; i < it.added.system; ++i) WriteMessage(call, input[i], json);
  for (size_t i = it.added.first; i < input.size(); ++i) WriteMessage(call, input[i], json);
  json.EndArray().Key("output").BeginArray();
  for (const Message& message : call.output.messages) WriteMessage(call, message, json);
  json.EndArray();
  json.EndObject().Divert(nullptr, 0);
}

}  // namespace

Answer ListConversations(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 3> kOwn = {"q", "limit", "cursor"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, kOwn));
  ConversationSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.filter,
                            ReadCallFilter(parameters, static_cast<int64_t>(face.clock.UnixNanos())));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit,
                            parameters.Integer("limit", {.min = 1, .max = kConversationPageMax}));
  search.limit = static_cast<size_t>(limit.value_or(kPageDefault));
  TELLTALE_ASSIGN_OR_RETURN(search.cursor, ReadGroupCursor(GroupList::kConversations, parameters));
  TELLTALE_RETURN_IF_ERROR(
      AddQuery(face, parameters, search.cursor ? search.cursor->range : search.filter.range, search.filter));
  TELLTALE_ASSIGN_OR_RETURN(ConversationPage page, ListConversations(face.engine, search));
  TELLTALE_RETURN_IF_ERROR(AddTitles(face.engine, RulesOf(face), page.conversations));
  return PageAnswer(page.conversations, WriteConversation,
                    [&](JsonWriter& json) { WriteGroupCursor(GroupList::kConversations, page.next, json); });
}

Answer ShowConversation(const Face& face, const HttpRequest& request, std::string_view id) {
  constexpr std::array<std::string_view, 3> kKnown = {"limit", "cursor", "inline_bytes"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  ConversationCallsSearch search{.id = std::string(id)};
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kCallsMax}));
  search.limit = static_cast<size_t>(limit.value_or(kCallsDefault));
  TELLTALE_ASSIGN_OR_RETURN(
      const auto inline_bytes,
      parameters.Integer("inline_bytes", {.min = kInlineBytesMin, .max = kInlineBytesMax}));
  TELLTALE_ASSIGN_OR_RETURN(const auto cursor, parameters.Text("cursor"));
  if (cursor) {
    TELLTALE_ASSIGN_OR_RETURN(search.cursor, ParseCallCursorUntrusted(*cursor));
  }
  std::vector<Conversation> found;
  if (!id.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(auto one, FindConversation(face.engine, search.id));
    if (one) found.push_back(*std::move(one));
  }
  if (found.empty()) {
    return Fail(ErrorCode::kNotFound,
                "find conversation " + search.id.substr(0, 100) + ": the store has no call of it",
                "ids go into the path percent-encoded; the list is /api/v1/conversations");
  }
  TELLTALE_RETURN_IF_ERROR(AddTitles(face.engine, RulesOf(face), found));
  TELLTALE_ASSIGN_OR_RETURN(const auto part, ReadConversationCalls(face.engine, RulesOf(face), search));

  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("conversation").BeginObject();
  WriteConversation(found.front(), json);
  json.EndObject().Key("items").BeginArray();
  for (const ConversationCall& it : part->calls) {
    json.BeginObject();
    WriteCallRow(*it.row, json);
    WriteAdded(it, static_cast<size_t>(inline_bytes.value_or(kInlineBytesDefault)), json);
    json.EndObject();
  }
  json.EndArray().Key("next");
  if (part->next) {
    json.String(EncodeCallCursor(*part->next));
  } else {
    json.Null();
  }
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer ListUsers(const Face& face, const HttpRequest& request) {
  constexpr std::array<std::string_view, 4> kOwn = {"q", "sort", "limit", "cursor"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, kOwn));
  UserSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.filter,
                            ReadCallFilter(parameters, static_cast<int64_t>(face.clock.UnixNanos())));
  using Named = std::pair<std::string_view, UserOrder>;
  TELLTALE_ASSIGN_OR_RETURN(
      const auto order,
      ReadName(parameters, "sort",
               std::array{Named{"last_seen", UserOrder::kLastSeen}, Named{"cost", UserOrder::kCost},
                          Named{"calls", UserOrder::kCalls}, Named{"tokens", UserOrder::kTokens}}));
  search.order = order.value_or(UserOrder::kLastSeen);
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = static_cast<size_t>(limit.value_or(kPageDefault));
  TELLTALE_ASSIGN_OR_RETURN(search.cursor, ReadGroupCursor(GroupList::kUsers, parameters));
  TELLTALE_RETURN_IF_ERROR(
      AddQuery(face, parameters, search.cursor ? search.cursor->range : search.filter.range, search.filter));
  TELLTALE_ASSIGN_OR_RETURN(const UserPage page, ListUsers(face.engine, search));
  const auto write = [](const UserRow& user, JsonWriter& json) {
    json.Key("user").String(user.name);
    json.Key("first_seen_unix_nano").IntString(user.first_seen_unix_nano);
    json.Key("last_seen_unix_nano").IntString(user.last_seen_unix_nano);
    json.Key("conversation_count").Uint(user.conversations);
    json.Key("trace_count").Uint(user.traces);
    json.Key("totals").BeginObject();
    WriteCallSums(user.sums.tokens, user.sums.cost, json);
    json.EndObject();
  };
  return PageAnswer(page.users, write,
                    [&](JsonWriter& json) { WriteGroupCursor(GroupList::kUsers, page.next, json); });
}

}  // namespace telltale
