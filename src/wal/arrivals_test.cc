#include "wal/arrivals.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace telltale {
namespace {

TEST(Arrivals, WhatAFormerProcessLeftInTheLogComesFirst) {
  Arrivals arrivals(500, 1'000);
  EXPECT_FALSE(arrivals.stored_until_unix_ms());
  arrivals.Stored(499);
  EXPECT_FALSE(arrivals.stored_until_unix_ms());
  arrivals.Stored(500);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'000);
}

TEST(Arrivals, NothingIsStoredBeforeWhatIsOnItsWay) {
  Arrivals arrivals(0, 1'000);
  const auto slow = arrivals.Arrive(1'010);
  const auto quick = arrivals.Arrive(1'020);
  arrivals.Logged(quick, 100);
  arrivals.Stored(100);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'009);
  arrivals.Logged(slow, 200);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'009);
  arrivals.Stored(200);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'020);
}

TEST(Arrivals, WhatIsRefusedHoldsNothingUp) {
  Arrivals arrivals(0, 1'000);
  arrivals.Refused(arrivals.Arrive(1'010));
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'010);
}

TEST(Arrivals, NobodyArrivesBeforeWhatWasTold) {
  Arrivals arrivals(0, 1'000);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'000);
  EXPECT_EQ(arrivals.Arrive(1'000).unix_ms, 1'001);
  EXPECT_EQ(arrivals.Arrive(900).unix_ms, 1'001);  // a clock that was set back
}

TEST(Arrivals, WhatIsStoredBeforeItIsToldThatItWasLoggedHoldsNothingUp) {
  Arrivals arrivals(0, 1'000);
  const auto ticket = arrivals.Arrive(1'010);
  arrivals.Stored(100);
  arrivals.Logged(ticket, 100);
  EXPECT_EQ(arrivals.stored_until_unix_ms(), 1'010);
}

// Against a list of everything, in any order of events.
TEST(Arrivals, IsRightWhateverTheOrder) {
  std::mt19937 random(1);
  struct One {
    Arrivals::Ticket ticket;
    uint64_t log_end = 0;
  };
  for (int round = 0; round < 200; ++round) {
    Arrivals arrivals(0, 1'000);
    std::vector<One> arriving, logged;
    uint64_t end = 10;
    uint64_t stored = 0;
    int64_t now = 1'000;
    int64_t told = 0;
    for (int step = 0; step < 200; ++step) {
      now += random() % 3;
      if (random() % 2 == 0) {
        arriving.push_back({.ticket = arrivals.Arrive(now)});
        ASSERT_GT(arriving.back().ticket.unix_ms, told);
      } else if (!arriving.empty()) {
        const size_t i = random() % arriving.size();
        end += random() % 2 * 10;
        arrivals.Logged(arriving[i].ticket, end);
        if (end > stored) logged.push_back({.ticket = arriving[i].ticket, .log_end = end});
        arriving.erase(arriving.begin() + static_cast<ptrdiff_t>(i));
      }
      if (random() % 4 == 0) {
        stored = std::max(stored, end - std::min<uint64_t>(end, random() % 30));
        arrivals.Stored(stored);
        std::erase_if(logged, [&](const One& one) { return one.log_end <= stored; });
      }
      told = arrivals.stored_until_unix_ms().value();
      for (const auto& list : {arriving, logged}) {
        for (const One& one : list) ASSERT_LT(told, one.ticket.unix_ms);
      }
    }
    for (const One& one : arriving) arrivals.Refused(one.ticket);
    arrivals.Stored(end);
    ASSERT_GE(arrivals.stored_until_unix_ms().value(), told);
  }
}

}  // namespace
}  // namespace telltale
