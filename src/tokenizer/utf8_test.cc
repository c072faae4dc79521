#include "tokenizer/utf8.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

std::string Repaired(std::string_view text) {
  std::string storage;
  return std::string(RepairedUtf8(text, storage));
}

TEST(Utf8, ValidTextIsNotCopied) {
  constexpr std::string_view kText = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  std::string storage;
  EXPECT_EQ(RepairedUtf8(kText, storage).data(), kText.data());
}

// Each right side is bytes.decode("utf-8", "replace") of the left side in Python 3.11.
TEST(Utf8, EachMaximalPartOfABrokenSequenceBecomesOneReplacement) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(Repaired("\x80"), r);
  EXPECT_EQ(Repaired("a\xFF\xFE"
                     "b"),
            "a" + r + r + "b");
  EXPECT_EQ(Repaired("\xC0\xAF"), r + r);
  EXPECT_EQ(Repaired("\xE2\x82"), r);
  EXPECT_EQ(Repaired("\xE2\x82"
                     "A"),
            r + "A");
  EXPECT_EQ(Repaired("\xF0\x9F\x98"), r);
  EXPECT_EQ(Repaired("\xF0\x9F\x41"), r + "A");
  EXPECT_EQ(Repaired("\xED\xA0\x80"), r + r + r);  // a surrogate
  EXPECT_EQ(Repaired("\xE0\x80\x80"), r + r + r);  // overlong
  EXPECT_EQ(Repaired("\xF4\x90\x80\x80"), r + r + r + r);
  EXPECT_EQ(Repaired("\xF5\x80\x80\x80"), r + r + r + r);
  EXPECT_EQ(Repaired("\xC3\xC3\xA9"), r + "\xC3\xA9");
}

TEST(Utf8, NoTextIsValidText) {
  EXPECT_EQ(Repaired(""), "");
}

}  // namespace
}  // namespace telltale
