#include "settle/roll_up_keeper.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "base/log.h"

namespace telltale {
namespace {

// A day that has not changed for so long is summed.
constexpr std::chrono::seconds kInterval{60};

// 2026-11-25, in UTC, as partitions are named.
std::string DayOf(uint64_t unix_nanos) {
  using namespace std::chrono;
  const year_month_day day{floor<days>(sys_time<nanoseconds>(nanoseconds(unix_nanos)))};
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

}  // namespace

RollUpKeeper::RollUpKeeper(Engine& engine, const Clock& clock) : clock_(clock), roll_ups_(engine) {
  thread_ = std::thread([this] { Run(); });
}

RollUpKeeper::~RollUpKeeper() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.join();
}

void RollUpKeeper::Run() {
  while (true) {
    const uint64_t now = clock_.UnixNanos();
    if (const Status built = roll_ups_.Build(DayOf(now), now / 1'000'000); !built)
      Log(LogLevel::kError, "roll-ups: failed, will try again", {{"error", built.error().message}});
    MutexLock lock(mu_);
    if (!stopping_) wake_.WaitFor(lock, kInterval);
    if (stopping_) return;
  }
}

}  // namespace telltale
