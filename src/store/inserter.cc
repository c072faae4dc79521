#include "store/inserter.h"

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"

namespace telltale {
namespace {

std::string TokenOf(const std::string& log_id, LogRange range, BlockKind kind) {
  char text[64];
  std::snprintf(text, sizeof text, "-%" PRIx64 "-%" PRIx64, range.begin, range.end);
  std::string token = log_id + text;
  if (kind != BlockKind::kSpans) token += '-' + std::to_string(static_cast<int>(kind));
  return token;
}

Counter StoredCounterOf(BlockKind kind) {
  switch (kind) {
    case BlockKind::kSpans:
      return Counter::kSpansStored;
    case BlockKind::kLogs:
      return Counter::kLogsStored;
    case BlockKind::kMetrics:
      return Counter::kMetricPointsStored;
    case BlockKind::kCalls:
      return Counter::kCallsStored;
    case BlockKind::kContent:
    case BlockKind::kSaidContent:
      return Counter::kContentChunksStored;
    case BlockKind::kWords:
      return Counter::kWordRowsStored;
  }
  return Counter::kSpansStored;
}

Status CheckKind(const WalRecord& record) {
  if (std::ranges::find(kBlockKinds, record.kind) != std::end(kBlockKinds)) return {};
  return Fail(ErrorCode::kCorrupt,
              "read the log: record at " + std::to_string(record.position) + ": kind " +
                  std::to_string(static_cast<int>(record.kind)) + " is unknown",
              "start the newer telltale that wrote it");
}

}  // namespace

Inserter::Inserter(const InserterOptions& options, WriteAheadLog& log, InsertCursor& cursor, Engine& engine,
                   InsertObserver* observer)
    : options_(options),
      log_(log),
      cursor_(cursor),
      engine_(engine),
      observer_(observer),
      stored_position_(cursor.current().begin) {
  thread_ = std::thread([this] { Run(); });
}

Inserter::~Inserter() {
  Stop();
}

void Inserter::Stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    wake_.NotifyAll();
    stored_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

uint64_t Inserter::lag_bytes() const {
  const uint64_t end = log_.end_position();
  const uint64_t stored = stored_position_;
  return end > stored ? end - stored : 0;
}

bool Inserter::Drain(int timeout_ms) {
  const uint64_t target = log_.end_position();
  const uint64_t deadline = Clock::System()->MonotonicNanos() + static_cast<uint64_t>(timeout_ms) * 1'000'000;
  MutexLock lock(mu_);
  hurry_ = true;
  wake_.NotifyAll();
  while (stored_position_ < target && !stopping_ && Clock::System()->MonotonicNanos() < deadline) {
    stored_.WaitFor(lock, std::chrono::milliseconds(20));
  }
  hurry_ = false;
  return stored_position_ >= target;
}

void Inserter::Pause(int ms) {
  MutexLock lock(mu_);
  if (!stopping_ && !hurry_) wake_.WaitFor(lock, std::chrono::milliseconds(ms));
}

void Inserter::Run() {
  // The range that a crash may have interrupted comes first, cut as it was.
  bool interrupted = cursor_.current().end > cursor_.current().begin;
  while (!stopping_) {
    Result<Load> load = interrupted
                            ? LoadOf(cursor_.current(), {.bytes_max = UINT64_MAX, .rows_max = UINT64_MAX})
                            : NextLoad();
    if (load && load->range.end == load->range.begin) continue;
    if (load && !interrupted) {
      if (Status begun = cursor_.Begin(load->range); !begun) load = std::unexpected(begun.error());
    }
    if (!load) {
      Count(Counter::kStoreInsertRetries);
      Log(LogLevel::kError, "inserter: cannot prepare an insert", {{"error", load.error().message}});
      Pause(1000);
      continue;
    }
    if (Take(*load)) interrupted = false;
  }
}

Result<Inserter::Load> Inserter::NextLoad() {
  const uint64_t begin = std::max<uint64_t>(stored_position_, log_.begin_position());
  log_.WaitForRecord(begin, 200);
  const uint64_t end = log_.end_position();
  if (end <= begin) return Load{.range = {begin, begin}};
  // Let a few more blocks gather, unless there is enough for a large insert already.
  if (end - begin < options_.bytes_max / 4) Pause(options_.linger_ms);
  return LoadOf({begin, UINT64_MAX}, {.bytes_max = options_.bytes_max, .rows_max = options_.rows_max});
}

Result<Inserter::Load> Inserter::LoadOf(LogRange range, const ReadLimits& limits) {
  ReadLimits within = limits;
  within.end_position = range.end;
  auto records = log_.Read(range.begin, within);
  // Released: it was stored before, and only that was not noted.
  if (!records && records.error().code == ErrorCode::kNotFound) return Load{.range = range};
  TELLTALE_RETURN_IF_ERROR(records);
  // A range that was announced keeps its name whatever is left of it.
  if (range.end == UINT64_MAX) range.end = records->empty() ? range.begin : records->back().end_position;
  Load load{.range = range, .records = *std::move(records)};
  for (const WalRecord& record : load.records) {
    TELLTALE_RETURN_IF_ERROR(CheckKind(record));
    if (observer_ != nullptr) observer_->WillStore(record);
  }
  for (const BlockKind kind : kBlockKinds) {
    Insert insert{.kind = kind};
    std::vector<std::string_view> blocks;
    for (const WalRecord& record : load.records) {
      if (record.kind != kind) continue;
      blocks.push_back(record.bytes);
      insert.rows += record.rows;
    }
    if (blocks.empty()) continue;
    if (blocks.size() == 1) {
      insert.block.Refer(blocks.front());
    } else {
      TELLTALE_ASSIGN_OR_RETURN(insert.block, JoinBlocks(blocks));
    }
    load.inserts.push_back(std::move(insert));
  }
  return load;
}

bool Inserter::Take(const Load& load) {
  for (const Insert& insert : load.inserts) {
    if (!InsertUntilStored(insert, load.range)) return false;
  }
  if (observer_ != nullptr) observer_->Stored(load.range);
  log_.Release(load.range.end);
  MutexLock lock(mu_);
  stored_position_ = load.range.end;
  stored_.NotifyAll();
  return true;
}

bool Inserter::InsertUntilStored(const Insert& insert, LogRange range) {
  const std::string token = TokenOf(log_.id(), range, insert.kind);
  for (int pause_ms = 50; !stopping_; pause_ms = std::min(pause_ms * 2, 5000)) {
    const Status inserted = engine_.Insert(insert.kind, insert.block.pieces(), token);
    if (inserted) {
      Count(StoredCounterOf(insert.kind), insert.rows);
      return true;
    }
    Count(Counter::kStoreInsertRetries);
    Log(LogLevel::kError, "inserter: insert failed, will try again",
        {{"error", inserted.error().message}, {"pause_ms", pause_ms}});
    Pause(pause_ms);
  }
  return false;
}

}  // namespace telltale
