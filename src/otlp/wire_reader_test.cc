#include "otlp/wire_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace telltale {
namespace {

using namespace std::string_view_literals;

// True when every field of the message can be stepped over.
bool CanBeSkipped(std::string_view bytes) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    if (!in.ReadTag(tag) || !in.Skip(tag)) return false;
  }
  return true;
}

TEST(WireReader, ReadsTagsAndNumbersOfEveryLength) {
  WireReader in(
      "\x08\x7f\x85\x01\x01\x02\x03\x04\xf8\xff\xff\xff\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);
  uint32_t tag;
  uint64_t number;
  uint32_t number32;
  ASSERT_TRUE(in.ReadTag(tag) && in.ReadVarint(number));
  EXPECT_EQ(tag, WireTag(1, WireType::kVarint));
  EXPECT_EQ(number, 127u);
  ASSERT_TRUE(in.ReadTag(tag) && in.ReadFixed32(number32));
  EXPECT_EQ(tag, WireTag(16, WireType::kFixed32));
  EXPECT_EQ(number32, 0x04030201u);
  ASSERT_TRUE(in.ReadTag(tag) && in.ReadVarint(number));
  EXPECT_EQ(tag, 0xfffffff8u);
  EXPECT_EQ(number, UINT64_MAX);
  EXPECT_TRUE(in.AtEnd());
}

TEST(WireReader, StepsOverEveryKindOfUnknownField) {
  EXPECT_TRUE(CanBeSkipped(""));
  EXPECT_TRUE(CanBeSkipped("\x08\x80\x01"sv));              // varint
  EXPECT_TRUE(CanBeSkipped("\x09\0\0\0\0\0\0\0\0"sv));      // fixed64
  EXPECT_TRUE(CanBeSkipped("\x0a\x02hi"sv));                // bytes
  EXPECT_TRUE(CanBeSkipped("\x0d\0\0\0\0"sv));              // fixed32
  EXPECT_TRUE(CanBeSkipped("\x0b\x10\x01\x13\x14\x0c"sv));  // a group with a group inside
}

TEST(WireReader, RefusesWhatNoMessageMayHold) {
  EXPECT_FALSE(CanBeSkipped("\x08"sv));                                          // No value.
  EXPECT_FALSE(CanBeSkipped("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv));  // Eleven bytes of number.
  EXPECT_FALSE(CanBeSkipped("\x88\x80\x80\x80\x80\x80"sv));                      // Six bytes of tag.
  EXPECT_FALSE(CanBeSkipped("\x09\0\0\0\0\0\0\0"sv));                            // Seven of eight bytes.
  EXPECT_FALSE(CanBeSkipped("\x0d\0\0\0"sv));
  EXPECT_FALSE(CanBeSkipped("\x0a\x03hi"sv));  // Past the end.
  EXPECT_FALSE(CanBeSkipped("\x0a\xff\xff\xff\xff\x0f"sv));
  EXPECT_FALSE(CanBeSkipped("\x00\x00"sv));      // Field number 0.
  EXPECT_FALSE(CanBeSkipped("\x0e\x00"sv));      // Wire type 6.
  EXPECT_FALSE(CanBeSkipped("\x0f\x00"sv));      // Wire type 7.
  EXPECT_FALSE(CanBeSkipped("\x0c"sv));          // An end without a beginning.
  EXPECT_FALSE(CanBeSkipped("\x0b\x10\x01"sv));  // A beginning without an end.
  EXPECT_FALSE(CanBeSkipped("\x0b\x14"sv));      // Another group's end.
}

TEST(WireReader, RefusesGroupsNestedTooDeep) {
  const std::string ok = std::string(100, '\x0b') + std::string(100, '\x0c');
  const std::string deep = std::string(101, '\x0b') + std::string(101, '\x0c');
  EXPECT_TRUE(CanBeSkipped(ok));
  EXPECT_FALSE(CanBeSkipped(deep));
  EXPECT_FALSE(CanBeSkipped(std::string(1'000'000, '\x0b')));
}

}  // namespace
}  // namespace telltale
