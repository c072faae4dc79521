#include "wal/cursor.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace telltale {
namespace {

namespace fs = std::filesystem;

class CursorTest : public testing::Test {
 protected:
  CursorTest() {
    std::string name = (fs::temp_directory_path() / "telltale-cursor-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CursorTest() override { fs::remove_all(folder_); }

  LogRange Reopened() { return (*InsertCursor::Open(folder_))->current(); }

  fs::path folder_;
};

TEST_F(CursorTest, StartsEmptyAndRemembersTheLastRange) {
  EXPECT_EQ(Reopened().end, 0u);
  auto cursor = InsertCursor::Open(folder_);
  ASSERT_TRUE((*cursor)->Begin({0, 10}));
  ASSERT_TRUE((*cursor)->Begin({10, 25}));
  EXPECT_EQ(Reopened().begin, 10u);
  EXPECT_EQ(Reopened().end, 25u);
}

TEST_F(CursorTest, FallsBackToTheEarlierRangeWhenTheLastWriteWasTorn) {
  {
    auto cursor = InsertCursor::Open(folder_);
    ASSERT_TRUE((*cursor)->Begin({0, 10}));
    ASSERT_TRUE((*cursor)->Begin({10, 25}));  // generation 2: the first slot
  }
  std::fstream file(folder_ / "cursor", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8);
  file << "torn";
  file.close();
  EXPECT_EQ(Reopened().begin, 0u);
  EXPECT_EQ(Reopened().end, 10u);
}

}  // namespace
}  // namespace telltale
