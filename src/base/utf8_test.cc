#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

// a, U+00FC, U+6771, U+1F686: 1, 2, 3 and 4 bytes.
constexpr std::string_view kText = "a\xc3\xbc\xe6\x9d\xb1\xf0\x9f\x9a\x86";

TEST(Utf8, CutsBetweenCharactersOnly) {
  const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (size_t bytes = 1; bytes < std::size(ends); ++bytes) {
    EXPECT_EQ(CutUtf8(kText, bytes).size(), ends[bytes]) << bytes;
    EXPECT_EQ(StartOfCharacter(kText, bytes), bytes == 10 ? 10 : ends[bytes]) << bytes;
  }
}

TEST(Utf8, ACharacterThatIsLargerThanTheCutIsGivenWhole) {
  EXPECT_EQ(CutUtf8(kText.substr(6), 2), kText.substr(6));
}

TEST(Utf8, BytesThatAreNoTextAreCutAnywhere) {
  const std::string bytes(10, '\x80');
  EXPECT_EQ(CutUtf8(bytes, 7).size(), 7u);
  EXPECT_FALSE(IsUtf8(bytes));
  EXPECT_TRUE(IsUtf8(kText));
}

TEST(Utf8, OverlongFormsSurrogatesAndWhatEndsEarlyAreNoUtf8) {
  for (const char* text : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xe6\x9d", "\xc3"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace telltale
