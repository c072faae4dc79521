#include "query/conversations.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "calls/mapper.h"
#include "query/call_sql.h"
#include "query/statement.h"
#include "query/trace_batch.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

constexpr size_t kTitleBytesMax = 160;
// Of all spans that titles are read from: a first message is small, or no title.
constexpr size_t kTitleReadBytesMax = 8'000'000;

struct Found {
  std::string id;
  int64_t last_unix_nano = 0;
  uint64_t hash = 0;
};

Result<std::vector<Found>> FindIds(Engine& engine, const CallFilter& filter, size_t rows_max,
                                   const std::optional<GroupCursor>& cursor) {
  Statement sql(
      "SELECT conversation, toUnixTimestamp64Nano(max(start)) AS last, sipHash64(conversation) AS hash FROM "
      "calls FINAL WHERE conversation != ''");
  AddCallConditions(filter, sql);
  sql << " GROUP BY conversation";
  if (cursor) {
    sql << " HAVING (last, hash) < (" << std::to_string(cursor->value) << ", " << std::to_string(cursor->hash)
        << ")";
  }
  sql << " ORDER BY last DESC, hash DESC LIMIT " << std::to_string(rows_max);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kFinal)));
  std::vector<Found> found;
  for (RowReader rows(result.bytes); !rows.done();) {
    Found& one = found.emplace_back();
    one.id = rows.String();
    one.last_unix_nano = rows.Number<int64_t>();
    one.hash = rows.Number<uint64_t>();
  }
  return found;
}

void AndOneOf(const std::vector<std::string>& ids, Statement& sql) {
  sql << " AND conversation IN (";
  for (size_t i = 0; i < ids.size(); ++i) {
    sql.Parameter("conversation" + std::to_string(i), "String", ids[i]) << (i + 1 < ids.size() ? ", " : ")");
  }
}

std::vector<std::string> ReadNames(RowReader& rows) {
  std::vector<std::string> names(rows.Length());
  for (std::string& name : names) name = rows.String();
  return names;
}

using Conversations = std::map<std::string, Conversation, std::less<>>;

Result<Conversations> ReadFacts(Engine& engine, const std::vector<std::string>& ids) {
  const std::string most = std::to_string(kConversationNamesMax);
  const auto names = [&](std::string_view name) {
    return "arraySort(groupUniqArrayIf(" + most + ")(toString(" + std::string(name) + ") AS n_" +
           std::string(name.substr(0, 2)) + ", n_" + std::string(name.substr(0, 2)) + " != '')), ";
  };
  Statement sql(
      "SELECT conversation, min(start), max(toUnixTimestamp64Nano(start) + greatest(duration, 0)), count(), "
      "countIf(counts AND kind IN (1, 2) AND NOT failed AND finish_reason != 'tool_call'), "
      "uniqExact(trace_id), ");
  sql << names("if(response_model = '', request_model, response_model)") << names("user") << names("service")
      << "minIf(start, kind IN (1, 2)), argMinIf(trace_id, start, kind IN (1, 2)), "
         "argMinIf(span_id, start, kind IN (1, 2)), countIf(kind IN (1, 2)) FROM calls FINAL WHERE 1";
  AndOneOf(ids, sql);
  sql << " GROUP BY conversation";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kFinal)));
  Conversations found;
  for (RowReader rows(result.bytes); !rows.done();) {
    Conversation one;
    one.id = rows.String();
    one.start_unix_nano = rows.Number<int64_t>();
    one.end_unix_nano = rows.Number<int64_t>();
    one.call_count = rows.Number<uint64_t>();
    one.turns = rows.Number<uint64_t>();
    one.traces = rows.Number<uint64_t>();
    one.models = ReadNames(rows);
    one.users = ReadNames(rows);
    one.services = ReadNames(rows);
    one.first_chat_unix_nano = rows.Number<int64_t>();
    SpanKey first;
    first.trace_id = TraceId::FromBytes(rows.FixedString(16));
    first.span_id = SpanId::FromBytes(rows.FixedString(8));
    if (rows.Number<uint64_t>() > 0) one.first_chat = first;
    found.emplace(one.id, std::move(one));
  }
  return found;
}

