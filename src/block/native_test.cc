#include "block/native.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

using namespace std::string_literals;

TEST(Varint, UsesSevenBitsAByte) {
  std::string out;
  AppendVarint(0, out);
  AppendVarint(127, out);
  AppendVarint(300, out);
  EXPECT_EQ(out, "\x00\x7f\xac\x02"s);
}

TEST(DictionaryColumn, KeepsEachValueOnceAfterTheDefault) {
  DictionaryColumn column;
  uint32_t hint = 0;
  for (const char* value : {"a", "b", "a", "", "b"}) column.Add(value, hint);
  EXPECT_EQ(column.indices(), (std::vector<uint32_t>{1, 2, 1, 0, 2}));

  std::string body;
  column.AppendBody(body);
  std::string expected;
  AppendNumber<uint64_t>(0x600, expected);  // own keys, replace the dictionary, 8-bit indices
  AppendNumber<uint64_t>(3, expected);
  expected += "\x00\x01"s + "a" + "\x01" + "b";
  AppendNumber<uint64_t>(5, expected);
  expected += "\x01\x02\x01\x00\x02"s;
  EXPECT_EQ(body, expected);
}

TEST(DictionaryColumn, WidensItsIndicesWithTheDictionary) {
  DictionaryColumn column;
  std::vector<std::string> values;
  for (int i = 0; i < 70'000; ++i) values.push_back(std::to_string(i));
  uint32_t hint = 0;
  for (const std::string& value : values) column.Add(value, hint);
  for (int i = 0; i < 70'000; ++i)
    ASSERT_EQ(column.indices()[static_cast<size_t>(i)], static_cast<uint32_t>(i + 1));
  std::string body;
  column.AppendBody(body);
  EXPECT_EQ(body[0], 2) << "32-bit indices";
}

TEST(DictionaryColumn, WritesNothingWithoutRows) {
  std::string body;
  DictionaryColumn().AppendBody(body);
  EXPECT_EQ(body, "");
}

}  // namespace
}  // namespace telltale
