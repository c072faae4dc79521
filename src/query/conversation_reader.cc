#include "query/conversation_reader.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "calls/log_records.h"
#include "calls/mapper.h"
#include "query/call_sql.h"
#include "query/statement.h"

namespace telltale {
namespace {

// Calls before a page that say what its first ones repeat: one of each history that runs.
constexpr size_t kCallsBefore = 8;
constexpr size_t kLogsOfTraceMax = 2'000;

void AndPosition(const CallCursor& cursor, std::string_view comparison, Statement& sql) {
  (sql << " AND start " << comparison.substr(0, 1) << "= ").Time("at", cursor.start_unix_nano);
  (sql << " AND (start, trace_id, span_id) " << comparison << " (").Time("at", cursor.start_unix_nano);
  (sql << ", ").Bytes(cursor.trace_id);
  (sql << ", ").Bytes(cursor.span_id) << ")";
}

Statement CallsOf(const std::string& id) {
  Statement sql("SELECT ");
  (sql << CallColumnNames() << " FROM calls FINAL WHERE conversation = ").Parameter("id", "String", id);
  return sql;
}

bool IsChat(const CallRow& row) {
  return (row.kind == CallKind::kLlm || row.kind == CallKind::kCompletion) && row.duplicate_of.IsZero();
}

CallCursor PositionOf(const CallRow& row) {
  CallCursor cursor;
  cursor.start_unix_nano = row.start_unix_nano;
  cursor.trace_id = row.trace_id;
  cursor.span_id = row.span_id;
  return cursor;
}

Status ReadRows(Engine& engine, const ConversationCallsSearch& search, ConversationCalls& part) {
  Statement sql = CallsOf(search.id);
  if (search.cursor) AndPosition(*search.cursor, ">", sql);
  sql << " ORDER BY start, trace_id, span_id LIMIT " << std::to_string(search.limit + 1);
  TELLTALE_ASSIGN_OR_RETURN(part.rows, ReadCalls(engine, sql.Take(kFinal)));
  if (part.rows.rows.size() > search.limit) {
    part.rows.rows.resize(search.limit);
    part.next = PositionOf(part.rows.rows.back());
  }
  if (!search.cursor) return {};
  Statement before = CallsOf(search.id);
  before << " AND kind IN (1, 2)";
  AndPosition(*search.cursor, "<=", before);
  before << " ORDER BY start DESC, trace_id DESC, span_id DESC LIMIT " << std::to_string(kCallsBefore);
  TELLTALE_ASSIGN_OR_RETURN(part.before, ReadCalls(engine, before.Take(kFinal)));
  std::ranges::reverse(part.before.rows);
  return {};
}

std::vector<SpanKey> ChatsOf(const CallRows& rows) {
  std::vector<SpanKey> keys;
  for (const CallRow& row : rows.rows) {
    if (IsChat(row)) keys.push_back({.trace_id = row.trace_id, .span_id = row.span_id});
  }
  return keys;
}

TimeRange RangeOf(const CallRows& first, const CallRows& second) {
  TimeRange range{.start_unix_nano = std::numeric_limits<int64_t>::max(), .end_unix_nano = 0};
  for (const CallRows* rows : {&first, &second}) {
    for (const CallRow& row : rows->rows) {
      range.start_unix_nano = std::min(range.start_unix_nano, row.start_unix_nano);
      range.end_unix_nano = std::max(range.end_unix_nano, row.start_unix_nano + 1);
    }
  }
  return range;
}

using Calls = std::map<SpanKey, const Call*>;

// Maps the spans of one trace; true when some of them says nothing by itself.
bool Map(const RuleTable& rules, const Trace& trace, const LogPage& logs, ConversationCalls& part,
         Calls& calls) {
  const Batch& batch = part.batches.emplace_back(BatchOfTrace(part.set, trace, logs)).batch;
  LogRecords records;
  records.AddFrom(batch, 0);
  records.Sort(batch);
  CallMapper mapper(rules);
  bool is_silent = false;
  for (const Span& span : batch.spans) {
    Call& call = part.mapped.emplace_back();
    if (!mapper.Map(batch, span, records.Of(span), call, nullptr)) continue;
    const bool says = !call.input.messages.empty() || !call.output.messages.empty();
    is_silent = is_silent || !says;
    if (says) calls[{.trace_id = span.trace_id, .span_id = span.span_id}] = &call;
  }
  return is_silent;
}

// Every chat that was read, by its span.
Result<Calls> MapChats(Engine& engine, const RuleTable& rules, ConversationCalls& part) {
  std::vector<SpanKey> keys = ChatsOf(part.before);
  const std::vector<SpanKey> more = ChatsOf(part.rows);
  keys.insert(keys.end(), more.begin(), more.end());
  TELLTALE_ASSIGN_OR_RETURN(
      part.set, ReadSpans(engine, keys,
                          {.bytes_max = kConversationBytesMax, .range = RangeOf(part.before, part.rows)}));
  Calls calls;
  for (const Trace& trace : part.set.traces) {
    if (!Map(rules, trace, LogPage(), part, calls)) continue;
    // Some dialects put what was said into log records.
    TELLTALE_ASSIGN_OR_RETURN(LogPage logs, ReadLogsOfTrace(engine, trace.trace_id, kLogsOfTraceMax));
    if (logs.rows.empty()) continue;
    Map(rules, trace, part.logs.emplace_back(std::move(logs)), part, calls);
  }
  return calls;
}

// Ends the page before the first chat that there was no room for, but never at once.
void EndBeforeUnread(ConversationCalls& part) {
  if (part.set.traces.empty() || !part.set.traces.front().completeness.truncated) return;
  std::set<SpanKey> read;
  for (const Trace& trace : part.set.traces) {
    for (const TraceSpan& span : trace.spans)
      read.insert({.trace_id = trace.trace_id, .span_id = span.row.span_id});
  }
  std::vector<CallRow>& rows = part.rows.rows;
  for (size_t i = 1; i < rows.size(); ++i) {
    if (!IsChat(rows[i]) || read.contains({.trace_id = rows[i].trace_id, .span_id = rows[i].span_id}))
      continue;
    rows.resize(i);
    part.next = PositionOf(rows.back());
    return;
  }
}

}  // namespace

Result<std::unique_ptr<ConversationCalls>> ReadConversationCalls(Engine& engine, const RuleTable& rules,
                                                                 const ConversationCallsSearch& search) {
  auto part = std::make_unique<ConversationCalls>();
  TELLTALE_RETURN_IF_ERROR(ReadRows(engine, search, *part));
  TELLTALE_ASSIGN_OR_RETURN(const Calls calls, MapChats(engine, rules, *part));
  EndBeforeUnread(*part);
  const auto find = [&](const CallRow& row) -> const Call* {
    const auto at = calls.find({.trace_id = row.trace_id, .span_id = row.span_id});
    return at == calls.end() ? nullptr : at->second;
  };
  ConversationHistory history;
  for (const CallRow& row : part->before.rows) {
    if (const Call* call = find(row)) history.Add(*call);
  }
  for (const CallRow& row : part->rows.rows) {
    ConversationCall& it = part->calls.emplace_back();
    it.row = &row;
    it.call = find(row);
    if (it.call != nullptr) it.added = history.Add(*it.call);
  }
  return part;
}

}  // namespace telltale
