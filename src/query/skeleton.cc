#include "query/skeleton.h"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "query/statement.h"

namespace telltale {
namespace {

struct IdHash {
  size_t operator()(const SpanId& id) const { return std::hash<std::string_view>()(id.view()); }
};
using Places = std::unordered_map<SpanId, size_t, IdHash>;

QueryRequest SkeletonStatement(const TraceId& id, const SkeletonOptions& options) {
  Statement sql(
      "SELECT span_id, parent_id, start, duration, service, name, kind, status, notEmpty(events), "
      "notEmpty(links), dropped_attributes, dropped_events, dropped_links, received FROM spans WHERE "
      "trace_id "
      "= ");
  sql.Bytes(id);
  if (options.received_unix_ms_max < std::numeric_limits<int64_t>::max()) {
    (sql << " AND received <= fromUnixTimestamp64Milli(").Number("received", options.received_unix_ms_max)
        << ", 'UTC')";
  }
  sql << " ORDER BY start LIMIT " << std::to_string(options.spans_max + 1);
  return sql.Take("max_threads = 1");
}

bool IsSameSpan(const SkeletonSpan& a, const SkeletonSpan& b) {
  return std::tie(a.start_unix_nano, a.duration_nano, a.name, a.parent_id, a.service, a.kind, a.status) ==
         std::tie(b.start_unix_nano, b.duration_nano, b.name, b.parent_id, b.service, b.kind, b.status);
}

// Reads the rows into `skeleton`, by start, each span once.
Places ReadRows(const SkeletonOptions& options, Skeleton& skeleton) {
  Completeness& completeness = skeleton.completeness;
  Places places;
  for (RowReader rows(skeleton.bytes->bytes); !rows.done();) {
    SkeletonSpan span;
    span.span_id = SpanId::FromBytes(rows.FixedString(8));
    span.parent_id = SpanId::FromBytes(rows.FixedString(8));
    span.start_unix_nano = rows.Number<int64_t>();
    span.duration_nano = rows.Number<int64_t>();
    span.service = rows.String();
    span.name = rows.String();
    span.kind = rows.Number<uint8_t>();
    span.status = rows.Number<uint8_t>();
    span.has_events = rows.Number<uint8_t>() != 0;
    span.has_links = rows.Number<uint8_t>() != 0;
    const uint32_t dropped[] = {rows.Number<uint32_t>(), rows.Number<uint32_t>(), rows.Number<uint32_t>()};
    span.has_dropped = dropped[0] + dropped[1] + dropped[2] > 0;
    skeleton.received_unix_ms = std::max(skeleton.received_unix_ms, rows.Number<int64_t>());
    if (skeleton.spans.size() == options.spans_max) {
      completeness.truncated = true;
      break;
    }
    const auto [place, fresh] = places.try_emplace(span.span_id, skeleton.spans.size());
    if (!fresh) {
      ++completeness.duplicate_spans;
      if (!IsSameSpan(skeleton.spans[place->second], span)) ++completeness.hidden_spans;
      continue;
    }
    completeness.dropped_attributes += dropped[0];
    completeness.dropped_events += dropped[1];
    completeness.dropped_links += dropped[2];
    skeleton.spans.push_back(span);
  }
  return places;
}

// Ranges of places, a range for each parent: children of one parent lie together, by start.
class Children {
 public:
  // `parents`: of each place, -1 for what stands like a root.
  explicit Children(const std::vector<int64_t>& parents)
      : begins_(parents.size() + 1, 0), places_(parents.size()) {
    for (const int64_t parent : parents) {
      if (parent >= 0) ++begins_[static_cast<size_t>(parent) + 1];
    }
    for (size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    std::vector<size_t> next(begins_.begin(), begins_.end() - 1);
    for (size_t i = 0; i < parents.size(); ++i) {
      if (parents[i] >= 0) places_[next[static_cast<size_t>(parents[i])]++] = i;
    }
  }
  std::span<const size_t> Of(size_t place) const {
    return std::span(places_).subspan(begins_[place], begins_[place + 1] - begins_[place]);
  }

 private:
  std::vector<size_t> begins_;
  std::vector<size_t> places_;
};

// Puts the spans into the order of a drawn tree. They come by start.
class Tree {
 public:
  Tree(std::vector<SkeletonSpan>& spans, const Places& places) : spans_(spans) {
    for (const SkeletonSpan& span : spans) {
      const auto at = span.parent_id.IsZero() ? places.end() : places.find(span.parent_id);
      parents_.push_back(at == places.end() ? -1 : static_cast<int64_t>(at->second));
    }
  }

