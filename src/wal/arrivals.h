// When things arrived, and until when everything that arrived is in the store: readers that
// follow what is stored read up to there, and miss nothing.
//
//   const Arrivals::Ticket ticket = arrivals.Arrive(now_unix_ms);    // ticket.unix_ms goes into the rows
//   log.Append(blocks, [=](Status durable) { durable ? arrivals.Logged(ticket, log.end_position())
//                                                    : arrivals.Refused(ticket); });
//   arrivals.Stored(range.end);              // the store has the log up to here
//   arrivals.stored_until_unix_ms();
//
//   arrivals   |--- stored ---|- logged, in the log's order -|- not yet in the log -|
//                             ^ the earliest of these two, less one: stored until
//
// Always true: no later arrival is told a time at or before one that stored_until_unix_ms() has
// given, whatever the clock does.
//
// Thread safety  All methods may be called from any thread; Logged, and Stored, in the order
//                of the log; what is stored may be told before that it was logged.
// Cost           A lock and a few comparisons an arrival.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "base/mutex.h"

namespace telltale {

class Arrivals {
 public:
  // What is in the log at its opening, up to `log_end`, arrived before `now_unix_ms`.
  Arrivals(uint64_t log_end, int64_t now_unix_ms) : last_unix_ms_(now_unix_ms), opened_at_(log_end) {}

  struct Ticket {
    int64_t unix_ms = 0;
  };
  Ticket Arrive(int64_t now_unix_ms);
  void Logged(Ticket ticket, uint64_t log_end);
  void Refused(Ticket ticket);
  void Stored(uint64_t log_position);

  // nullopt: what a former process left in the log is not all in the store yet.
  std::optional<int64_t> stored_until_unix_ms();

 private:
  struct Waiting {
    int64_t unix_ms = 0;  // the earliest of all that were logged from here to the next one
    uint64_t log_end = 0;
  };

  Mutex mu_;
  int64_t last_unix_ms_ TELLTALE_GUARDED_BY(mu_);
  int64_t told_unix_ms_ TELLTALE_GUARDED_BY(mu_) = -1;
  uint64_t opened_at_ TELLTALE_GUARDED_BY(mu_);  // 0: the store has it
  uint64_t stored_ TELLTALE_GUARDED_BY(mu_) = 0;
  std::multiset<int64_t> arriving_ TELLTALE_GUARDED_BY(mu_);
  std::deque<Waiting> logged_ TELLTALE_GUARDED_BY(mu_);  // earliest arrival first, and end first
};

}  // namespace telltale
