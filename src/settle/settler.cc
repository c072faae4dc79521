#include "settle/settler.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/counters.h"
#include "base/log.h"
#include "block/fixed_column.h"
#include "calls/trace_usage.h"
#include "ledger/batch_calls.h"
#include "query/logs.h"
#include "query/statement.h"
#include "query/trace_calls.h"
#include "query/trace_reader.h"
#include "settle/stored_calls.h"

namespace telltale {
namespace {

constexpr size_t kTracesAtOnce = 128;
// With their content: read one by one, and held until their rows are written.
constexpr size_t kWholeTracesAtOnce = 16;
constexpr size_t kWholeTraceBytesMax = 16'000'000;
constexpr size_t kLogsOfTraceMax = 10'000;
constexpr size_t kLinksMax = 400'000;
constexpr size_t kAnswersMax = 1u << 16;
constexpr size_t kRepricePageRows = 20'000;
constexpr int kTries = 3;
// Two tellings of one call overlap; the outer may have begun this much before the inner.
constexpr int64_t kTwinBeginsEarlierBy = 600'000'000'000;
// A record may be written and sent this much later than its span.
constexpr uint64_t kLogsComeLaterBy = 60'000'000'000;

// The rows of a fixed-width column of ids.
template <typename Id>
class IdColumn {
 public:
  explicit IdColumn(std::string_view bytes) : bytes_(bytes) {}
  size_t size() const { return bytes_.size() / sizeof(Id); }
  Id operator[](size_t row) const { return Id::FromBytes(bytes_.substr(row * sizeof(Id), sizeof(Id))); }

