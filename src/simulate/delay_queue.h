// Runs functions later, on one thread, so that a simulated wait blocks no server
// thread.
//
//   delays.After(std::chrono::milliseconds(600), [done] { done(Answer()); });
//
// Ownership      Functions own what they touch. The destructor drops those still
//                waiting, without running them.
// Thread safety  After may be called from any thread. Functions must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace telltale {

class DelayQueue {
 public:
  DelayQueue();
  ~DelayQueue();
  DelayQueue(const DelayQueue&) = delete;

  void After(std::chrono::nanoseconds delay, std::function<void()> run);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Entry {
    Time at;
    uint64_t order = 0;  // of two due at the same moment, the older goes first
    std::function<void()> run;
    bool operator>(const Entry& other) const { return at != other.at ? at > other.at : order > other.order; }
  };

  void Run();

  Mutex mu_;
  CondVar changed_;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> entries_ TELLTALE_GUARDED_BY(mu_);
  uint64_t entries_added_ TELLTALE_GUARDED_BY(mu_) = 0;
  bool stopping_ TELLTALE_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace telltale
