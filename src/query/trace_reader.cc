#include "query/trace_reader.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "query/content_joiner.h"

namespace telltale {
namespace {

// Nearly every trace fits into the first piece, and 1,000 copies of its resources are
// less than a second question would cost.
constexpr size_t kFirstPieceRows = 1'000;
constexpr size_t kPieceBytes = 16'000'000;
constexpr size_t kPieceRowsMax = 20'000;

struct IdHash {
  template <size_t kSize>
  size_t operator()(const Id<kSize>& id) const {
    return std::hash<std::string_view>()(id.view());
  }
};

// The same span sent twice, as against two spans that share an id.
bool IsSameSpan(const SpanRow& a, const SpanRow& b) {
  return a.start_unix_nano == b.start_unix_nano && a.duration_nano == b.duration_nano && a.name == b.name &&
         a.parent_id == b.parent_id && a.service == b.service && a.kind == b.kind && a.status == b.status &&
         a.attributes.entries == b.attributes.entries;
}

// Texts by their hash, numbered in the order in which they came.
class Texts {
 public:
  explicit Texts(std::vector<std::string_view>& texts) : texts_(texts) {}

  uint32_t Number(uint64_t hash, std::string_view text) {
    const auto [at, is_new] = numbers_.try_emplace(hash, static_cast<uint32_t>(texts_.size()));
    if (is_new) {
      texts_.push_back(text);
      hashes_.push_back(hash);
    }
    return at->second;
  }

  const std::vector<uint64_t>& hashes() const { return hashes_; }

 private:
  std::vector<std::string_view>& texts_;
  std::vector<uint64_t> hashes_;
  std::unordered_map<uint64_t, uint32_t> numbers_;
};

class Reader {
 public:
  Reader(Engine& engine, std::span<const TraceId> ids, const ReadTracesOptions& options)
      : engine_(engine), ids_(ids), options_(options), resources_(set_.resources), scopes_(set_.scopes) {
    page_.range = options.range;
    set_.traces.resize(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      set_.traces[i].trace_id = ids[i];
      numbers_[ids[i]] = i;
    }
    seen_.resize(ids.size());
  }

  Result<TraceSet> Run() {
    size_t rows_max = std::min(kFirstPieceRows, options_.spans_max + 1);
    while (true) {
      page_.rows_max = rows_max;
      TELLTALE_ASSIGN_OR_RETURN(const size_t rows, ReadPiece());
      if (rows < page_.rows_max && !truncated_) break;
      if (truncated_ || spans_ >= options_.spans_max || bytes_ >= options_.bytes_max) {
        truncated_ = true;
        break;
      }
      const size_t row_bytes = std::max<size_t>(1, bytes_ / rows_);
      rows_max = std::clamp<size_t>(kPieceBytes / row_bytes, 1, kPieceRowsMax);
    }
    for (size_t i = 0; i < set_.traces.size(); ++i) Finish(set_.traces[i], seen_[i]);
    std::erase_if(set_.traces, [](const Trace& trace) { return trace.spans.empty(); });
    return std::move(set_);
  }

 private:
  // A trace's span ids, each with the index of its span.
  using Seen = std::unordered_map<SpanId, size_t, IdHash>;

  // Rows of the piece. Spans with large values can pass the engine's memory limit: then
  // fewer at a time.
  Result<size_t> ReadPiece() {
    page_.known_resources = resources_.hashes();
    page_.known_scopes = scopes_.hashes();
    auto result = engine_.Query(SpanRowsStatement(ids_, page_));
    while (!result && result.error().code == ErrorCode::kOverLimit && page_.rows_max > 1) {
      page_.rows_max = std::max<size_t>(1, page_.rows_max / 8);
      result = engine_.Query(SpanRowsStatement(ids_, page_));
    }
    if (!result) return std::unexpected(std::move(result.error()));

    set_.pieces.push_back(std::make_unique<const QueryResult>(std::move(*result)));
    const std::string_view bytes = set_.pieces.back()->bytes;
    std::vector<SpanRow> read;
    for (RowReader rows(bytes); !rows.done();) read.push_back(ReadSpanRow(rows));
    TELLTALE_RETURN_IF_ERROR(JoinContent(read));
    for (const SpanRow& row : read) Add(row);
    bytes_ += bytes.size();
    rows_ += read.size();
    return read.size();
  }

