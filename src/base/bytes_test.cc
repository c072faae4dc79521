#include "base/bytes.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

using namespace std::string_view_literals;

TEST(Hex, ReadsBothCasesAndWritesLowerCase) {
  uint8_t bytes[3] = {};
  ASSERT_TRUE(ParseHex("00fFA5", bytes, 3));
  EXPECT_EQ(ToHex({reinterpret_cast<char*>(bytes), 3}), "00ffa5");
}

TEST(Hex, RefusesAWrongLengthAndAWrongDigit) {
  uint8_t bytes[2] = {};
  EXPECT_FALSE(ParseHex("00f", bytes, 2));
  EXPECT_FALSE(ParseHex("00fg", bytes, 2));
}

TEST(Base64, WritesTheVectorsOfRfc4648) {
  const auto encode = [](std::string_view text) {
    std::string out;
    AppendBase64(text, out);
    return out;
  };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsBothAlphabetsWithAndWithoutPadding) {
  EXPECT_EQ(ParseBase64("+/8="), "\xfb\xff"sv);
  EXPECT_EQ(ParseBase64("-_8"), "\xfb\xff"sv);
  EXPECT_EQ(ParseBase64(""), "");
}

TEST(Base64, RefusesWhatCannotBe) {
  EXPECT_EQ(ParseBase64("A"), std::nullopt);
  EXPECT_EQ(ParseBase64("Zm9v!A=="), std::nullopt);
}

}  // namespace
}  // namespace telltale
