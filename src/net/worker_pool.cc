#include "net/worker_pool.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"

namespace telltale {

WorkerPool::WorkerPool(const WorkerPoolOptions& options) : queue_max_(options.queue_max) {
  const int threads = std::max(1, options.threads);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

WorkerPool::~WorkerPool() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    not_empty_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TryPost(std::function<void()> job) {
  MutexLock lock(mu_);
  if (jobs_.size() >= queue_max_) return false;
  jobs_.push_back(std::move(job));
  not_empty_.NotifyOne();
  return true;
}

size_t WorkerPool::queued() {
  MutexLock lock(mu_);
  return jobs_.size();
}

void WorkerPool::Run() {
  while (true) {
    std::function<void()> job;
    {
      MutexLock lock(mu_);
      while (jobs_.empty() && !stopping_) not_empty_.Wait(lock);
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& e) {
      Log(LogLevel::kError, "job failed", {{"reason", e.what()}});
    }
  }
}

}  // namespace telltale
