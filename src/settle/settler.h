// The Settler holds the calls of spans that arrive against the rest of their traces.
//
//   log -> inserter -> store:  spans | calls, each as its own request told it
//              '-> Settler:    traces that came in parts -> read -> what counts -> rows again
//
// A request tells its calls apart (ledger/batch_calls.h); what it cannot know came in
// another one: the sum on an outer span, the same call told twice, content in log records.
// So a trace with calls whose spans or logs came in several parts is read back, settled
// as a whole, and the rows that then say something else are inserted again with a larger
// revision. It happens before the log lets go of the range: no crash leaves it undone.
//
// It also applies a changed price table to the past.
//
// Ownership      Engine and pricer must outlive it.
// Thread safety  WillStore and Stored on the inserter's thread; Reprice from any.
// Failure        What cannot be settled is counted (calls_settle_failures) and logged, and
//                the inserter goes on: the calls stay as they were told.
// Cost           Nothing for traces that come in one part. Else two queries for up to
//                kTracesAtOnce traces, and an insert when something changed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "calls/rules.h"
#include "ledger/call_encoder.h"
#include "pricing/pricer.h"
#include "query/call_rows.h"
#include "query/filter.h"
#include "settle/recent_traces.h"
#include "store/engine.h"
#include "store/inserter.h"
#include "trace/ids.h"

namespace telltale {

struct SettlerOptions {
  // How many traces are remembered as seen, at least.
  size_t recent_traces = 1u << 16;
  // Of a trace that begins before, the store may have parts; a store without spans and logs has none.
  bool store_is_empty = false;
};

// What a changed price table does to calls in the past.
struct RepriceReport {
  struct Change {
    std::string provider;
    std::string model;
    std::string from_rule;  // empty: had no price
    std::string to_rule;    // empty: has none any more
    uint64_t calls = 0;
    // US dollars in picodollars, summed; of calls without a price 0.
    __int128 from = 0;
    __int128 to = 0;
  };
  uint64_t calls = 0;    // looked at
  uint64_t changed = 0;  // of those
  __int128 from = 0;     // all calls of the range, before and after
  __int128 to = 0;
  std::vector<Change> changes;  // by what they change, largest first
  std::string table_version;
};

class Settler final : public InsertObserver {
 public:
  Settler(const SettlerOptions& options, Engine& engine, const Pricer& pricer, const Clock& clock,
          const RuleTable& rules = RuleTable::BuiltIn());
  ~Settler() override;

  void WillStore(const WalRecord& record) override;
  void Stored(LogRange range) override;

  // Prices the calls that started in the range by `pricer`; `apply` false only says what
  // would change. Reads in pages, so that a month takes little memory.
  Result<RepriceReport> Reprice(const TimeRange& range, const Pricer& pricer, bool apply)
      TELLTALE_EXCLUDES(mu_);

 private:
  struct IdHash {
    size_t operator()(const TraceId& id) const { return std::hash<std::string_view>()(id.view()); }
  };
  using TraceIdSet = std::unordered_set<TraceId, IdHash>;

  void SeeSpans(const WalRecord& record);
  void SeeCalls(const WalRecord& record);
  void SeeLogs(const WalRecord& record);
  // `whole`: their content is read too, for log records tell some of it.
  Status Settle(std::span<const TraceId> ids, bool whole) TELLTALE_REQUIRES(mu_);
  void SettleAll(std::span<const TraceId> ids, bool whole) TELLTALE_REQUIRES(mu_);
  Status Insert(std::span<const CallRow> rows) TELLTALE_REQUIRES(mu_);

  Engine& engine_;
  const Pricer& pricer_;
  const Clock& clock_;
  const RuleTable& rules_;

  // The inserter's thread only.
  RecentTraces recent_;
  uint32_t record_ = 0;
  TraceIdSet changed_;    // to settle: came in parts
  TraceIdSet with_logs_;  // to settle: their log records may tell content
  struct Answers;         // where an answer was told first
  std::unique_ptr<Answers> answers_;

  Mutex mu_;  // one writer of corrections at a time
  CallEncoder encoder_ TELLTALE_GUARDED_BY(mu_);
};

}  // namespace telltale