 private:
  std::string_view bytes_;
};

template <typename T>
T NumberAt(std::string_view column, size_t row) {
  T value = 0;
  if ((row + 1) * sizeof(T) <= column.size()) std::memcpy(&value, column.data() + row * sizeof(T), sizeof(T));
  return value;
}

void Failed(const Error& error, size_t traces) {
  Count(Counter::kCallsSettleFailures);
  Log(LogLevel::kError, "settler: the calls of some traces stay as they were told",
      {{"error", error.message}, {"traces", traces}});
}

void TakeCost(const Cost& cost, CallRow& row) {
  row.cost = cost.total;
  row.cost_status = cost.status;
  row.cost_reason = cost.reason;
  row.price_rule = cost.rule_id;
  row.price_table = cost.table_version;
}

// A trace read back with its content, and its calls.
struct WholeTrace {
  TraceSet set;
  LogPage logs;
  std::unique_ptr<TraceCalls> calls;
};

}  // namespace

struct Settler::Answers {
  std::unordered_map<uint64_t, TraceId> first;
};

Settler::Settler(const SettlerOptions& options, Engine& engine, const Pricer& pricer, const Clock& clock,
                 const RuleTable& rules)
    : engine_(engine),
      pricer_(pricer),
      clock_(clock),
      rules_(rules),
      recent_(options.recent_traces, options.store_is_empty ? 0 : clock.UnixNanos()),
      answers_(std::make_unique<Answers>()) {}

Settler::~Settler() = default;

void Settler::WillStore(const WalRecord& record) {
  switch (record.kind) {
    case BlockKind::kSpans:
      return SeeSpans(record);
    case BlockKind::kCalls:
      return SeeCalls(record);
    case BlockKind::kLogs:
      return SeeLogs(record);
    case BlockKind::kMetrics:
    case BlockKind::kContent:
    case BlockKind::kSaidContent:
    case BlockKind::kWords:
      return;
  }
}

// The calls of a request stand before its spans.
void Settler::SeeCalls(const WalRecord& record) {
  const FixedColumns columns(record.bytes);
  const IdColumn<TraceId> trace_ids(columns.Find("trace_id", 16));
  const std::string_view hashes = columns.Find("response_hash", 8);
  const uint64_t now = clock_.UnixNanos();
  for (size_t i = 0; i < trace_ids.size(); ++i) {
    const TraceId id = trace_ids[i];
    RecentTraces::Entry& entry = recent_.Of(id, now);
    entry.has_calls = true;
    if (entry.has_logs) with_logs_.insert(id);
    const auto hash = NumberAt<uint64_t>(hashes, i);
    if (hash == 0) continue;
    if (answers_->first.size() >= kAnswersMax) answers_->first.clear();
    const auto [known, is_new] = answers_->first.emplace(hash, id);
    if (is_new || known->second == id) continue;
    changed_.insert(id);
    changed_.insert(known->second);
  }
}

void Settler::SeeSpans(const WalRecord& record) {
  if (++record_ == 0) ++record_;  // 0 is "none yet"
  const FixedColumns columns(record.bytes);
  const IdColumn<TraceId> trace_ids(columns.Find("trace_id", 16));
  const std::string_view starts = columns.Find("start", 8);
  const uint64_t now = clock_.UnixNanos();
  TraceId last;
  for (size_t i = 0; i < trace_ids.size(); ++i) {
    const TraceId id = trace_ids[i];
    if (i > 0 && id == last) continue;
    last = id;
    RecentTraces::Entry& entry = recent_.Of(id, now);
    const bool is_new = entry.last_record == 0;
    if (!is_new && entry.last_record != record_) entry.in_parts = true;
    // Older than what is remembered: the store may have parts of it, and logs.
    const bool may_be_old = is_new && NumberAt<uint64_t>(starts, i) < recent_.since_unix_nano();
    if (may_be_old) entry.in_parts = true;
    entry.last_record = record_;
    if (!entry.has_calls) continue;
    if (entry.in_parts) changed_.insert(id);
    if (may_be_old) with_logs_.insert(id);
  }
}

void Settler::SeeLogs(const WalRecord& record) {
  const FixedColumns columns(record.bytes);
  const IdColumn<TraceId> trace_ids(columns.Find("trace_id", 16));
  const std::string_view times = columns.Find("time", 8);
  const uint64_t now = clock_.UnixNanos();
  for (size_t i = 0; i < trace_ids.size(); ++i) {
    const TraceId id = trace_ids[i];
    if (id.IsZero()) continue;
    RecentTraces::Entry& entry = recent_.Of(id, now);
    entry.has_logs = true;
    // The store may have spans of it that are forgotten here.
    const bool may_be_old =
        entry.last_record == 0 && NumberAt<uint64_t>(times, i) < recent_.since_unix_nano() + kLogsComeLaterBy;
    if (entry.has_calls || may_be_old) with_logs_.insert(id);
  }
}

void Settler::Stored(LogRange) {
  if (changed_.empty() && with_logs_.empty()) return;
  MutexLock lock(mu_);
  std::vector<TraceId> whole;
  const std::vector<TraceId> with_logs(with_logs_.begin(), with_logs_.end());
  for (size_t begin = 0; begin < with_logs.size(); begin += kTracesAtOnce) {
    const auto some = std::span(with_logs).subspan(begin, std::min(kTracesAtOnce, with_logs.size() - begin));
    const Result<std::vector<TraceId>> found = TracesWithCallRecords(engine_, some);
    if (found) {
      whole.insert(whole.end(), found->begin(), found->end());
    } else {
      Failed(found.error(), some.size());
    }
  }
  for (const TraceId& id : whole) changed_.erase(id);
  SettleAll(whole, true);
  SettleAll(std::vector<TraceId>(changed_.begin(), changed_.end()), false);
  changed_.clear();
  with_logs_.clear();
}

void Settler::SettleAll(std::span<const TraceId> ids, bool whole) {
  const size_t at_once = whole ? kWholeTracesAtOnce : kTracesAtOnce;
  for (size_t begin = 0; begin < ids.size(); begin += at_once) {
    const auto some = ids.subspan(begin, std::min(at_once, ids.size() - begin));
    Status settled = Settle(some, whole);
    for (int i = 1; i < kTries && !settled; ++i) settled = Settle(some, whole);
    if (!settled) Failed(settled.error(), some.size());
  }
}

namespace {

// One pass over some traces: what the store says, what whole traces say, what changes.
class Pass {
 public:
  Pass(Engine& engine, const Pricer& pricer, const RuleTable& rules, int64_t now_unix_ms)
      : engine_(engine), pricer_(pricer), rules_(rules), now_unix_ms_(now_unix_ms) {}

