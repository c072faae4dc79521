// Keeps the sums over calls (query/call_roll_ups.h) up with the calls, a minute after a day is quiet.
//
//   RollUpKeeper keeper(engine, clock);
//
// Ownership      Engine and clock must outlive it.
// Thread safety  One thread of its own.
// Failure        What fails is logged and tried again a minute later; until then the calls are read.
#pragma once

#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "query/call_roll_ups.h"
#include "store/engine.h"

namespace telltale {

class RollUpKeeper {
 public:
  RollUpKeeper(Engine& engine, const Clock& clock);
  ~RollUpKeeper();  // Stops.

 private:
  void Run();

  const Clock& clock_;
  CallRollUps roll_ups_;  // the thread's
  Mutex mu_;
  CondVar wake_;
  bool stopping_ TELLTALE_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace telltale
