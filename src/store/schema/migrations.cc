#include "store/schema/migrations.h"

#include <iterator>
#include <string>
#include <string_view>

#include "base/log.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

struct Migration {
  uint32_t number;
  std::string_view name;
  std::string_view sql;
  std::string_view settings = {};  // What the statement ends with.
};

// Behind the settings of each table that the log fills; what they are for is said below.
#define TELLTALE_LOG_TABLE                                                        \
  ", non_replicated_deduplication_window = 10000, fsync_after_insert = 1, "       \
  "fsync_part_directory = 1, old_parts_lifetime = 10, merge_selector_base = 10, " \
  "max_bytes_to_merge_at_max_space_in_pool = 150000000, "                         \
  "number_of_free_entries_in_pool_to_execute_mutation = 1, "                      \
  "number_of_free_entries_in_pool_to_lower_max_size_of_merge = 1"

// Of every table that the log fills.
//
// No column names a codec, so that the engine's compression rule holds: fresh parts are
// LZ4, parts from 20 MB on ZSTD (embedded_engine.cc). Parts stop merging at 150 MB: a
// span is then merged about once, and retention by size always has an old part to drop.
// A fresh part is compact: a few files instead of fifty, which are created and synced.
// Granules are at most 1 MiB, so that merging and reading LLM spans takes little memory.
// What a merge replaced goes after 10 s instead of 8 minutes: every part is synced, and
// until then it takes the disk twice.
constexpr std::string_view kTableSettings = R"sql(
SETTINGS index_granularity = 2048,
         index_granularity_bytes = 1048576,
         min_bytes_for_wide_part = 33554432,
         vertical_merge_algorithm_min_rows_to_activate = 1,
         merge_max_block_size_bytes = 4194304
)sql" TELLTALE_LOG_TABLE;

// Of tables with many narrow columns: a merge that goes column by column (vertical) costs
// more for opening them than it saves.
constexpr std::string_view kNarrowTableSettings = R"sql(
SETTINGS index_granularity = 2048,
         min_bytes_for_wide_part = 134217728,
         enable_vertical_merge_algorithm = 0
)sql" TELLTALE_LOG_TABLE;

// Of chunks a few are read, by key, or a group of half a megabyte (content/word_groups.h): small
// granules.
constexpr std::string_view kContentSettings = R"sql(
SETTINGS index_granularity = 256,
         index_granularity_bytes = 131072,
         min_bytes_for_wide_part = 33554432,
         merge_max_block_size_bytes = 4194304
)sql" TELLTALE_LOG_TABLE;

constexpr std::string_view kSumsSettings =
    " SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 134217728, old_parts_lifetime = 10";

// A row is some kilobytes, and a search takes those of one bucket: small granules.
constexpr std::string_view kWordsSettings = R"sql(
SETTINGS index_granularity = 256,
         index_granularity_bytes = 1048576,
         min_bytes_for_wide_part = 134217728,
         merge_max_block_size_bytes = 4194304
)sql" TELLTALE_LOG_TABLE;

#undef TELLTALE_LOG_TABLE

