#include "content/recent_chunks.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace telltale {
namespace {

constexpr uint64_t kNow = 1'764'028'800'000;
constexpr uint64_t kDay = 86'400'000;

ChunkHash HashNumber(uint64_t number) {
  return HashOfChunk(std::to_string(number));
}

TEST(RecentChunks, KnowsWhatItWasTold) {
  RecentChunks recent;
  EXPECT_EQ(recent.Find(HashNumber(1), kNow), 0u);
  recent.Remember(std::array{HashNumber(1), HashNumber(2)}, kNow);
  EXPECT_EQ(recent.Find(HashNumber(1), kNow + 5), kNow);
  EXPECT_EQ(recent.Find(HashNumber(2), kNow + 5), kNow);
  EXPECT_EQ(recent.Find(HashNumber(3), kNow + 5), 0u);
}

// Days begin at midnight UTC, as the partitions do.
TEST(RecentChunks, KnowsNothingOfAnotherDay) {
  RecentChunks recent;
  const uint64_t midnight = kNow / kDay * kDay;
  recent.Remember(std::array{HashNumber(1)}, midnight - 1);
  EXPECT_EQ(recent.Find(HashNumber(1), midnight - 1), midnight - 1);
  EXPECT_EQ(recent.Find(HashNumber(1), midnight), 0u);
  recent.Remember(std::array{HashNumber(1)}, midnight);
  EXPECT_EQ(recent.Find(HashNumber(1), midnight + 1), midnight);
  EXPECT_EQ(recent.Find(HashNumber(1), midnight - 1), 0u);
}

TEST(RecentChunks, ForgetsTheLeastUsedFirst) {
  RecentChunks recent;
  for (uint64_t number = 0; number < RecentChunks::kEntries * 2; ++number) {
    recent.Remember(std::array{HashNumber(number)}, kNow);
    // One that is asked for again and again stays.
    if (number % 1000 == 0) ASSERT_EQ(recent.Find(HashNumber(0), kNow), kNow);
  }
  EXPECT_EQ(recent.Find(HashNumber(0), kNow), kNow);
  size_t old_ones = 0, new_ones = 0;
  for (uint64_t i = 1; i <= 1000; ++i) {
    old_ones += recent.Find(HashNumber(i), kNow) != 0;
    new_ones += recent.Find(HashNumber(RecentChunks::kEntries * 2 - i), kNow) != 0;
  }
  EXPECT_LT(old_ones, 100u);
  EXPECT_EQ(new_ones, 1000u);
}

TEST(RecentChunks, IsSharedByThreads) {
  RecentChunks recent;
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&recent, thread] {
      for (uint64_t i = 0; i < 5000; ++i) {
        recent.Remember(std::array{HashNumber(i)}, kNow + thread);
        EXPECT_NE(recent.Find(HashNumber(i), kNow), 0u);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace telltale
