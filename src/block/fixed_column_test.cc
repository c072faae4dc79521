#include "block/fixed_column.h"

#include <gtest/gtest.h>

#include <string>

#include "block/native.h"

namespace telltale {
namespace {

std::string Block() {
  std::string out;
  NativeBlock block(4, 2, out);
  block.Column("id", "FixedString(4)");
  block.Bytes("aaaabbbb");
  block.Column("at", "UInt64");
  block.Number<uint64_t>(7);
  block.Number<uint64_t>(8);
  block.Column("text", "String");
  block.String("x");
  block.String("y");
  block.Column("behind", "UInt8");
  block.Number<uint8_t>(1);
  block.Number<uint8_t>(2);
  return out;
}

TEST(FixedColumnsTest, FindsTheColumnsBeforeTheFirstThatHasNoWidth) {
  const std::string block = Block();
  const FixedColumns columns(block);
  EXPECT_EQ(columns.rows(), 2u);
  EXPECT_EQ(columns.Find("id", 4), "aaaabbbb");
  EXPECT_EQ(columns.Find("at", 8).size(), 16u);
  EXPECT_EQ(columns.Find("at", 8)[8], 8);
  EXPECT_EQ(columns.Find("text", 1), "");
  EXPECT_EQ(columns.Find("behind", 1), "");
}

TEST(FixedColumnsTest, AColumnOfAnotherWidthIsNotTheOneThatWasAskedFor) {
  const std::string block = Block();
  EXPECT_EQ(FixedColumns(block).Find("id", 8), "");
}

TEST(FixedColumnsTest, ABlockThatIsCutGivesNothingBeyondItsEnd) {
  const std::string block = Block();
  for (size_t size = 0; size < block.size(); ++size) {
    const std::string cut = block.substr(0, size);
    const std::string_view at = FixedColumns(cut).Find("at", 8);
    EXPECT_TRUE(at.empty() || at.size() == 16);
  }
  EXPECT_EQ(FixedColumns("").rows(), 0u);
}

}  // namespace
}  // namespace telltale
