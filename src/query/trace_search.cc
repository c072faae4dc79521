#include "query/trace_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "query/traceql/sql_pieces.h"

namespace telltale {
namespace {

// The engine reads backwards and stops at the limit, so the first rows decide what a search
// costs. A service has about ten spans in a trace; an attribute that is worth a search stands
// on few of them, and each one more is a granule more. Where they do not do, more are asked for.
constexpr size_t kRowsForTrace = 12;
constexpr size_t kRowsForTraceByAttribute = 2;
constexpr size_t kRowsMin = 256;
constexpr size_t kRowsMinByAttribute = 40;
constexpr size_t kRowsGrowth = 4;
constexpr size_t kRowsMax = 50'000;

// Each query either ends the search or adds at least one trace. Beyond this many the
// matches are so scattered that the person is better told.
constexpr int kQueriesMax = 100;

// A page's traces are summed up from the spans within traceql::kTraceReachNano of their
// matches: parts are ordered by start, so history costs nothing. A trace whose root is missing
// or ends later, or that has spans in the outermost hour, may go on outside and is read again
// without bounds.
constexpr int64_t kHourNanos = 3'600'000'000'000;

bool NewerFirst(const MatchRow& a, const MatchRow& b) {
  if (a.start_unix_nano != b.start_unix_nano) return a.start_unix_nano > b.start_unix_nano;
  return a.trace_id > b.trace_id;
}

class Finder {
 public:
  Finder(Engine& engine, const TraceSearch& search)
      : engine_(engine), filter_(search.filter), cursor_(search.cursor), wanted_(search.limit + 1) {
    if (cursor_) filter_.range = cursor_->range;
    // A cursor is what a client sends: its times may be anything.
    filter_.range.start_unix_nano = std::max<int64_t>(0, filter_.range.start_unix_nano);
  }

  Result<FoundTraces> Run(size_t limit) {
    int64_t end = filter_.range.end_unix_nano;
    if (cursor_) end = std::min(end, cursor_->last.start_unix_nano);
    // The last page may begin, and end, with traces of the range's first nanosecond.
    const int64_t first = filter_.range.start_unix_nano;
    if (end < first || (end == first && !cursor_)) return Page(limit);
    TELLTALE_RETURN_IF_ERROR(NarrowAttributes());
    if (cursor_) {
      TELLTALE_RETURN_IF_ERROR(AddTies(end, cursor_->last.trace_id));
    }
    TELLTALE_RETURN_IF_ERROR(SearchDownFrom(end));
    return Page(limit);
  }

 private:
  // A resource attribute makes the store's index over span attributes useless, so find
  // out first whether any resource can match at all.
  Status NarrowAttributes() {
    if (filter_.attributes.empty()) return {};
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(ResourceMatchesStatement(filter_)));
    RowReader rows(result.bytes);
    for (AttributeFilter& attribute : filter_.attributes)
      attribute.on_resources = rows.Number<uint8_t>() != 0;
    return NarrowParts();
  }

  Status NarrowParts() {
    if (std::ranges::none_of(filter_.attributes, &AttributeFilter::on_parts)) return {};
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(PartsMatchStatement(filter_)));
    RowReader rows(result.bytes);
    for (AttributeFilter& attribute : filter_.attributes) {
      const bool found = rows.Number<uint8_t>() != 0;
      attribute.on_parts = attribute.on_parts && found;
    }
    return {};
  }

  size_t RowsFirst() const {
    const bool by_attribute = !filter_.attributes.empty() || filter_.condition;
    return by_attribute ? std::clamp(wanted_ * kRowsForTraceByAttribute, kRowsMinByAttribute, kRowsMax)
                        : std::clamp(wanted_ * kRowsForTrace, kRowsMin, kRowsMax);
  }

