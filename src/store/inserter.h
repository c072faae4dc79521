// The Inserter carries blocks from the log into the store: few, large inserts, each
// exactly once.
//
//   log  [span][span][log][span] | [span][log] | ...     cursor: the range being inserted
//         \_ spans: one insert, token "logid-begin-end"
//         \_ logs:  one insert, token "logid-begin-end-2"
//
// Always true: a range is written to the cursor before its first insert starts, and the
// same range is inserted under the same tokens until all succeed, over restarts too.
// So nothing that the log acknowledged is lost, and nothing is stored twice.
//
// Ownership      Log, cursor and engine must outlive it.
// Thread safety  All methods may be called from any thread.
// Failure        An insert that fails is tried again for ever, with growing pauses
//                (counted: store_insert_retries); the log fills meanwhile and pushes
//                back on the senders.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "block/join.h"
#include "store/engine.h"
#include "wal/cursor.h"
#include "wal/log.h"

namespace telltale {

struct InserterOptions {
  // One insert: larger ones merge less later and cost memory now.
  uint64_t rows_max = 50'000;
  uint64_t bytes_max = 12ull << 20;
  // How long a block may wait for company before it is inserted. Together with the
  // insert itself this has to stay below the second in which a span must be visible.
  int linger_ms = 400;
};

// Told of everything that goes into the store, on the inserter's thread. A range whose
// insert a crash interrupted is told again.
class InsertObserver {
 public:
  virtual ~InsertObserver() = default;
  virtual void WillStore(const WalRecord& record) = 0;  // in the order of the log
  // The range can be queried, and the log still has it: what is derived from it and
  // written here is lost by no crash.
  virtual void Stored(LogRange range) = 0;
};

class Inserter {
 public:
  // `observer` may be null.
  Inserter(const InserterOptions& options, WriteAheadLog& log, InsertCursor& cursor, Engine& engine,
           InsertObserver* observer = nullptr);
  ~Inserter();  // Stops.

  // Blocks until everything that was durable when it was called is in the store, or
  // `timeout_ms` has passed; true if it is.
  bool Drain(int timeout_ms);

  // Finishes the insert in progress and stops.
  void Stop();

  // Everything before this log position is in the store.
  uint64_t stored_position() const { return stored_position_; }
  uint64_t lag_bytes() const;

 private:
  void Run();
  // One insert: the records of one kind, joined into one block.
  struct Insert {
    BlockKind kind = BlockKind::kSpans;
    uint64_t rows = 0;
    JoinedBlock block;  // points into the load's records
  };
  struct Load {
    LogRange range;
    std::vector<WalRecord> records;
    std::vector<Insert> inserts;  // at most one of each kind, in the order of kBlockKinds
  };

  // Waits for records, lets them gather, cuts. An empty range: nothing yet.
  Result<Load> NextLoad();
  Result<Load> LoadOf(LogRange range, const ReadLimits& limits);
  // Inserts everything of the range and releases it. False: Stop() was called first.
  bool Take(const Load& load);
  // Tries until it succeeds; false: Stop() was called first.
  bool InsertUntilStored(const Insert& insert, LogRange range);
  void Pause(int ms);

  const InserterOptions options_;
  WriteAheadLog& log_;
  InsertCursor& cursor_;
  Engine& engine_;
  InsertObserver* const observer_;

  std::atomic<uint64_t> stored_position_;
  std::atomic<bool> hurry_ = false;  // Drain() waits: do not linger
  Mutex mu_;
  CondVar wake_;    // stopping_ or hurry_
  CondVar stored_;  // stored_position_ moved
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace telltale