// The layout and its measurements: docs/decisions/0002-store-layout.md.
//
// The partition is the day of *arrival*: a sender whose clock is wrong cannot make
// partitions, one insert is one part, and retention drops whole days. Spans are read by
// `start`, which orders every part.
constexpr Migration kMigrations[] = {
    {1, "spans", R"sql(
CREATE TABLE IF NOT EXISTS spans (
  trace_id           FixedString(16),
  span_id            FixedString(8),
  parent_id          FixedString(8),
  start              DateTime64(9, 'UTC'),
  duration           Int64,
  service            LowCardinality(String),
  name               LowCardinality(String),
  kind               UInt8,
  status             UInt8,
  status_message     String,
  trace_state        String,
  flags              UInt32,
  attrs              Map(LowCardinality(String), String),
  attr_types         LowCardinality(String),
  dropped_attributes UInt32,
  dropped_events     UInt32,
  dropped_links      UInt32,
  resource           LowCardinality(String),
  scope              LowCardinality(String),
  events             String,
  links              String,
  received           DateTime64(3, 'UTC'),
  INDEX by_trace   trace_id         TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_service service          TYPE set(64)             GRANULARITY 1,
  INDEX by_key     mapKeys(attrs)   TYPE bloom_filter(0.01)  GRANULARITY 1,
  INDEX by_value   mapValues(attrs) TYPE bloom_filter(0.01)  GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(received)
ORDER BY start
)sql",
     kTableSettings},
    // Lists of services and operations over all time read a few rows of each part instead
    // of every span. Counted inside the part: never out of step with its spans.
    {2, "operations", R"sql(
ALTER TABLE spans ADD PROJECTION operations (
  SELECT service, name, kind, count(), countIf(status = 2), max(start) GROUP BY service, name, kind)
)sql"},
    // Logs are read by trace, or newest first; metrics by name and time. Settings as for
    // spans, for the same reasons.
    {3, "logs", R"sql(
CREATE TABLE IF NOT EXISTS logs (
  time               DateTime64(9, 'UTC'),
  sent_time          UInt64,
  observed_time      UInt64,
  trace_id           FixedString(16),
  span_id            FixedString(8),
  service            LowCardinality(String),
  severity           UInt8,
  severity_text      LowCardinality(String),
  event_name         LowCardinality(String),
  body               String,
  body_type          UInt8,
  flags              UInt32,
  attrs              Map(LowCardinality(String), String),
  attr_types         LowCardinality(String),
  dropped_attributes UInt32,
  resource           LowCardinality(String),
  scope              LowCardinality(String),
  received           DateTime64(3, 'UTC'),
  INDEX by_trace   trace_id         TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_service service          TYPE set(64)             GRANULARITY 1,
  INDEX by_key     mapKeys(attrs)   TYPE bloom_filter(0.01)  GRANULARITY 1,
  INDEX by_value   mapValues(attrs) TYPE bloom_filter(0.01)  GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(received)
ORDER BY time
)sql",
     kTableSettings},
    {4, "metrics", R"sql(
CREATE TABLE IF NOT EXISTS metrics (
  name               LowCardinality(String),
  time               DateTime64(9, 'UTC'),
  start              DateTime64(9, 'UTC'),
  service            LowCardinality(String),
  type               UInt8,
  temporality        UInt8,
  monotonic          UInt8,
  unit               LowCardinality(String),
  description        LowCardinality(String),
  value              Float64,
  is_integer         UInt8,
  integer            Int64,
  count              UInt64,
  sum                Float64,
  min                Float64,
  max                Float64,
  shape              String,
  exemplars          String,
  flags              UInt32,
  attrs              Map(LowCardinality(String), String),
  attr_types         LowCardinality(String),
  resource           LowCardinality(String),
  scope              LowCardinality(String),
  received           DateTime64(3, 'UTC')
) ENGINE = MergeTree
PARTITION BY toDate(received)
ORDER BY (name, time)
)sql",
     kTableSettings},
    // What spans are as calls: docs/decisions/0009-calls-table.md. A row that its trace, or
    // a newer price, has changed is inserted again with a larger revision.
    {5, "calls", R"sql(
CREATE TABLE IF NOT EXISTS calls (
  trace_id              FixedString(16),
  span_id               FixedString(8),
  parent_id             FixedString(8),
  start                 DateTime64(9, 'UTC'),
  duration              Int64,
  response_hash         UInt64,
  service               LowCardinality(String),
  name                  LowCardinality(String),
  scope                 LowCardinality(String),
  kind                  UInt8,
  dialect               LowCardinality(String),
  provider              LowCardinality(String),
  request_model         LowCardinality(String),
  response_model        LowCardinality(String),
  service_tier          LowCardinality(String),
  response_id           String,
  finish_reason         LowCardinality(String),
  failed                UInt8,
  error_type            LowCardinality(String),
  conversation          String,
  user                  String,
  agent                 LowCardinality(String),
  tool                  LowCardinality(String),
  prompt                LowCardinality(String),
  prompt_version        LowCardinality(String),
  time_to_first_token   Float64,
  input_tokens          Int64,
  output_tokens         Int64,
  cache_read_tokens     Int64,
  cache_write_tokens    Int64,
  cache_write_5m_tokens Int64,
  cache_write_1h_tokens Int64,
  audio_input_tokens    Int64,
  image_input_tokens    Int64,
  reasoning_tokens      Int64,
  audio_output_tokens   Int64,
  image_output_tokens   Int64,
  web_searches          Int64,
  usage_convention      UInt8,
  usage_scope           UInt8,
  usage_source          UInt8,
  reported_cost         Float64,
  counts                UInt8,
  duplicate_of          FixedString(8),
  cost                  Int64,
  cost_status           UInt8,
  cost_reason           UInt8,
  price_rule            LowCardinality(String),
  price_table           LowCardinality(String),
  revision              UInt32,
  received              DateTime64(3, 'UTC'),
  INDEX by_trace        trace_id      TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX by_response     response_hash TYPE bloom_filter(0.01)  GRANULARITY 1,
  INDEX by_conversation conversation  TYPE bloom_filter(0.01)  GRANULARITY 1
) ENGINE = ReplacingMergeTree(revision)
PARTITION BY toDate(received)
ORDER BY (start, trace_id, span_id)
)sql",
     kNarrowTableSettings},
    // The chunks of large values (content/). Rows of the other tables refer to one by the
    // millisecond in which it was stored and its hash; what came together lies together.
    // Measurements: docs/decisions/0008-content-kept-once.md.
    {6, "content", R"sql(
CREATE TABLE IF NOT EXISTS content (
  stored Int64,
  hash   UInt64,
  bytes  String
) ENGINE = MergeTree
PARTITION BY toDate(fromUnixTimestamp64Milli(stored, 'UTC'))
ORDER BY stored
)sql",
     kContentSettings},
    // Who said first what a chunk says, and the group of text that it belongs to
    // (content/word_groups.h): docs/decisions/0011-full-text.md. Rows from before have none. Two
    // columns and not eight: each takes its time at every insert and merge.
    {7, "said", R"sql(
ALTER TABLE content
  ADD COLUMN IF NOT EXISTS text_group Int64,
  ADD COLUMN IF NOT EXISTS owner      FixedString(32),
  ADD COLUMN IF NOT EXISTS source     LowCardinality(String),
  ADD INDEX IF NOT EXISTS by_group text_group TYPE minmax GRANULARITY 1
)sql"},
    // The words of each group, by the first bits of their keys: who asks for one word reads a
    // sixteenth. Three bytes a word, one after the other.
    {8, "words", R"sql(
CREATE TABLE IF NOT EXISTS words (
  bucket     UInt8,
  text_group Int64,
  words      String
) ENGINE = MergeTree
PARTITION BY toDate(fromUnixTimestamp64Milli(text_group, 'UTC'))
ORDER BY (bucket, text_group)
)sql",
     kWordsSettings},
    // Sums over the calls of each day, for questions over weeks: query/call_roll_ups.h and
    // docs/decisions/0012-roll-ups.md. A day that is summed again is a partition of its own.
    {9, "call_sums", R"sql(
CREATE TABLE IF NOT EXISTS call_sums (
  day            Date,
  generation     UInt64,
  is_day         UInt8,
  start          DateTime64(9, 'UTC'),
  service        LowCardinality(String),
  name           LowCardinality(String),
  provider       LowCardinality(String),
  request_model  LowCardinality(String),
  response_model LowCardinality(String),
  kind           UInt8,
  failed         UInt8,
  prompt         LowCardinality(String),
  prompt_version LowCardinality(String),
  agent          LowCardinality(String),
  cost_status    UInt8,
  counts         UInt8 ALIAS 1,
  calls          UInt64,
  errors         UInt64,
  input          Int64,
  output         Int64,
  cache_read     Int64,
  cache_write    Int64,
  reasoning      Int64,
  without_usage  UInt64,
  total_cost     Int128,
  computed       UInt64,
  reported       UInt64,
  unpriced       UInt64,
  no_usage       UInt64,
  all_duration   Int128,
  timed_tokens   Int64,
  timed_nanos    Int128,
  durations      AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64),
  first_tokens   AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Float64)
) ENGINE = MergeTree
PARTITION BY (day, generation)
ORDER BY (is_day, start)
)sql",
     kSumsSettings},
    {10, "call_sum_days", R"sql(
CREATE TABLE IF NOT EXISTS call_sum_days (
  day         Date,
  generation  UInt64,
  first_block Int64,
  last_block  Int64,
  has_sums    UInt8
) ENGINE = MergeTree
ORDER BY (day, generation)
)sql"},
};

