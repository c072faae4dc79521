#include "simulate/delay_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>

namespace telltale {
namespace {

using std::chrono::milliseconds;

TEST(DelayQueue, RunsTheEarlierFirstAndEqualsInOrder) {
  std::string order;
  std::latch all(4);
  DelayQueue delays;
  delays.After(milliseconds(60), [&] { order += 'd', all.count_down(); });
  delays.After(milliseconds(30), [&] { order += 'c', all.count_down(); });
  delays.After(milliseconds(0), [&] { order += 'a', all.count_down(); });
  delays.After(milliseconds(1), [&] { order += 'b', all.count_down(); });
  all.wait();
  EXPECT_EQ(order, "abcd");
}

TEST(DelayQueue, DestroyingItDropsWhatWaitsAndFreesIt) {
  std::atomic<bool> ran = false;
  const auto held = std::make_shared<int>(1);
  {
    DelayQueue delays;
    delays.After(std::chrono::hours(1), [&, held] { ran = true; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace telltale
