#include "query/call_roll_ups.h"

#include <algorithm>
#include <limits>

#include "base/log.h"
#include "query/call_sql.h"
#include "query/call_sum_columns.h"
#include "query/calls.h"
#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;
// Sums that are not this much fewer than their calls are not worth the disk.
constexpr uint64_t kCallsARow = 4;
// A day of many different calls is summed in pieces on disk.
constexpr std::string_view kBuildSettings =
    " SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_memory_usage = "
    "250000000, "
    "max_bytes_before_external_group_by = 60000000, max_execution_time = 300";

constexpr std::string_view kPartsOfDays =
    "SELECT partition AS day, min(min_block_number) AS first, max(max_block_number) AS last FROM "
    "system.parts "
    "WHERE database = currentDatabase() AND table = 'calls' AND active GROUP BY partition";

int64_t Floor(int64_t time, int64_t unit) {
  const int64_t over = time % unit;
  return time - (over < 0 ? over + unit : over);
}

// The whole units inside of a range; an end that is open stays open.
TimeRange WholeUnits(const TimeRange& range, int64_t unit) {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max() - kDay;
  TimeRange whole = range;
  if (range.start_unix_nano > 0) {
    whole.start_unix_nano =
        range.start_unix_nano > kLast ? range.start_unix_nano : Floor(range.start_unix_nano + unit - 1, unit);
  }
  if (range.end_unix_nano <= kLast) whole.end_unix_nano = Floor(range.end_unix_nano, unit);
  return whole;
}

std::string SumsOf(std::string_view merge_states) {
  std::string sums;
  for (const SumColumn& column : kSumColumns) sums.append(", sum(").append(column.name).append(")");
  for (const SumColumn& column : kStateColumns)
    sums.append(", ").append(merge_states).append(column.name).append(")");
  return sums;
}

}  // namespace

Result<std::vector<RollUpDay>> ReadRollUpDays(Engine& engine) {
  Statement sql(
      "SELECT s.day, s.generation FROM (SELECT toString(day) AS day, argMax(generation, generation) AS "
      "generation, argMax(first_block, call_sum_days.generation) AS first, argMax(last_block, "
      "call_sum_days.generation) AS last, argMax(has_sums, call_sum_days.generation) AS has FROM "
      "call_sum_days GROUP BY day) AS s INNER JOIN (");
  sql << kPartsOfDays
      << ") AS p ON p.day = s.day AND p.first = s.first AND p.last = s.last WHERE has ORDER BY 1";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  std::vector<RollUpDay> days;
  for (RowReader rows(result.bytes); !rows.done();) {
    RollUpDay& day = days.emplace_back();
    day.day = rows.String();
    day.generation = rows.Number<uint64_t>();
  }
  return days;
}

bool MayRollUp(const CallSumQuery& query) {
  const CallFilter& filter = query.filter;
  const auto is_kept = [](CallDimension dimension) {
    return dimension != CallDimension::kUser && dimension != CallDimension::kConversation;
  };
  return !filter.trace_id && !filter.condition && filter.user.empty() && filter.conversation.empty() &&
         query.step_nano % kHour == 0 && std::ranges::all_of(query.by, is_kept);
}

RollUpPlan RollUpPlanOf(const TimeRange& range, int64_t step_nano) {
  RollUpPlan plan{.hours = WholeUnits(range, kHour), .days = {0, 0}};
  if (step_nano % kDay == 0) plan.days = WholeUnits(range, kDay);
  if (plan.days.start_unix_nano >= plan.days.end_unix_nano) {
    plan.days = {plan.hours.start_unix_nano, plan.hours.start_unix_nano};
  }
  return plan;
}

Result<std::map<std::string, CallRollUps::Blocks>> CallRollUps::ReadBlocks() {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query({.sql = std::string(kPartsOfDays)}));
  std::map<std::string, Blocks> days;
  for (RowReader rows(result.bytes); !rows.done();) {
    const std::string day(rows.String());
    const auto first = rows.Number<int64_t>();
    days[day] = {first, rows.Number<int64_t>()};
  }
  return days;
}

