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