  Status Read(std::span<const TraceId> ids, bool whole) {
    ids_.assign(ids.begin(), ids.end());
    TELLTALE_ASSIGN_OR_RETURN(stored_, ReadCallsOfTraces(engine_, ids_));
    TELLTALE_RETURN_IF_ERROR(AddTracesOfSameAnswers());
    rows_ = stored_.rows;
    for (const TraceId& id : ids) {
      if (whole || HasCallToldAround(id)) TELLTALE_RETURN_IF_ERROR(ReadWhole(id));
    }
    if (rows_.empty()) return {};
    TELLTALE_ASSIGN_OR_RETURN(links_, ReadLinks(engine_, ids_, kLinksMax));
    return {};
  }

  // The rows that say something else than the stored ones.
  std::span<const CallRow> Settle() {
    SettleUsage();
    InheritContext(rows_);
    changed_.clear();
    for (CallRow& row : rows_) {
      const CallRow* const before = FindStored(row);
      if (before != nullptr) {
        if (SaysTheSame(row, *before)) continue;
        row.revision = before->revision + 1;
        row.received_unix_ms = before->received_unix_ms;
      }
      changed_.push_back(row);
    }
    return changed_;
  }

 private:
  static auto KeyOf(const CallRow& row) { return std::tuple(row.trace_id, row.span_id); }

  const CallRow* FindStored(const CallRow& row) const {
    const auto at = std::ranges::lower_bound(stored_.rows, KeyOf(row), {}, KeyOf);
    return at != stored_.rows.end() && KeyOf(*at) == KeyOf(row) ? &*at : nullptr;
  }

  Status AddTracesOfSameAnswers() {
    std::vector<uint64_t> hashes;
    TimeRange range{.start_unix_nano = INT64_MAX, .end_unix_nano = 0};
    for (const CallRow& row : stored_.rows) {
      if (row.response_hash == 0) continue;
      hashes.push_back(row.response_hash);
      range.start_unix_nano = std::min(range.start_unix_nano, row.start_unix_nano - kTwinBeginsEarlierBy);
      range.end_unix_nano = std::max(range.end_unix_nano, row.start_unix_nano + row.duration_nano + 1);
    }
    std::ranges::sort(hashes);
    const auto repeated = std::ranges::unique(hashes);
    hashes.erase(repeated.begin(), repeated.end());
    TELLTALE_ASSIGN_OR_RETURN(const std::vector<TraceId> others, TracesOfAnswers(engine_, hashes, range));
    const size_t before = ids_.size();
    for (const TraceId& id : others) {
      if (std::ranges::find(ids_, id) == ids_.end()) ids_.push_back(id);
    }
    if (ids_.size() == before) return {};
    TELLTALE_ASSIGN_OR_RETURN(stored_, ReadCallsOfTraces(engine_, ids_));
    return {};
  }

  // Codex names the model in a span around the call's own, of which the row knows nothing.
  bool HasCallToldAround(const TraceId& id) const {
    return std::ranges::any_of(stored_.rows, [&](const CallRow& row) {
      return row.trace_id == id && row.dialect == "codex" && IsModelCall(row.kind) &&
             row.request_model.empty() && row.response_model.empty();
    });
  }

  // Its rows as the spans tell them together with the log records.
  Status ReadWhole(const TraceId& id) {
    auto whole = std::make_unique<WholeTrace>();
    TELLTALE_ASSIGN_OR_RETURN(whole->set,
                              ReadTraces(engine_, std::array{id},
                                         {.spans_max = kMappedSpansMax, .bytes_max = kWholeTraceBytesMax}));
    if (whole->set.traces.empty() || whole->set.traces.front().completeness.truncated) return {};
    TELLTALE_ASSIGN_OR_RETURN(whole->logs, ReadLogsOfTrace(engine_, id, kLogsOfTraceMax));
    whole->calls = std::make_unique<TraceCalls>(pricer_, rules_);
    if (!whole->calls->Map(whole->set, whole->set.traces.front(), whole->logs)) return {};
    std::erase_if(rows_, [&](const CallRow& row) { return row.trace_id == id; });
    for (const CallRow& row : whole->calls->calls().Rows(now_unix_ms_)) {
      rows_.push_back(row);
      // The table of today must not reprice what has a price.
      if (const CallRow* before = FindStored(row);
          before != nullptr && before->cost_status == row.cost_status && before->usage == row.usage &&
          before->counts == row.counts) {
        rows_.back().cost = before->cost;
        rows_.back().cost_reason = before->cost_reason;
        rows_.back().price_rule = before->price_rule;
        rows_.back().price_table = before->price_table;
      }
    }
    whole_.push_back(std::move(whole));
    return {};
  }

