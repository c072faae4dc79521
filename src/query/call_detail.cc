#include "query/call_detail.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "calls/log_records.h"
#include "content/kept_value.h"
#include "query/statement.h"
#include "query/trace_calls.h"

namespace telltale {
namespace {

// Of a trace's structure, 16 bytes each: more than any trace that a person looks at.
constexpr size_t kSpansMax = 1'000'000;
// Deeper than any tree of calls; also what ends a circle of parents.
constexpr int kAncestorsMax = 10'000;

// Records may be another span's than the one that they were written in, which only all spans
// of the trace can tell.
Status ReadSpanWithLogs(Engine& engine, const CallDetailOptions& options, const SpanKey& key,
                        CallDetail& detail) {
  TELLTALE_ASSIGN_OR_RETURN(detail.logs, ReadLogsOfTrace(engine, key.trace_id, kDetailLogsMax));
  if (!detail.logs.rows.empty()) {
    if (options.admit) TELLTALE_RETURN_IF_ERROR(options.admit(ReadTracesOptions().bytes_max));
    TELLTALE_ASSIGN_OR_RETURN(detail.set,
                              ReadTraces(engine, std::array{key.trace_id}, {.spans_max = kMappedSpansMax}));
    if (!detail.set.traces.empty()) {
      const auto& spans = detail.trace().spans;
      const auto at =
          std::ranges::find_if(spans, [&](const TraceSpan& span) { return span.row.span_id == key.span_id; });
      detail.index = static_cast<size_t>(at - spans.begin());
      if (at != spans.end()) return {};
    }
  }
  detail.index = 0;
  TELLTALE_ASSIGN_OR_RETURN(detail.set, ReadSpans(engine, std::array{key}, {.admit = options.admit}));
  return {};
}

Status ReadRow(Engine& engine, const SpanKey& key, int64_t start_unix_nano, CallDetail& detail) {
  Statement sql("SELECT ");
  (sql << CallColumnNames() << " FROM calls WHERE trace_id = ").Bytes(key.trace_id);
  (sql << " AND span_id = ").Bytes(key.span_id);
  sql.AndRange({.start_unix_nano = start_unix_nano, .end_unix_nano = start_unix_nano + 1});
  sql << " ORDER BY revision DESC LIMIT 1";
  TELLTALE_ASSIGN_OR_RETURN(detail.rows, ReadCalls(engine, sql.Take("max_threads = 1")));
  return {};
}

// What the whole trace says.
void Settle(const CallRow& row, Call& call) {
  if (!call.usage.told()) call.usage = row.usage;
  call.usage.scope = row.usage.scope;
  call.duplicate_of = row.duplicate_of;
  const auto take = [](std::string_view from, std::string_view& to) {
    if (to.empty()) to = from;
  };
  take(row.conversation, call.session_id);
  take(row.user, call.user_id);
  take(row.request_model, call.request.model);
  take(row.response_model, call.response.model);
}

void Map(const CallDetailOptions& options, CallDetail& detail) {
  detail.batch = BatchOfTrace(detail.set, detail.trace(), detail.logs);
  const Batch& batch = detail.batch.batch;
  LogRecords records;
  records.AddFrom(batch, 0);
  records.Sort(batch);
  const Span& span = batch.spans[detail.index];
  CallMapper mapper(options.rules);
  if (!mapper.Map(batch, span, records.Of(span), detail.call, nullptr)) return;
  if (!detail.rows.rows.empty()) Settle(detail.rows.rows.front(), detail.call);
  detail.cost = PriceCall(options.pricer, detail.call, span.start_unix_nano);
}

struct Structure {
  std::vector<std::pair<SpanId, SpanId>> by_parent;  // parent, span; sorted
  std::vector<std::pair<SpanId, SpanId>> by_span;    // span, parent; sorted
  bool truncated = false;
};

Result<Structure> ReadStructure(Engine& engine, const TraceId& id) {
  Statement sql("SELECT span_id, parent_id FROM spans WHERE trace_id = ");
  sql.Bytes(id) << " LIMIT " << std::to_string(kSpansMax);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  Structure structure;
  for (RowReader rows(result.bytes); !rows.done();) {
    const SpanId span = SpanId::FromBytes(rows.FixedString(8));
    const SpanId parent = SpanId::FromBytes(rows.FixedString(8));
    structure.by_parent.emplace_back(parent, span);
    structure.by_span.emplace_back(span, parent);
  }
  structure.truncated = structure.by_parent.size() == kSpansMax;
  std::ranges::sort(structure.by_parent);
  std::ranges::sort(structure.by_span);
  const auto repeated = std::ranges::unique(structure.by_parent);
  structure.by_parent.erase(repeated.begin(), repeated.end());
  return structure;
}

// The calls of a trace and when each began.
Result<std::map<SpanId, int64_t>> ReadCallStarts(Engine& engine, const TraceId& id) {
  Statement sql("SELECT span_id, start FROM calls WHERE trace_id = ");
  sql.Bytes(id) << " LIMIT " << std::to_string(kSpansMax);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  std::map<SpanId, int64_t> starts;
  for (RowReader rows(result.bytes); !rows.done();) {
    const SpanId span = SpanId::FromBytes(rows.FixedString(8));
    starts[span] = rows.Number<int64_t>();
  }
  return starts;
}

std::optional<SpanId> ParentOf(const Structure& structure, const SpanId& span) {
  const auto at = std::ranges::lower_bound(structure.by_span, span, {}, &std::pair<SpanId, SpanId>::first);
  if (at == structure.by_span.end() || at->first != span || at->second.IsZero()) return std::nullopt;
  return at->second;
}

std::optional<SpanId> CallAbove(const Structure& structure, const std::map<SpanId, int64_t>& calls,
                                const SpanId& span) {
  std::optional<SpanId> above = ParentOf(structure, span);
  for (int step = 0; above && step < kAncestorsMax; ++step) {
    if (calls.contains(*above)) return above;
    above = ParentOf(structure, *above);
  }
  return std::nullopt;
}

// (start, id) of the calls below, without those below one of them.
std::vector<std::pair<int64_t, SpanId>> CallsBelow(const Structure& structure,
                                                   const std::map<SpanId, int64_t>& calls,
                                                   const SpanId& span) {
  std::vector<std::pair<int64_t, SpanId>> below;
  std::set<SpanId> seen = {span};
  std::vector<SpanId> left = {span};
  while (!left.empty()) {
    const SpanId parent = left.back();
    left.pop_back();
    const auto children =
        std::ranges::equal_range(structure.by_parent, parent, {}, &std::pair<SpanId, SpanId>::first);
    for (const auto& [ignored, child] : children) {
      if (!seen.insert(child).second) continue;
      const auto call = calls.find(child);
      if (call == calls.end()) {
        left.push_back(child);
      } else {
        below.emplace_back(call->second, child);
      }
    }
  }
  std::ranges::sort(below);
  return below;
}

}  // namespace

Result<std::unique_ptr<CallDetail>> ReadCallDetail(Engine& engine, const CallDetailOptions& options,
                                                   const SpanKey& key) {
  auto detail = std::make_unique<CallDetail>();
  TELLTALE_RETURN_IF_ERROR(ReadSpanWithLogs(engine, options, key, *detail));
  if (detail->set.traces.empty()) {
    return Fail(
        ErrorCode::kNotFound,
        "find span " + key.span_id.Hex() + " of trace " + key.trace_id.Hex() + ": the store has no such span",
        "a span can be found within a second of its arrival; older ones go with --retention-days and "
        "--retention-bytes");
  }
  TELLTALE_RETURN_IF_ERROR(ReadRow(engine, key, detail->span().start_unix_nano, *detail));
  Map(options, *detail);
  return detail;
}

Result<CallNeighbours> ReadCallNeighbours(Engine& engine, const SpanKey& key) {
  TELLTALE_ASSIGN_OR_RETURN(const auto calls, ReadCallStarts(engine, key.trace_id));
  CallNeighbours neighbours;
  if (calls.empty() || (calls.size() == 1 && calls.contains(key.span_id))) return neighbours;
  TELLTALE_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(engine, key.trace_id));
  neighbours.truncated = structure.truncated;
  const std::optional<SpanId> parent = CallAbove(structure, calls, key.span_id);
  auto children = CallsBelow(structure, calls, key.span_id);
  neighbours.child_count = children.size();
  children.resize(std::min(children.size(), kChildCallsMax));
  std::vector<SpanId> wanted;
  if (parent) wanted.push_back(*parent);
  for (const auto& [start, child] : children) wanted.push_back(child);
  if (wanted.empty()) return neighbours;

