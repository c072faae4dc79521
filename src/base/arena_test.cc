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

}  // namespace
}  // namespace telltale