  void SettleUsage() {
    std::unordered_map<std::string_view, size_t> row_of;  // by trace and span id
    std::deque<std::array<char, 24>> keys;
    const auto key_of = [](const TraceId& trace_id, const SpanId& span_id) {
      std::array<char, 24> key;
      std::memcpy(key.data(), trace_id.bytes.data(), 16);
      std::memcpy(key.data() + 16, span_id.bytes.data(), 8);
      return key;
    };
    std::deque<Call> calls;
    for (size_t i = 0; i < rows_.size(); ++i) {
      keys.push_back(key_of(rows_[i].trace_id, rows_[i].span_id));
      row_of.emplace(std::string_view(keys.back().data(), keys.back().size()), i);
      calls.push_back(CallOf(rows_[i]));
    }
    std::vector<TraceCall> spans;
    std::vector<bool> linked(rows_.size());
    const auto add = [&](const SpanLink& link, std::string_view scope, Call* call) {
      spans.push_back({.trace_id = link.trace_id,
                       .span_id = link.span_id,
                       .parent_span_id = link.parent_id,
                       .start_unix_nano = static_cast<uint64_t>(link.start_unix_nano),
                       .end_unix_nano = static_cast<uint64_t>(link.end_unix_nano),
                       .scope_name = scope,
                       .call = call});
    };
    for (const SpanLink& link : links_) {
      const std::array<char, 24> key = key_of(link.trace_id, link.span_id);
      const auto at = row_of.find(std::string_view(key.data(), key.size()));
      if (at == row_of.end()) {
        add(link, {}, nullptr);
      } else if (!linked[at->second]) {
        linked[at->second] = true;
        add(link, rows_[at->second].scope, &calls[at->second]);
      }
    }
    // Of a trace with too many spans some links are missing.
    for (size_t i = 0; i < rows_.size(); ++i) {
      const CallRow& row = rows_[i];
      if (linked[i]) continue;
      add({.trace_id = row.trace_id,
           .span_id = row.span_id,
           .parent_id = row.parent_id,
           .start_unix_nano = row.start_unix_nano,
           .end_unix_nano = row.start_unix_nano + row.duration_nano},
          row.scope, &calls[i]);
    }
    SettleTraceUsage(spans);
    for (size_t i = 0; i < rows_.size(); ++i) TakeDecision(calls[i], rows_[i]);
  }

  void TakeDecision(const Call& call, CallRow& row) {
    row.duplicate_of = call.duplicate_of;
    row.usage.scope = call.usage.scope;
    const uint8_t counts = call.counts() ? 1 : 0;
    if (counts == row.counts) return;
    row.counts = counts;
    costs_.push_back(PriceCall(pricer_, call, static_cast<uint64_t>(row.start_unix_nano)));
    TakeCost(costs_.back(), row);
  }

