#include "settle/recent_traces.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

TraceId TraceNumber(uint32_t number) {
  TraceId id;
  std::memcpy(id.bytes.data(), &number, sizeof number);
  id.bytes[15] = 1;
  return id;
}

TEST(RecentTracesTest, KeepsWhatIsNotedOfATrace) {
  RecentTraces recent(4, 100);
  recent.Of(TraceNumber(1), 100).has_calls = true;
  recent.Of(TraceNumber(2), 100).last_record = 7;
  EXPECT_TRUE(recent.Of(TraceNumber(1), 100).has_calls);
  EXPECT_EQ(recent.Of(TraceNumber(2), 100).last_record, 7u);
  EXPECT_FALSE(recent.Of(TraceNumber(3), 100).has_calls);
}

TEST(RecentTracesTest, ForgetsTheOldestAndSaysSinceWhenItKnows) {
  RecentTraces recent(4, 100);
  for (uint32_t i = 1; i <= 4; ++i) recent.Of(TraceNumber(i), 100).has_calls = true;
  EXPECT_EQ(recent.since_unix_nano(), 100u);
  // The fifth opens a new generation; the first four are the elder one.
  for (uint32_t i = 5; i <= 8; ++i) recent.Of(TraceNumber(i), 200).has_calls = true;
  EXPECT_EQ(recent.since_unix_nano(), 100u);
  recent.Of(TraceNumber(9), 300);
  EXPECT_EQ(recent.since_unix_nano(), 200u);
  EXPECT_TRUE(recent.Of(TraceNumber(5), 300).has_calls);
  EXPECT_FALSE(recent.Of(TraceNumber(1), 300).has_calls);
}

TEST(RecentTracesTest, ATraceThatGoesOnIsNotForgotten) {
  RecentTraces recent(4, 100);
  recent.Of(TraceNumber(1), 100).has_calls = true;
  for (uint32_t i = 2; i < 40; ++i) {
    recent.Of(TraceNumber(i), i);
    EXPECT_TRUE(recent.Of(TraceNumber(1), i).has_calls) << i;
  }
}

}  // namespace
}  // namespace telltale
