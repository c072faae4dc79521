#include "query/cursor.h"

#include <gtest/gtest.h>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

const SearchCursor kCursor = {.range = {.start_unix_nano = 100, .end_unix_nano = 900},
                              .last = {.start_unix_nano = 500, .trace_id = IdOf<16>(7)}};

TEST(Cursor, ReadsBackWhatWasWritten) {
  const auto read = ParseCursorUntrusted(EncodeCursor(kCursor));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->range.start_unix_nano, 100);
  EXPECT_EQ(read->range.end_unix_nano, 900);
  EXPECT_EQ(read->last.start_unix_nano, 500);
  EXPECT_EQ(read->last.trace_id, IdOf<16>(7));
}

TEST(Cursor, NeedsNoEncodingInAnAddress) {
  SearchCursor cursor = kCursor;
  cursor.last.trace_id.bytes.fill(0xff);
  const std::string text = EncodeCursor(cursor);
  EXPECT_EQ(text.find_first_of("+/=&% "), std::string::npos) << text;
  EXPECT_EQ(ParseCursorUntrusted(text)->last.trace_id, cursor.last.trace_id);
}

TEST(CallCursorTest, ComesBackAsItWas) {
  const CallCursor cursor{.range = {.start_unix_nano = 1, .end_unix_nano = 9},
                          .value = -1,
                          .start_unix_nano = 5,
                          .trace_id = IdOf<16>(7),
                          .span_id = IdOf<8>(8)};
  const auto read = ParseCallCursorUntrusted(EncodeCallCursor(cursor));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->range.end_unix_nano, 9);
  EXPECT_EQ(read->value, -1);
  EXPECT_EQ(read->start_unix_nano, 5);
  EXPECT_EQ(read->trace_id, cursor.trace_id);
  EXPECT_EQ(read->span_id, cursor.span_id);
}

TEST(CallCursorTest, OneListsCursorIsNoneOfAnothers) {
  EXPECT_FALSE(ParseCallCursorUntrusted(EncodeCursor(kCursor)));
  EXPECT_FALSE(ParseCursorUntrusted(EncodeCallCursor({})));
}

TEST(SkeletonCursorTest, ComesBackAsItWasAndIsAlwaysWithinTheTrace) {
  const auto read =
      ParseSkeletonCursorUntrusted(EncodeSkeletonCursor({.received_unix_ms = 5, .spans = 9, .begin = 8}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->received_unix_ms, 5);
  EXPECT_EQ(read->spans, 9u);
  EXPECT_EQ(read->begin, 8u);
  EXPECT_FALSE(ParseSkeletonCursorUntrusted(EncodeSkeletonCursor({.spans = 9, .begin = 9})));
  EXPECT_FALSE(ParseSkeletonCursorUntrusted(EncodeSkeletonCursor({.spans = 9, .begin = 0})));
}

TEST(GroupCursorTest, ComesBackAsItWasAndBelongsToOneList) {
  const std::string text = EncodeGroupCursor(
      GroupList::kUsers,
      {.range = {.start_unix_nano = 1, .end_unix_nano = 9}, .value = -3, .hash = UINT64_MAX});
  const auto read = ParseGroupCursorUntrusted(GroupList::kUsers, text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->range.end_unix_nano, 9);
  EXPECT_EQ(read->value, -3);
  EXPECT_EQ(read->hash, UINT64_MAX);
  EXPECT_FALSE(ParseGroupCursorUntrusted(GroupList::kConversations, text));
}

TEST(Cursor, RefusesWhatThisServerDoesNotWrite) {
  for (const std::string& text :
       std::vector<std::string>{"", "x", "AAAA", "not a cursor", EncodeCursor(kCursor).substr(1)}) {
    const auto read = ParseCursorUntrusted(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace telltale
