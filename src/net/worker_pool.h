// Threads for work that must not run on a server's own: queries, simulated waits.
//
//   WorkerPool pool({.threads = 2, .queue_max = 64});
//   if (!pool.TryPost([=] { done(Answer(request)); })) done(Busy());
//
// Ownership      Jobs own what they touch. The destructor runs the jobs still queued,
//                then joins: what a job captures by reference must outlive the pool.
// Thread safety  TryPost may be called from any thread, from jobs too.
// Failure        A job must not throw; one that does is logged and the thread goes on.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace telltale {

struct WorkerPoolOptions {
  int threads = 1;
  size_t queue_max = 1024;  // jobs waiting, beside those that run
};

class WorkerPool {
 public:
  explicit WorkerPool(const WorkerPoolOptions& options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;

  // False, and `job` is not kept, when the queue is full.
  [[nodiscard]] bool TryPost(std::function<void()> job);
  // Jobs waiting for a thread.
  size_t queued();

 private:
  void Run();

  const size_t queue_max_;
  Mutex mu_;
  CondVar not_empty_;
  std::deque<std::function<void()>> jobs_ TELLTALE_GUARDED_BY(mu_);
  bool stopping_ TELLTALE_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace telltale
