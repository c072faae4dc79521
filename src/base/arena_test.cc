#include "base/arena.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

TEST(Arena, KeepsEarlierViewsValidWhileItGrows) {
  Arena arena;
  const std::string_view first = arena.Copy("first");
  for (int i = 0; i < 1000; ++i) arena.Copy(std::string(1000, 'x'));
  EXPECT_EQ(first, "first");
}

TEST(Arena, KeepsViewsValidWhenItMoves) {
  Arena arena;
  const std::string_view text = arena.Copy("moved");
  const Arena other = std::move(arena);
  EXPECT_EQ(text, "moved");
  EXPECT_GE(other.size_bytes(), 5u);
}

TEST(Arena, TakesAnAllocationLargerThanAChunk) {
  Arena arena;
  const std::string large(3 << 20, 'y');
  EXPECT_EQ(arena.Copy(large), large);
}

TEST(Arena, IsUsedAnewAfterClearWithoutAskingForMoreMemory) {
  Arena arena;
  arena.Copy(std::string(3000, 'a'));
  arena.Copy(std::string(3000, 'b'));
  arena.Clear();
  const size_t kept = arena.size_bytes();
  EXPECT_EQ(arena.Copy("again"), "again");
  arena.Copy(std::string(3000, 'c'));
  EXPECT_EQ(arena.size_bytes(), kept);
}

TEST(Arena, GivesAVeryLargeChunkBackWhenCleared) {
  Arena arena;
  arena.Allocate(64 << 20);
  arena.Clear();
  EXPECT_EQ(arena.size_bytes(), 0u);
}

}  // namespace
}  // namespace telltale
