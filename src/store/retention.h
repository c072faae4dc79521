// Retention keeps the store within its days and its bytes.
//
//   Retention retention({.days = 14, .size_bytes_max = 20ull << 30}, engine, clock);
//
// A day of arrival is a partition and goes as a whole: its files are removed, nothing
// is rewritten, so it works on a full disk too. When today alone is above the limit in
// bytes, its oldest parts go: later spans may then lack content that was stored before them.
//
// Ownership      Engine and clock must outlive it.
// Thread safety  One thread of its own; Enforce may also be called by tests.
// Failure        A statement that fails is logged and tried again a minute later.
#pragma once

#include <cstdint>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/engine.h"

namespace telltale {

struct RetentionOptions {
  int days = 30;                // 0: for ever
  uint64_t size_bytes_max = 0;  // 0: no limit
  int interval_seconds = 60;
};

class Retention {
 public:
  Retention(const RetentionOptions& options, Engine& engine, const Clock& clock);
  ~Retention();  // Stops.

  // Drops what is too old or too much now.
  Status Enforce();

 private:
  void Run();
  Status DropOldDays();
  Status DropDay(const std::string& table, const std::string& day);
  Status DropToSize();

  const RetentionOptions options_;
  Engine& engine_;
  const Clock& clock_;
  Mutex mu_;
  CondVar wake_;
  bool stopping_ TELLTALE_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace telltale
