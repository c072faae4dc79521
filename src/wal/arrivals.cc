#include "wal/arrivals.h"

#include <algorithm>

namespace telltale {

Arrivals::Ticket Arrivals::Arrive(int64_t now_unix_ms) {
  MutexLock lock(mu_);
  last_unix_ms_ = std::max({last_unix_ms_, now_unix_ms, told_unix_ms_ + 1});
  arriving_.insert(last_unix_ms_);
  return {.unix_ms = last_unix_ms_};
}

void Arrivals::Logged(Ticket ticket, uint64_t log_end) {
  MutexLock lock(mu_);
  arriving_.erase(arriving_.find(ticket.unix_ms));
  if (log_end <= stored_) return;
  // Those that arrived later, and leave the log no later, say nothing beside this one.
  while (!logged_.empty() && logged_.back().unix_ms >= ticket.unix_ms) logged_.pop_back();
  if (!logged_.empty() && logged_.back().log_end >= log_end) return;
  logged_.push_back({.unix_ms = ticket.unix_ms, .log_end = log_end});
}

void Arrivals::Refused(Ticket ticket) {
  MutexLock lock(mu_);
  arriving_.erase(arriving_.find(ticket.unix_ms));
}

void Arrivals::Stored(uint64_t log_position) {
  MutexLock lock(mu_);
  if (log_position >= opened_at_) opened_at_ = 0;
  stored_ = log_position;
  while (!logged_.empty() && logged_.front().log_end <= log_position) logged_.pop_front();
}

std::optional<int64_t> Arrivals::stored_until_unix_ms() {
  MutexLock lock(mu_);
  if (opened_at_ > 0) return std::nullopt;
  int64_t until = last_unix_ms_;
  if (!arriving_.empty()) until = std::min(until, *arriving_.begin() - 1);
  if (!logged_.empty()) until = std::min(until, logged_.front().unix_ms - 1);
  told_unix_ms_ = std::max(told_unix_ms_, until);
  return told_unix_ms_;
}

}  // namespace telltale