Status CallRollUps::Build(const std::string& today, uint64_t now_unix_ms) {
  TELLTALE_ASSIGN_OR_RETURN(const auto days, ReadBlocks());
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult result,
      engine_.Query(
          {.sql =
               "SELECT toString(day), argMax(first_block, generation), argMax(last_block, generation) FROM "
               "call_sum_days GROUP BY day"}));
  std::map<std::string, Blocks> summed;
  for (RowReader rows(result.bytes); !rows.done();) {
    const std::string day(rows.String());
    const auto first = rows.Number<int64_t>();
    summed[day] = {first, rows.Number<int64_t>()};
  }
  const auto seen = std::exchange(seen_, days);
  for (const auto& [day, blocks] : days) {
    const auto at = summed.find(day);
    if (day >= today || (at != summed.end() && at->second == blocks)) continue;
    // A day that is changing now would be summed in vain.
    if (const auto before = seen.find(day); before == seen.end() || before->second != blocks) continue;
    TELLTALE_RETURN_IF_ERROR(BuildDay(day, blocks, now_unix_ms));
  }
  return DropOthers(days);
}

Result<bool> CallRollUps::IsWorthIt(const std::string& day) {
  Statement sql("SELECT count(), uniq(toStartOfHour(start), ");
  sql << kRollUpKeys << ") FROM calls WHERE toDate(received) = '" << day << "' AND " << kCounts;
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 1")));
  RowReader rows(result.bytes);
  const auto calls = rows.Number<uint64_t>();
  return rows.Number<uint64_t>() * kCallsARow <= calls;
}

// Days are the names of partitions, as the engine writes them.
Status CallRollUps::BuildDay(const std::string& day, const Blocks& blocks, uint64_t generation) {
  TELLTALE_ASSIGN_OR_RETURN(const bool is_worth_it, IsWorthIt(day));
  if (is_worth_it) {
    const std::string insert =
        "INSERT INTO call_sums SELECT toDate('" + day + "'), " + std::to_string(generation) + ", ";
    const std::string bucket =
        "fromUnixTimestamp64Nano(toUnixTimestamp64Nano(start) - "
        "positiveModulo(toUnixTimestamp64Nano(start), ";
    std::string sums;
    for (const SumColumn& column : kSumColumns) sums.append(", ").append(column.of_calls);
    for (const SumColumn& column : kStateColumns) sums.append(", ").append(column.of_calls);
    const std::string keys(kRollUpKeys);
    TELLTALE_RETURN_IF_ERROR(
        engine_.Execute(insert + "0, " + bucket + std::to_string(kHour) + "), 'UTC') AS hour, " + keys +
                        sums + " FROM calls FINAL WHERE toDate(received) = '" + day + "' AND " +
                        std::string(kCounts) + " GROUP BY hour, " + keys + std::string(kBuildSettings)));
    TELLTALE_RETURN_IF_ERROR(engine_.Execute(
        insert + "1, " + bucket + std::to_string(kDay) + "), 'UTC') AS of_day, " + keys +
        SumsOf(kMergeStates) + " FROM call_sums WHERE generation = " + std::to_string(generation) +
        " AND day = '" + day + "' AND NOT is_day GROUP BY of_day, " + keys + std::string(kBuildSettings)));
  }
  // What arrived meanwhile may be in the sums or not.
  TELLTALE_ASSIGN_OR_RETURN(const auto days, ReadBlocks());
  const auto now = days.find(day);
  if (now == days.end() || now->second != blocks) return {};
  Log(LogLevel::kDebug, "roll-ups: summed a day", {{"day", day}, {"has_sums", is_worth_it}});
  return engine_.Execute(
      "INSERT INTO call_sum_days (day, generation, first_block, last_block, has_sums) VALUES ('" + day +
      "', " + std::to_string(generation) + ", " + std::to_string(blocks.first) + ", " +
      std::to_string(blocks.second) + ", " + (is_worth_it ? "1" : "0") + ")");
}

// Sums of a day that is gone, or that was summed again, and those that were never finished.
Status CallRollUps::DropOthers(const std::map<std::string, Blocks>& days) {
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult kept,
      engine_.Query({.sql = "SELECT toString(day), max(generation) FROM call_sum_days GROUP BY day"}));
  std::map<std::string, uint64_t> newest;
  for (RowReader rows(kept.bytes); !rows.done();) {
    const std::string day(rows.String());
    newest[day] = rows.Number<uint64_t>();
  }
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult all,
      engine_.Query({.sql = "SELECT DISTINCT toString(day), generation FROM call_sums"}));
  for (RowReader rows(all.bytes); !rows.done();) {
    const std::string day(rows.String());
    const auto generation = rows.Number<uint64_t>();
    if (newest[day] == generation && days.contains(day)) continue;
    TELLTALE_RETURN_IF_ERROR(engine_.Execute("ALTER TABLE call_sums DROP PARTITION ('" + day + "', " +
                                             std::to_string(generation) + ")"));
  }
  return {};
}

}  // namespace telltale
