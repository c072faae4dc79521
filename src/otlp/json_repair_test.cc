#include "otlp/json_repair.h"

#include <gtest/gtest.h>

#include <string>

namespace telltale {
namespace {

TEST(RewriteNumbers, WritesIntegersBeyond64BitsAsFloatingPoint) {
  EXPECT_EQ(RewriteNumbersUntrusted("[18446744073709551616,-9223372036854775809]"),
            "[18446744073709551616e0,-9223372036854775809e0]");
  EXPECT_EQ(RewriteNumbersUntrusted("[18446744073709551615,-9223372036854775808]"),
            "[18446744073709551615,-9223372036854775808]");
}

TEST(RewriteNumbers, KeepsTheSignOfZero) {
  EXPECT_EQ(RewriteNumbersUntrusted("[-0,-0.0,0,-0e1]"), "[-0e0,-0.0,0,-0e1]");
}

TEST(RewriteNumbers, PutsAValueThatFitsNowhereForNumbersBeyondAnyDouble) {
  EXPECT_EQ(RewriteNumbersUntrusted("[1e999,-1E+400,1e-999,1.5]"), "[[[]],[[]],1e-999,1.5]");
  EXPECT_EQ(RewriteNumbersUntrusted(std::string(400, '9')), "[[]]");
}

TEST(RewriteNumbers, LeavesTextsAlone) {
  const std::string texts = R"({"18446744073709551616 \" -0":"-0, 1e999","a\\":"\"-0"})";
  EXPECT_EQ(RewriteNumbersUntrusted(texts), texts);
}

TEST(RewriteNumbers, MakesNoJsonOfWhatIsNone) {
  for (const char* text : {"00000000000000000000001", "1.e999", "1e", "--0", "-", "\"-0"})
    EXPECT_EQ(RewriteNumbersUntrusted(text), text);
}

TEST(MayHoldMinusZero, DoesNotMindDatesAndFractions) {
  EXPECT_TRUE(MayHoldMinusZeroUntrusted(R"({"a":-0})"));
  EXPECT_TRUE(MayHoldMinusZeroUntrusted("-0"));
  EXPECT_FALSE(MayHoldMinusZeroUntrusted(R"({"a":-0.5,"b":"2024-01-02"})"));
}

}  // namespace
}  // namespace telltale