  // Newest first, until the range ends or enough traces are found.
  Status SearchDownFrom(int64_t end) {
    TimeRange rest{.start_unix_nano = filter_.range.start_unix_nano, .end_unix_nano = end};
    for (size_t rows_max = RowsFirst(); rest.start_unix_nano < rest.end_unix_nano && found_.size() < wanted_;
         rows_max = std::min(rows_max * kRowsGrowth, kRowsMax)) {
      TELLTALE_ASSIGN_OR_RETURN(
          std::vector<MatchRow> matches,
          Ask(MatchesStatement(filter_, {.rows_max = rows_max, .range = rest, .not_these = Known()})));
      const bool cut = matches.size() == rows_max;
      std::ranges::sort(matches, NewerFirst);
      const int64_t last = matches.empty() ? 0 : matches.back().start_unix_nano;
      // Of the spans that start exactly where the rows were cut some are missing: they
      // are asked for again, all of them.
      if (cut) std::erase_if(matches, [&](const MatchRow& match) { return match.start_unix_nano == last; });
      TELLTALE_RETURN_IF_ERROR(Add(matches));
      if (!cut || found_.size() >= wanted_) break;
      TELLTALE_RETURN_IF_ERROR(AddTies(last, std::nullopt));
      rest.end_unix_nano = last;
    }
    return {};
  }

  Status AddTies(int64_t start_unix_nano, const std::optional<TraceId>& below) {
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<MatchRow> ties,
                              Ask(TiesStatement(filter_, {.start_unix_nano = start_unix_nano,
                                                          .below = below,
                                                          .traces_max = wanted_ + known_.size()})));
    return Add(ties);
  }

  // REQUIRES: `matches` are newest first and older than everything found.
  Status Add(const std::vector<MatchRow>& matches) {
    std::vector<MatchRow> fresh;
    for (const MatchRow& match : matches) {
      if (known_.insert(match.trace_id).second) fresh.push_back(match);
    }
    if (cursor_ && !fresh.empty()) TELLTALE_RETURN_IF_ERROR(DropShown(fresh));
    found_.insert(found_.end(), fresh.begin(), fresh.end());
    return {};
  }

  // A trace with a newer match stood on a page before this one.
  Status DropShown(std::vector<MatchRow>& fresh) {
    std::vector<TraceId> ids;
    for (const MatchRow& match : fresh) ids.push_back(match.trace_id);
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<MatchRow> shown,
                              Ask(SeenBeforeStatement(filter_, ids, cursor_->last)));
    std::set<TraceId> shown_ids;
    for (const MatchRow& match : shown) shown_ids.insert(match.trace_id);
    std::erase_if(fresh, [&](const MatchRow& match) { return shown_ids.contains(match.trace_id); });
    return {};
  }

  Result<std::vector<MatchRow>> Ask(const QueryRequest& request) {
    if (++queries_ > kQueriesMax) {
      return Fail(ErrorCode::kOverLimit,
                  "search for traces: after " + std::to_string(kQueriesMax) + " reads: too few traces found",
                  "narrow the time range or the limit");
    }
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(request));
    std::vector<MatchRow> matches;
    RowReader rows(result.bytes);
    while (!rows.done()) matches.push_back(ReadMatchRow(rows));
    return matches;
  }

  std::vector<TraceId> Known() const { return {known_.begin(), known_.end()}; }

  FoundTraces Page(size_t limit) {
    FoundTraces page;
    const bool more = found_.size() > limit;
    if (more) found_.resize(limit);
    if (more && limit > 0) {
      const MatchRow& last = found_.back();
      page.next = SearchCursor{.range = filter_.range,
                               .last = {.start_unix_nano = last.start_unix_nano, .trace_id = last.trace_id}};
    }
    page.traces = std::move(found_);
    return page;
  }

  Engine& engine_;
  SpanFilter filter_;
  const std::optional<SearchCursor> cursor_;
  const size_t wanted_;
  int queries_ = 0;
  std::vector<MatchRow> found_;  // newest first
  std::set<TraceId> known_;      // found, or shown on an earlier page
};