  // Puts the values back that are kept elsewhere; rows beyond the limit in bytes go.
  Status JoinContent(std::vector<SpanRow>& rows) {
    ContentJoiner joiner(engine_, options_.bytes_max - std::min(bytes_, options_.bytes_max), set_.values);
    const auto end = std::ranges::find_if(rows, [&](SpanRow& row) { return !joiner.Add(row.attributes); });
    truncated_ = truncated_ || end != rows.end();
    rows.erase(end, rows.end());
    bytes_ += joiner.size_bytes();
    return joiner.Run();
  }

  void Add(const SpanRow& row) {
    page_.after = {.start_unix_nano = row.start_unix_nano, .span_id = row.span_id};
    const size_t number = numbers_.at(row.trace_id);
    Trace& trace = set_.traces[number];
    // A repeated row may be the only one that carries its resource's text.
    const uint32_t resource = resources_.Number(row.resource_hash, row.resource);
    const uint32_t scope = scopes_.Number(row.scope_hash, row.scope);
    const auto [seen, fresh] = seen_[number].emplace(row.span_id, trace.spans.size());
    if (!fresh) {
      ++trace.completeness.duplicate_spans;
      // A first row that the limit cut off is not there to compare with.
      const bool same = seen->second >= trace.spans.size() || IsSameSpan(trace.spans[seen->second].row, row);
      if (!same) ++trace.completeness.hidden_spans;
      return;
    }
    if (spans_ == options_.spans_max) {
      truncated_ = true;
      return;
    }
    ++spans_;
    trace.spans.push_back({.row = row, .resource = resource, .scope = scope});
  }

  void Finish(Trace& trace, const Seen& seen) const {
    if (trace.spans.empty()) return;
    Completeness& completeness = trace.completeness;
    completeness.truncated = truncated_;
    completeness.root_missing = true;
    trace.start_unix_nano = trace.spans.front().row.start_unix_nano;
    trace.end_unix_nano = trace.start_unix_nano;
    for (const TraceSpan& span : trace.spans) {
      const SpanRow& row = span.row;
      trace.end_unix_nano =
          std::max(trace.end_unix_nano, row.start_unix_nano + std::max<int64_t>(0, row.duration_nano));
      completeness.dropped_attributes += row.dropped_attributes;
      completeness.dropped_events += row.dropped_events;
      completeness.dropped_links += row.dropped_links;
      completeness.missing_chunks += row.attributes.missing_chunks;
      if (row.parent_id.IsZero()) {
        completeness.root_missing = false;
      } else if (!seen.contains(row.parent_id)) {
        completeness.missing_parents.push_back(row.parent_id);
      }
    }
    std::ranges::sort(completeness.missing_parents);
    const auto repeated = std::ranges::unique(completeness.missing_parents);
    completeness.missing_parents.erase(repeated.begin(), repeated.end());
  }

  Engine& engine_;
  const std::span<const TraceId> ids_;
  const ReadTracesOptions& options_;
  TraceSet set_;
  SpanRowsPage page_;
  Texts resources_;
  Texts scopes_;
  std::unordered_map<TraceId, size_t, IdHash> numbers_;
  std::vector<Seen> seen_;
  size_t rows_ = 0;
  size_t bytes_ = 0;
  size_t spans_ = 0;
  bool truncated_ = false;
};

}  // namespace

Result<TraceSet> ReadTraces(Engine& engine, std::span<const TraceId> ids, const ReadTracesOptions& options) {
  if (ids.empty()) return TraceSet{};
  return Reader(engine, ids, options).Run();
}

}  // namespace telltale
