#include "store/row_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

using namespace std::string_literals;

TEST(RowReader, ReadsValuesInTheOrderOfTheColumns) {
  const std::string bytes = "\x2a\x00\x00\x00"s + "\x02hi"s + "abcd"s + "\x80\x01"s + std::string(128, 'x');
  RowReader row(bytes);
  EXPECT_EQ(row.Number<uint32_t>(), 42u);
  EXPECT_EQ(row.String(), "hi");
  EXPECT_EQ(row.FixedString(4), "abcd");
  EXPECT_EQ(row.String(), std::string(128, 'x'));
  EXPECT_TRUE(row.done());
}

TEST(RowReaderDeathTest, StopsTheProgramWhenTheReadsDoNotMatchTheColumns) {
  EXPECT_DEATH(RowReader("\x05hi").String(), "RowBinary ends inside a row");
}

}  // namespace
}  // namespace telltale