  Statement sql("SELECT ");
  (sql << CallColumnNames() << " FROM calls WHERE trace_id = ").Bytes(key.trace_id) << " AND span_id IN (";
  for (size_t i = 0; i < wanted.size(); ++i) sql.Bytes(wanted[i]) << (i + 1 < wanted.size() ? ", " : ")");
  sql << " ORDER BY span_id, revision DESC LIMIT 1 BY span_id";
  TELLTALE_ASSIGN_OR_RETURN(neighbours.rows, ReadCalls(engine, sql.Take("max_threads = 1")));
  const auto number = [&](const SpanId& id) -> std::optional<size_t> {
    const auto& rows = neighbours.rows.rows;
    const auto at = std::ranges::find(rows, id, &CallRow::span_id);
    if (at == rows.end()) return std::nullopt;
    return static_cast<size_t>(at - rows.begin());
  };
  if (parent) neighbours.parent = number(*parent);
  for (const auto& [start, child] : children) {
    if (const auto at = number(child)) neighbours.children.push_back(*at);
  }
  return neighbours;
}

std::string ContentName(std::string_view text) {
  const ChunkHash hash = HashOfChunk(text);
  std::string bytes;
  for (const uint64_t half : {hash.high, hash.low}) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(half >> shift);
  }
  return ToHex(bytes);
}

}  // namespace telltale
