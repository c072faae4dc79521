// Mutex, MutexLock and CondVar: std::mutex and std::condition_variable with the
// annotations that let clang prove, at compile time, that a guarded member is
// only touched under its lock (preset `locks`).
//
//   Mutex mu_;
//   uint64_t bytes_ TELLTALE_GUARDED_BY(mu_) = 0;
//
//   MutexLock lock(mu_);
//   while (bytes_ == 0) not_empty_.Wait(lock);
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define TELLTALE_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define TELLTALE_THREAD_ANNOTATION(x)
#endif

// The member may be read or written only while `mu` is held.
#define TELLTALE_GUARDED_BY(mu) TELLTALE_THREAD_ANNOTATION(guarded_by(mu))
// The caller must hold `mu`.
#define TELLTALE_REQUIRES(mu) TELLTALE_THREAD_ANNOTATION(requires_capability(mu))
// The caller must not hold `mu`: the function takes it.
#define TELLTALE_EXCLUDES(mu) TELLTALE_THREAD_ANNOTATION(locks_excluded(mu))

namespace telltale {

class TELLTALE_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() TELLTALE_THREAD_ANNOTATION(acquire_capability()) { mu_.lock(); }
  void Unlock() TELLTALE_THREAD_ANNOTATION(release_capability()) { mu_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mu_;
};

class TELLTALE_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mu) TELLTALE_THREAD_ANNOTATION(acquire_capability(mu)) : lock_(mu.mu_) {}
  ~MutexLock() TELLTALE_THREAD_ANNOTATION(release_capability()) {}
  MutexLock(const MutexLock&) = delete;

 private:
  friend class CondVar;
  std::unique_lock<std::mutex> lock_;
};

class CondVar {
 public:
  // Waits may wake for no reason: call them in a loop over the condition.
  void Wait(MutexLock& lock) { cv_.wait(lock.lock_); }
  void WaitFor(MutexLock& lock, std::chrono::nanoseconds timeout) { cv_.wait_for(lock.lock_, timeout); }
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

}  // namespace telltale