// Joins the rows of one trace, one for each of its services.
class SummaryBuilder {
 public:
  void Add(const ServiceOfTraceRow& row) {
    const bool is_first_row = summary_.services.empty();
    summary_.trace_id = row.trace_id;
    summary_.spans += row.spans;
    summary_.errors += row.errors;
    if (is_first_row || row.start_unix_nano < summary_.start_unix_nano)
      summary_.start_unix_nano = row.start_unix_nano;
    if (is_first_row || row.end_unix_nano > summary_.end_unix_nano)
      summary_.end_unix_nano = row.end_unix_nano;
    if (is_first_row || NamesBetter(row.first)) {
      first_ = row.first;
      summary_.service = row.service;
      summary_.name = row.first.name;
      summary_.status = row.first.status;
    }
    summary_.services.push_back({.name = std::string(row.service), .spans = row.spans, .errors = row.errors});
  }

  // False when the trace may have spans outside of `range`.
  bool FitsInto(const TimeRange& range) const {
    const bool begins_inside =
        range.start_unix_nano == 0 || summary_.start_unix_nano >= range.start_unix_nano + kHourNanos;
    return first_.is_root && begins_inside && summary_.end_unix_nano <= range.end_unix_nano - kHourNanos;
  }

  TraceSummary Take() {
    summary_.root_missing = !first_.is_root;
    std::ranges::sort(summary_.services, {}, &ServiceCount::name);
    return std::move(summary_);
  }

 private:
  bool NamesBetter(const ServiceOfTraceRow::First& other) const {
    if (other.is_root != first_.is_root) return other.is_root;
    return other.start_unix_nano < first_.start_unix_nano;
  }

  TraceSummary summary_;
  ServiceOfTraceRow::First first_;  // Its name is a view: only read while the rows live.
};

using Builders = std::map<TraceId, SummaryBuilder>;

Result<Builders> ReadBuilders(Engine& engine, const std::vector<TraceId>& ids, const TimeRange& range) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(ServicesOfTracesStatement(ids, range)));
  Builders builders;
  RowReader rows(result.bytes);
  while (!rows.done()) {
    const ServiceOfTraceRow row = ReadServiceOfTraceRow(rows);
    builders[row.trace_id].Add(row);
  }
  return builders;
}

}  // namespace

Result<FoundTraces> FindTraces(Engine& engine, const TraceSearch& search) {
  return Finder(engine, search).Run(search.limit);
}

TimeRange RangeAround(const std::vector<MatchRow>& traces) {
  const auto [oldest, newest] = std::ranges::minmax_element(traces, {}, &MatchRow::start_unix_nano);
  return traceql::Widened(
      {.start_unix_nano = oldest->start_unix_nano, .end_unix_nano = newest->start_unix_nano},
      traceql::kTraceReachNano);
}

Result<std::vector<TraceSummary>> SummariseTraces(Engine& engine, const std::vector<MatchRow>& traces) {
  std::vector<TraceSummary> summaries;
  if (traces.empty()) return summaries;
  std::vector<TraceId> ids;
  for (const MatchRow& trace : traces) ids.push_back(trace.trace_id);
  const TimeRange range = RangeAround(traces);
  TELLTALE_ASSIGN_OR_RETURN(Builders builders, ReadBuilders(engine, ids, range));

  std::vector<TraceId> longer;
  for (const auto& [id, builder] : builders) {
    if (!builder.FitsInto(range)) longer.push_back(id);
  }
  if (!longer.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(Builders complete, ReadBuilders(engine, longer, TimeRange{}));
    for (auto& [id, builder] : complete) builders[id] = std::move(builder);
  }

  for (const TraceId& id : ids) {
    const auto at = builders.find(id);
    if (at != builders.end()) summaries.push_back(at->second.Take());
  }
  return summaries;
}

Status CountOrphans(Engine& engine, std::vector<TraceSummary>& summaries) {
  if (summaries.empty()) return {};
  std::vector<TraceId> ids;
  for (const TraceSummary& summary : summaries) ids.push_back(summary.trace_id);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(OrphansStatement(ids, TimeRange{})));
  RowReader rows(result.bytes);
  std::map<TraceId, uint64_t> orphans;
  while (!rows.done()) {
    const TraceId id = TraceId::FromBytes(rows.FixedString(16));
    orphans[id] = rows.Number<uint64_t>();
  }
  for (TraceSummary& summary : summaries) summary.orphans = orphans[summary.trace_id];
  return {};
}

}  // namespace telltale
