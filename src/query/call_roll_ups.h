// Sums of calls that are kept beside them, for questions over weeks.
//
//   TELLTALE_RETURN_IF_ERROR(roll_ups.Build(today));                    // from time to time
//   TELLTALE_ASSIGN_OR_RETURN(auto days, ReadRollUpDays(engine));         // which hold now
//   if (MayRollUp(query)) ... RollUpPlanOf(query.filter.range, query.step_nano) ...
//
// For each day of arrival (a partition of `calls`) the table `call_sums` has a row for every hour, and
// one for every day, of their start and for all that they have in common but user and conversation.
// They are made from the day's calls as they are then, and hold as long as the day has the same
// parts: `call_sum_days` keeps the first and last block number of the parts that were summed. Every
// insert has a new number, merges keep them, and retention takes the first ones away; so late spans,
// corrections, new prices and deleted days are seen at once, and such a day is read from its calls until it
// is summed again. Sums of days add up, because rows of two partitions never replace each other.
//
// Ownership      Engine must outlive it.
// Thread safety  One thread at a time builds; anyone reads.
// Failure        As Engine::Query. A day that could not be summed is read from its calls.
// Cost           Reading which days hold: 2 ms.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "store/engine.h"

namespace telltale {

struct CallSumQuery;

// A day whose sums hold: 2026-11-25 and the name of what was summed.
struct RollUpDay {
  std::string day;
  uint64_t generation = 0;
  bool operator==(const RollUpDay&) const = default;
};

Result<std::vector<RollUpDay>> ReadRollUpDays(Engine& engine);

// Whether the sums have what is asked.
bool MayRollUp(const CallSumQuery& query);

// Which part of a range is whole hours, and which part of those whole days, all in nanoseconds. Whole
// hours may be none; days are empty where a step asks for hours.
struct RollUpPlan {
  TimeRange hours;
  TimeRange days;
};
RollUpPlan RollUpPlanOf(const TimeRange& range, int64_t step_nano);

class CallRollUps {
 public:
  explicit CallRollUps(Engine& engine) : engine_(engine) {}

  // Sums the days before `today` (2026-11-25) that have changed since they were summed, and not
  // since the call before this one; drops sums of which nobody asks any more.
  Status Build(const std::string& today, uint64_t now_unix_ms);

 private:
  // The first and the last block of a day's parts.
  using Blocks = std::pair<int64_t, int64_t>;

  Result<std::map<std::string, Blocks>> ReadBlocks();
  Status BuildDay(const std::string& day, const Blocks& blocks, uint64_t generation);
  // False: so many different ones that their sums would be as long as the calls.
  Result<bool> IsWorthIt(const std::string& day);
  Status DropOthers(const std::map<std::string, Blocks>& days);

  Engine& engine_;
  std::map<std::string, Blocks> seen_;
};

}  // namespace telltale