  void Order() {
    const Children children(parents_);
    order_.reserve(spans_.size());
    seen_.assign(spans_.size(), false);
    for (size_t i = 0; i < spans_.size(); ++i) {
      if (parents_[i] < 0) Draw(i, children);
    }
    // What hangs in a circle: its earliest span stands like a root.
    for (size_t i = 0; i < spans_.size() && order_.size() < spans_.size(); ++i) {
      if (!seen_[i]) Draw(i, children);
    }
    spans_ = std::move(order_);
  }

 private:
  struct Left {
    size_t place = 0;
    int64_t parent = SkeletonSpan::kRoot;  // in order_
    uint32_t depth = 0;
  };

  void Draw(size_t top, const Children& children) {
    const int64_t parent = spans_[top].parent_id.IsZero() ? SkeletonSpan::kRoot : SkeletonSpan::kOrphan;
    std::vector<Left> left = {{.place = top, .parent = parent}};
    while (!left.empty()) {
      const Left next = left.back();
      left.pop_back();
      if (seen_[next.place]) continue;
      seen_[next.place] = true;
      const auto place = static_cast<int64_t>(order_.size());
      order_.push_back(spans_[next.place]);
      order_.back().parent = next.parent;
      order_.back().depth = next.depth;
      const std::span<const size_t> below = children.Of(next.place);
      for (size_t i = below.size(); i > 0; --i) {
        left.push_back({.place = below[i - 1], .parent = place, .depth = next.depth + 1});
      }
    }
  }

  std::vector<SkeletonSpan>& spans_;
  std::vector<int64_t> parents_;
  std::vector<SkeletonSpan> order_;
  std::vector<bool> seen_;
};

void SumUp(const Places& places, Skeleton& skeleton) {
  Completeness& completeness = skeleton.completeness;
  completeness.root_missing = true;
  skeleton.start_unix_nano = skeleton.spans.front().start_unix_nano;
  skeleton.end_unix_nano = skeleton.start_unix_nano;
  for (const SkeletonSpan& span : skeleton.spans) {
    skeleton.end_unix_nano =
        std::max(skeleton.end_unix_nano, span.start_unix_nano + std::max<int64_t>(0, span.duration_nano));
    skeleton.errors += span.status == 2 ? 1 : 0;
    if (span.parent_id.IsZero()) {
      completeness.root_missing = false;
    } else if (!places.contains(span.parent_id)) {
      completeness.missing_parents.push_back(span.parent_id);
    }
  }
  std::ranges::sort(completeness.missing_parents);
  const auto repeated = std::ranges::unique(completeness.missing_parents);
  completeness.missing_parents.erase(repeated.begin(), repeated.end());
}

}  // namespace

Result<Skeleton> ReadSkeleton(Engine& engine, const TraceId& id, const SkeletonOptions& options) {
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(SkeletonStatement(id, options)));
  Skeleton skeleton;
  skeleton.bytes = std::make_unique<const QueryResult>(std::move(result));
  const Places places = ReadRows(options, skeleton);
  if (skeleton.spans.empty()) return skeleton;
  SumUp(places, skeleton);
  Tree(skeleton.spans, places).Order();
  return skeleton;
}

Result<SkeletonCalls> ReadSkeletonCalls(Engine& engine, const TraceId& id, const TimeRange& range,
                                        size_t calls_max) {
  Statement sql(
      "SELECT span_id, kind, counts, failed, if(response_model = '', request_model, response_model), "
      "input_tokens, output_tokens, cost, cost_status FROM calls WHERE trace_id = ");
  sql.Bytes(id).AndRange(range);
  sql << " ORDER BY span_id, revision DESC LIMIT 1 BY span_id LIMIT " << std::to_string(calls_max);
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  SkeletonCalls calls;
  calls.bytes = std::make_unique<const QueryResult>(std::move(result));
  for (RowReader rows(calls.bytes->bytes); !rows.done();) {
    SkeletonCall& call = calls.calls.emplace_back();
    call.span_id = SpanId::FromBytes(rows.FixedString(8));
    call.kind = rows.Number<CallKind>();
    call.counts = rows.Number<uint8_t>() != 0;
    call.failed = rows.Number<uint8_t>() != 0;
    call.model = rows.String();
    call.input_tokens = rows.Number<int64_t>();
    call.output_tokens = rows.Number<int64_t>();
    call.cost = rows.Number<PicoDollars>();
    call.cost_status = rows.Number<CostStatus>();
  }
  return calls;
}

}  // namespace telltale
