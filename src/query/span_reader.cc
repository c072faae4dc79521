#include "query/span_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "query/content_joiner.h"

namespace telltale {
namespace {

// The rows that were asked for, each span once: an id may stand in several traces.
std::vector<SpanRow> TakeRows(std::string_view bytes, std::span<const SpanKey> keys) {
  std::set<SpanKey> wanted(keys.begin(), keys.end());
  std::vector<SpanRow> taken;
  for (RowReader rows(bytes); !rows.done();) {
    const SpanRow row = ReadSpanRow(rows);
    if (wanted.erase({row.trace_id, row.span_id}) > 0) taken.push_back(row);
  }
  return taken;
}

void AddTo(Trace& trace, const SpanRow& row, TraceSet& set) {
  const int64_t end = row.start_unix_nano + std::max<int64_t>(0, row.duration_nano);
  if (trace.spans.empty()) trace.start_unix_nano = row.start_unix_nano;
  trace.end_unix_nano = std::max(trace.end_unix_nano, end);
  Completeness& completeness = trace.completeness;
  completeness.dropped_attributes += row.dropped_attributes;
  completeness.dropped_events += row.dropped_events;
  completeness.dropped_links += row.dropped_links;
  completeness.missing_chunks += row.attributes.missing_chunks;
  const auto number = static_cast<uint32_t>(set.resources.size());
  set.resources.push_back(row.resource);
  set.scopes.push_back(row.scope);
  trace.spans.push_back({.row = row, .resource = number, .scope = number});
}

}  // namespace

Result<TraceSet> ReadSpans(Engine& engine, std::span<const SpanKey> keys, const ReadSpansOptions& options) {
  TraceSet set;
  if (keys.empty()) return set;
  std::set<TraceId> ids;
  std::set<SpanId> span_ids;
  for (const SpanKey& key : keys) {
    ids.insert(key.trace_id);
    span_ids.insert(key.span_id);
  }
  // Each span may have been sent more than once, and its id may be another trace's too.
  SpanRowsPage page{.rows_max = 4 * keys.size(),
                    .range = options.range,
                    .after = std::nullopt,
                    .span_ids = {span_ids.begin(), span_ids.end()},
                    .known_resources = {},
                    .known_scopes = {}};
  const std::vector<TraceId> traces(ids.begin(), ids.end());
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(SpanRowsStatement(traces, page)));
  set.pieces.push_back(std::make_unique<const QueryResult>(std::move(result)));
  std::vector<SpanRow> rows = TakeRows(set.pieces.back()->bytes, keys);

  const size_t row_bytes = set.pieces.back()->bytes.size();
  ContentJoiner joiner(engine, options.bytes_max - std::min(row_bytes, options.bytes_max), set.values);
  const auto end = std::ranges::find_if(rows, [&](SpanRow& row) { return !joiner.Add(row.attributes); });
  const bool truncated = end != rows.end();
  rows.erase(end, rows.end());
  if (options.admit) TELLTALE_RETURN_IF_ERROR(options.admit(row_bytes + joiner.size_bytes()));
  TELLTALE_RETURN_IF_ERROR(joiner.Run());

  std::map<TraceId, size_t> numbers;
  for (const SpanRow& row : rows) {
    const auto [at, is_new] = numbers.try_emplace(row.trace_id, set.traces.size());
    if (is_new) {
      set.traces.emplace_back().trace_id = row.trace_id;
      set.traces.back().completeness.truncated = truncated;
    }
    AddTo(set.traces[at->second], row, set);
  }
  return set;
}

}  // namespace telltale
