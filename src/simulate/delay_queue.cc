#include "simulate/delay_queue.h"

#include <utility>

namespace telltale {

DelayQueue::DelayQueue() : thread_([this] { Run(); }) {}

DelayQueue::~DelayQueue() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void DelayQueue::After(std::chrono::nanoseconds delay, std::function<void()> run) {
  MutexLock lock(mu_);
  entries_.push(
      {.at = std::chrono::steady_clock::now() + delay, .order = entries_added_++, .run = std::move(run)});
  changed_.NotifyAll();
}

void DelayQueue::Run() {
  while (true) {
    std::function<void()> run;
    {
      MutexLock lock(mu_);
      while (!stopping_ && (entries_.empty() || entries_.top().at > std::chrono::steady_clock::now())) {
        if (entries_.empty()) {
          changed_.Wait(lock);
        } else {
          changed_.WaitFor(lock, entries_.top().at - std::chrono::steady_clock::now());
        }
      }
      if (stopping_) return;
      run = entries_.top().run;
      entries_.pop();
    }
    run();
  }
}

}  // namespace telltale
