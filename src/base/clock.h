// Time comes in through a Clock, so that tests own it.
//
// Thread safety  All methods may be called from any thread.
#pragma once

#include <cstdint>

namespace telltale {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since the Unix epoch; may jump when the machine's clock is set.
  virtual uint64_t UnixNanos() const = 0;
  // Nanoseconds since some fixed moment; never goes back. For durations.
  virtual uint64_t MonotonicNanos() const = 0;

  // The machine's clock. Never null, lives for the whole process.
  static const Clock* System();
};

}  // namespace telltale