constexpr std::string_view kJournal =
    "CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String, applied DateTime DEFAULT now()) "
    "ENGINE = MergeTree ORDER BY number";

}  // namespace

Status Migrate(Engine& engine) {
  TELLTALE_RETURN_IF_ERROR(engine.Execute(std::string(kJournal)));
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                            engine.Query({.sql = "SELECT max(number) FROM migrations"}));
  const auto current = RowReader(result.bytes).Number<uint32_t>();
  const uint32_t newest = std::end(kMigrations)[-1].number;
  if (current > newest) {
    return Fail(ErrorCode::kCorrupt,
                "open the store: it has migration " + std::to_string(current) +
                    ": this telltale knows up to " + std::to_string(newest),
                "start the newer telltale that wrote it, or give this one another folder with --data");
  }
  for (const Migration& migration : kMigrations) {
    if (migration.number <= current) continue;
    Log(LogLevel::kInfo, "store: migrating", {{"number", migration.number}, {"name", migration.name}});
    TELLTALE_RETURN_IF_ERROR(engine.Execute(std::string(migration.sql).append(migration.settings)));
    TELLTALE_RETURN_IF_ERROR(engine.Execute("INSERT INTO migrations (number, name) VALUES (" +
                                            std::to_string(migration.number) + ", '" +
                                            std::string(migration.name) + "')"));
  }
  return {};
}

}  // namespace telltale