  Engine& engine_;
  const Pricer& pricer_;
  const RuleTable& rules_;
  const int64_t now_unix_ms_;
  std::vector<TraceId> ids_;
  CallRows stored_;
  std::vector<std::unique_ptr<WholeTrace>> whole_;
  std::vector<SpanLink> links_;
  std::vector<CallRow> rows_;  // as they should be
  std::vector<CallRow> changed_;
  std::deque<Cost> costs_;
};

}  // namespace

Status Settler::Settle(std::span<const TraceId> ids, bool whole) {
  Pass pass(engine_, pricer_, rules_, static_cast<int64_t>(clock_.UnixNanos() / 1'000'000));
  TELLTALE_RETURN_IF_ERROR(pass.Read(ids, whole));
  const std::span<const CallRow> changed = pass.Settle();
  if (changed.empty()) return {};
  TELLTALE_RETURN_IF_ERROR(Insert(changed));
  Count(Counter::kCallsSettled, changed.size());
  return {};
}

Status Settler::Insert(std::span<const CallRow> rows) {
  const Block block = encoder_.Encode(rows);
  const XXH128_hash_t hash = XXH3_128bits(block.bytes.data(), block.bytes.size());
  // The same correction twice is one.
  const std::string token = "settled-" + std::to_string(hash.high64) + "-" + std::to_string(hash.low64);
  TELLTALE_RETURN_IF_ERROR(
      engine_.Insert(BlockKind::kCalls, std::array{std::string_view(block.bytes)}, token));
  return {};
}

namespace {

Result<CallRows> ReadPageToPrice(Engine& engine, const TimeRange& range, const CallRow* after) {
  Statement sql("SELECT ");
  (sql << CallColumnNames() << " FROM calls FINAL WHERE counts = 1").AndRange(range);
  if (after != nullptr) {
    (sql << " AND (start, trace_id, span_id) > (").Time("after", after->start_unix_nano);
    (sql << ", ").Bytes(after->trace_id);
    (sql << ", ").Bytes(after->span_id);
    sql << ")";
  }
  sql << " ORDER BY start, trace_id, span_id LIMIT " << std::to_string(kRepricePageRows);
  return ReadCalls(engine, sql.Take("max_threads = 1"));
}

}  // namespace

Result<RepriceReport> Settler::Reprice(const TimeRange& range, const Pricer& pricer, bool apply) {
  RepriceReport report;
  report.table_version = pricer.table()->version();
  std::map<std::tuple<std::string, std::string, std::string, std::string>, RepriceReport::Change> changes;
  CallRows page;
  CallRow after;
  for (bool first = true;; first = false) {
    MutexLock lock(mu_);
    CallRows next;
    TELLTALE_ASSIGN_OR_RETURN(next, ReadPageToPrice(engine_, range, first ? nullptr : &after));
    page = std::move(next);
    if (page.rows.empty()) break;
    after = page.rows.back();
    std::deque<Cost> costs;
    std::vector<CallRow> changed;
    for (const CallRow& row : page.rows) {
      const Call call = CallOf(row);
      if (!IsModelCall(call.kind)) continue;
      ++report.calls;
      CallRow now = row;
      costs.push_back(PriceCall(pricer, call, static_cast<uint64_t>(row.start_unix_nano)));
      TakeCost(costs.back(), now);
      const PicoDollars before_cost = std::max<PicoDollars>(row.cost, 0);
      const PicoDollars now_cost = std::max<PicoDollars>(now.cost, 0);
      report.from += before_cost;
      report.to += now_cost;
      if (SaysTheSame(row, now)) continue;
      if (row.cost != now.cost || row.cost_status != now.cost_status) {
        ++report.changed;
        const std::string_view model = row.response_model.empty() ? row.request_model : row.response_model;
        RepriceReport::Change& change = changes[{std::string(row.provider), std::string(model),
                                                 std::string(row.price_rule), std::string(now.price_rule)}];
        ++change.calls;
        change.from += before_cost;
        change.to += now_cost;
      }
      now.revision = row.revision + 1;
      changed.push_back(now);
    }
    if (apply && !changed.empty()) TELLTALE_RETURN_IF_ERROR(Insert(changed));
    if (page.rows.size() < kRepricePageRows) break;
  }
  for (auto& [key, change] : changes) {
    std::tie(change.provider, change.model, change.from_rule, change.to_rule) = key;
    report.changes.push_back(std::move(change));
  }
  std::ranges::sort(report.changes, std::ranges::greater(), [](const RepriceReport::Change& change) {
    return change.to > change.from ? change.to - change.from : change.from - change.to;
  });
  return report;
}

}  // namespace telltale
