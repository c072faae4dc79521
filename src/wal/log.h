// The write-ahead log: blocks are safe on disk before their sender is told so, and
// stay there until the store has them.
//
//   auto log = WriteAheadLog::Open({.folder = data / "log"});
//   (*log)->Append(std::move(blocks), [](Status durable) { ... answer the sender ... });
//
//   // The one reader, from where its cursor stands:
//   auto records = (*log)->Read(position, {.bytes_max = 32 << 20, .rows_max = 50'000});
//   ... insert them ...
//   (*log)->Release(records->back().end_position);
//
// Group commit: one thread writes everything that waits with one write and one
// fdatasync, so the batch grows by itself while the disk is busy.
//
// Ownership      Callbacks run on the log's own thread and must not block. Close()
//                (and the destructor) finish every append that was accepted first.
// Thread safety  All methods may be called from any thread; Read and Release by one
//                reader at a time.
// Failure        Append answers kUnavailable when the log is at its limit on disk,
//                when too much waits in memory, or when the disk is full: nothing
//                was kept, the sender may try again. After a failed fdatasync nobody
//                can know what the disk holds: the log then refuses everything until
//                the process is started again (failed()).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "trace/block.h"

namespace telltale {

struct WriteAheadLogOptions {
  std::filesystem::path folder;
  // A segment is preallocated, so that syncing it need not change its size.
  uint64_t segment_bytes = 64ull << 20;
  // What the log may hold that the store does not have yet. At about 250 bytes a
  // span, 1 GiB is four million spans: minutes of a broken store.
  uint64_t size_bytes_max = 1ull << 30;
  // What may wait for the disk in memory.
  uint64_t pending_bytes_max = 32ull << 20;
};

struct WalRecord {
  uint64_t position = 0;      // of its first byte
  uint64_t end_position = 0;  // of the next record
  BlockKind kind = BlockKind::kSpans;
  uint32_t rows = 0;
  std::string bytes;
};

struct ReadLimits {
  uint64_t bytes_max = 0;
  uint64_t rows_max = 0;
  uint64_t end_position = UINT64_MAX;  // Stop before a record at or after this.
};

class WriteAheadLog {
 public:
  using Done = std::function<void(Status)>;

  // Opens or makes the log in `folder`. Torn records at its end are cut off and
  // counted (log_records_torn); broken ones in its middle are skipped and counted
  // (log_records_corrupt).
  static Result<std::unique_ptr<WriteAheadLog>> Open(const WriteAheadLogOptions& options);

  virtual ~WriteAheadLog() = default;

  // All of them or none, in this order; a crash before `done` may keep the first ones.
  // REQUIRES: blocks is not empty, and bytes.size() <= kRecordBytesMax of each.
  virtual void Append(std::vector<Block> blocks, Done done) = 0;

  // Records from `position` on that are durable, oldest first: at least one if there
  // is any, then as many as fit the limits.
  virtual Result<std::vector<WalRecord>> Read(uint64_t position, const ReadLimits& limits) = 0;

  // Waits until a durable record exists at or after `position`, or `timeout_ms` has
  // passed, or Close() was called.
  virtual void WaitForRecord(uint64_t position, int timeout_ms) = 0;

  // The store has everything before `position`: its segments may go.
  virtual void Release(uint64_t position) = 0;

  virtual void Close() = 0;

  // A random name made with the log: it makes positions unique between logs.
  virtual std::string id() const = 0;
  virtual uint64_t begin_position() const = 0;  // the oldest byte still here
  virtual uint64_t end_position() const = 0;    // everything before it is durable
  virtual uint64_t size_bytes() const = 0;      // not yet released
  virtual uint64_t pending_bytes() const = 0;   // waiting for the disk
  virtual bool failed() const = 0;
};

}  // namespace telltale
