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
#include "block/join.h"

namespace telltale {
namespace {

std::string TokenOf(const std::string& log_id, LogRange range) {
  char text[48];
  std::snprintf(text, sizeof text, "-%" PRIx64 "-%" PRIx64, range.begin, range.end);
  return log_id + text;
}

}  // namespace

Inserter::Inserter(const InserterOptions& options, WriteAheadLog& log, InsertCursor& cursor, Engine& engine)
    : options_(options),
      log_(log),
      cursor_(cursor),
      engine_(engine),
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
  if (const LogRange last = cursor_.current(); last.end > last.begin) {
    if (!Take(last)) return;
  }
  while (!stopping_) {
    const LogRange range = NextRange();
    if (range.end == range.begin) continue;
    if (Status begun = cursor_.Begin(range); !begun) {
      Count(Counter::kStoreInsertRetries);
      Log(LogLevel::kError, "inserter: cannot announce an insert", {{"error", begun.error().message}});
      Pause(1000);
      continue;
    }
    if (!Take(range)) return;
  }
}

LogRange Inserter::NextRange() {
  const uint64_t begin = std::max<uint64_t>(stored_position_, log_.begin_position());
  log_.WaitForRecord(begin, 200);
  uint64_t end = log_.end_position();
  if (end <= begin) return {begin, begin};
  // Let a few more blocks gather, unless there is enough for a large insert already.
  if (end - begin < options_.bytes_max / 4) Pause(options_.linger_ms);
  auto records = log_.Read(begin, {.bytes_max = options_.bytes_max, .rows_max = options_.rows_max});
  if (!records) {
    Log(LogLevel::kError, "inserter: cannot read the log", {{"error", records.error().message}});
    Pause(1000);
    return {begin, begin};
  }
  return {begin, records->empty() ? begin : records->back().end_position};
}

bool Inserter::Take(LogRange range) {
  for (int pause_ms = 50; !stopping_; pause_ms = std::min(pause_ms * 2, 5000)) {
    uint64_t rows = 0;
    const Status inserted = InsertOnce(range, rows);
    if (inserted) {
      Count(Counter::kSpansStored, rows);
      log_.Release(range.end);
      MutexLock lock(mu_);
      stored_position_ = range.end;
      stored_.NotifyAll();
      return true;
    }
    Count(Counter::kStoreInsertRetries);
    Log(LogLevel::kError, "inserter: insert failed, will try again",
        {{"error", inserted.error().message}, {"pause_ms", pause_ms}});
    Pause(pause_ms);
  }
  return false;
}

Status Inserter::InsertOnce(LogRange range, uint64_t& rows) {
  auto records =
      log_.Read(range.begin, {.bytes_max = UINT64_MAX, .rows_max = UINT64_MAX, .end_position = range.end});
  if (!records && records.error().code == ErrorCode::kNotFound) return {};  // Released: it was stored.
  TELLTALE_RETURN_IF_ERROR(records);
  std::vector<std::string_view> blocks;
  for (const LogRecord& record : *records) {
    blocks.push_back(record.bytes);
    rows += record.rows;
  }
  if (blocks.empty()) return {};
  const std::string token = TokenOf(log_.id(), range);
  if (blocks.size() == 1) return engine_.Insert(BlockKind::kSpans, blocks.front(), token);
  TELLTALE_ASSIGN_OR_RETURN(const std::string joined, JoinBlocks(blocks));
  return engine_.Insert(BlockKind::kSpans, joined, token);
}

}  // namespace telltale
