#include "store/retention.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.h"
#include "base/log.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

// The tables that the log fills, each partitioned by the day of arrival.
constexpr std::string_view kTables = "('spans', 'logs', 'metrics', 'calls', 'content', 'words')";

struct Part {
  std::string partition;
  std::string table;
  std::string name;
  uint64_t bytes = 0;
};

// Oldest day first, and of a day the oldest parts of all tables: the log fills them in step,
// so the place of a part among the numbers of its table tells its age. Of one age content is
// last, because the others refer to it. Names of parts and partitions are the engine's own,
// safe to quote.
Result<std::vector<Part>> ActiveParts(Engine& engine) {
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult result,
      engine.Query({.sql = "SELECT partition, table, name, bytes_on_disk FROM system.parts "
                           "WHERE database = currentDatabase() AND table IN " +
                           std::string(kTables) +
                           " AND active WINDOW day AS (PARTITION BY partition, table) "
                           "ORDER BY partition, (min_block_number - min(min_block_number) OVER day) / "
                           "(1 + max(max_block_number) OVER day - min(min_block_number) OVER day), "
                           "table = 'content', table"}));
  std::vector<Part> parts;
  for (RowReader row(result.bytes); !row.done();) {
    Part part;
    part.partition = row.String();
    part.table = row.String();
    part.name = row.String();
    part.bytes = row.Number<uint64_t>();
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

Retention::Retention(const RetentionOptions& options, Engine& engine, const Clock& clock)
    : options_(options), engine_(engine), clock_(clock) {
  if (options_.interval_seconds > 0) thread_ = std::thread([this] { Run(); });
}

Retention::~Retention() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Retention::Run() {
  while (true) {
    {
      MutexLock lock(mu_);
      if (!stopping_) wake_.WaitFor(lock, std::chrono::seconds(options_.interval_seconds));
      if (stopping_) return;
    }
    if (Status enforced = Enforce(); !enforced) {
      Log(LogLevel::kError, "retention: failed, will try again", {{"error", enforced.error().message}});
    }
  }
}

Status Retention::Enforce() {
  if (options_.days > 0) TELLTALE_RETURN_IF_ERROR(DropOldDays());
  if (options_.size_bytes_max > 0) TELLTALE_RETURN_IF_ERROR(DropToSize());
  return {};
}

Status Retention::DropOldDays() {
  using std::chrono::days;
  const auto today = std::chrono::floor<days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(clock_.UnixNanos())));
  // `days` whole days before today are kept, today comes on top.
  const int64_t oldest_kept = (today - days(options_.days)).time_since_epoch().count();
  TELLTALE_ASSIGN_OR_RETURN(
      const QueryResult result,
      engine_.Query(
          {.sql = "SELECT DISTINCT partition, table FROM system.parts "
                  "WHERE database = currentDatabase() AND table IN " +
                  std::string(kTables) +
                  " AND active AND toDate(partition) < toDate({oldest:Int64}) ORDER BY partition, table",
           .parameters = {{"oldest", std::to_string(oldest_kept)}}}));
  for (RowReader row(result.bytes); !row.done();) {
    const std::string partition(row.String());
    const std::string table(row.String());
    Log(LogLevel::kInfo, "retention: dropping a day",
        {{"day", partition}, {"table", table}, {"kept_days", options_.days}});
    TELLTALE_RETURN_IF_ERROR(DropDay(table, partition));
  }
  return {};
}

Status Retention::DropDay(const std::string& table, const std::string& day) {
  TELLTALE_RETURN_IF_ERROR(engine_.Execute("ALTER TABLE " + table + " DROP PARTITION '" + day + "'"));
  Count(Counter::kPartitionsDropped);
  return {};
}

Status Retention::DropToSize() {
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<Part> parts, ActiveParts(engine_));
  uint64_t bytes = 0;
  for (const Part& part : parts) bytes += part.bytes;
  size_t next = 0;
  while (bytes > options_.size_bytes_max && next < parts.size()) {
    const std::string day = parts[next].partition;
    const std::string& table = parts[next].table;
    const bool newest_day = day == parts.back().partition;
    // The last part of all stays: an empty store would be worse than one above its limit.
    if (next + 1 == parts.size()) break;
    Log(LogLevel::kInfo, "retention: dropping to size",
        {{"day", day},
         {"table", newest_day ? table : "all"},
         {"bytes", bytes},
         {"limit", options_.size_bytes_max},
         {"whole_day", !newest_day}});
    if (newest_day) {
      TELLTALE_RETURN_IF_ERROR(
          engine_.Execute("ALTER TABLE " + table + " DROP PART '" + parts[next].name + "'"));
      Count(Counter::kPartitionsDropped);
      bytes -= parts[next++].bytes;
    } else {
      // The whole day: what is left of it would be spans without content, or content of none.
      std::set<std::string> tables;
      for (; next < parts.size() && parts[next].partition == day; ++next) {
        bytes -= parts[next].bytes;
        tables.insert(parts[next].table);
      }
      for (const std::string& each : tables) TELLTALE_RETURN_IF_ERROR(DropDay(each, day));
    }
  }
  return {};
}

}  // namespace telltale