Status AddSums(Engine& engine, const std::vector<std::string>& ids, Conversations& conversations) {
  Statement sql("SELECT conversation, ");
  sql << kCallSums << " FROM calls FINAL WHERE " << kCounts;
  AndOneOf(ids, sql);
  sql << " GROUP BY conversation";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kFinal)));
  for (RowReader rows(result.bytes); !rows.done();) {
    const std::string_view id = rows.String();
    const CallSums sums = ReadCallSums(rows);
    const auto at = conversations.find(id);
    if (at != conversations.end()) at->second.sums = sums;
  }
  return {};
}

// In the order of `ids`; one that was dropped meanwhile is left out.
Result<std::vector<Conversation>> ReadConversations(Engine& engine, const std::vector<std::string>& ids) {
  std::vector<Conversation> conversations;
  if (ids.empty()) return conversations;
  TELLTALE_ASSIGN_OR_RETURN(Conversations found, ReadFacts(engine, ids));
  TELLTALE_RETURN_IF_ERROR(AddSums(engine, ids, found));
  for (const std::string& id : ids) {
    const auto at = found.find(id);
    if (at != found.end()) conversations.push_back(std::move(at->second));
  }
  return conversations;
}

// One line, without what only takes room.
std::string TitleOf(std::string_view text) {
  std::string title;
  for (const char c : CutUtf8(text, 4 * kTitleBytesMax)) {
    const bool is_blank = static_cast<unsigned char>(c) <= ' ';
    if (!is_blank) {
      title += c;
    } else if (!title.empty() && title.back() != ' ') {
      title += ' ';
    }
  }
  while (title.ends_with(' ')) title.pop_back();
  return std::string(CutUtf8(title, kTitleBytesMax));
}

std::string TitleOf(const Call& call) {
  for (const Message& message : call.input.messages) {
    if (message.role != "user") continue;
    for (uint32_t i = 0; i < message.parts.count; ++i) {
      const MessagePart& part = call.parts[message.parts.begin + i];
      if (part.type == PartType::kText && !part.text.empty()) return TitleOf(part.text);
    }
  }
  return {};
}

}  // namespace

Result<ConversationPage> ListConversations(Engine& engine, const ConversationSearch& search) {
  CallFilter filter = search.filter;
  if (search.cursor) filter.range = search.cursor->range;
  TELLTALE_ASSIGN_OR_RETURN(std::vector<Found> found,
                            FindIds(engine, filter, search.limit + 1, search.cursor));
  ConversationPage page;
  if (found.size() > search.limit) {
    found.resize(search.limit);
    page.next = {.range = filter.range, .value = found.back().last_unix_nano, .hash = found.back().hash};
  }
  std::vector<std::string> ids;
  for (Found& one : found) ids.push_back(std::move(one.id));
  TELLTALE_ASSIGN_OR_RETURN(page.conversations, ReadConversations(engine, ids));
  return page;
}

Result<std::optional<Conversation>> FindConversation(Engine& engine, const std::string& id) {
  TELLTALE_ASSIGN_OR_RETURN(std::vector<Conversation> found, ReadConversations(engine, {id}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Status AddTitles(Engine& engine, const RuleTable& rules, std::vector<Conversation>& conversations) {
  std::vector<SpanKey> keys;
  TimeRange range{.start_unix_nano = std::numeric_limits<int64_t>::max(), .end_unix_nano = 0};
  for (const Conversation& one : conversations) {
    if (!one.first_chat) continue;
    keys.push_back(*one.first_chat);
    range.start_unix_nano = std::min(range.start_unix_nano, one.first_chat_unix_nano);
    range.end_unix_nano = std::max(range.end_unix_nano, one.first_chat_unix_nano + 1);
  }
  TELLTALE_ASSIGN_OR_RETURN(const TraceSet set,
                            ReadSpans(engine, keys, {.bytes_max = kTitleReadBytesMax, .range = range}));
  std::map<SpanKey, std::string> titles;
  CallMapper mapper(rules);
  for (const Trace& trace : set.traces) {
    const TraceBatch again = BatchOfTrace(set, trace, LogPage());
    for (const Span& span : again.batch.spans) {
      Call call;
      if (mapper.Map(again.batch, span, call)) titles[{span.trace_id, span.span_id}] = TitleOf(call);
    }
  }
  for (Conversation& one : conversations) {
    if (one.first_chat) one.title = titles[*one.first_chat];
  }
  return {};
}

}  // namespace telltale
