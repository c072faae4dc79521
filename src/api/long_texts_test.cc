#include "api/long_texts.h"

#include <gtest/gtest.h>

#include "query/call_detail.h"
#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

TEST(LongTexts, ALongTextIsReplacedByWhereItIsAndHowItBegins) {
  const std::string text(2'000, 'x');
  std::string out;
  JsonWriter json(out);
  TextReferences references({.trace_id = IdOf<16>(1), .span_id = IdOf<8>(2)});
  json.Divert(&references, 256).BeginArray().String("short").String(text).EndArray();
  EXPECT_EQ(out, R"(["short",{"large":{"size_bytes":2000,"href":"/api/v1/calls/)"
                 R"(00000000000000000000000000000001/0000000000000002/content/)" +
                     ContentName(text) + R"(","type":"text"},"preview":")" + std::string(1'000, 'x') +
                     R"("}])");
}

TEST(LongTexts, ATextIsFoundByTheNameThatItsReferenceGives) {
  const std::string text = std::string(299, 'x') + "y";
  std::string out;
  JsonWriter json(out);
  TextFinder finder(ContentName(text));
  json.Divert(&finder, 256).BeginArray().String(std::string(300, 'x')).String(text).EndArray();
  EXPECT_EQ(out, "[null,null]");
  ASSERT_TRUE(finder.found());
  EXPECT_EQ(*finder.found(), text);
}

// a, U+00FC, U+6771, U+1F686: 1, 2, 3 and 4 bytes.
constexpr std::string_view kText = "a\xc3\xbc\xe6\x9d\xb1\xf0\x9f\x9a\x86";

TEST(LongTexts, CutsBetweenCharactersOnly) {
  const size_t ends[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (size_t bytes = 1; bytes < std::size(ends); ++bytes) {
    EXPECT_EQ(CutUtf8(kText, bytes).size(), ends[bytes]) << bytes;
    EXPECT_EQ(StartOfCharacter(kText, bytes), bytes == 10 ? 10 : ends[bytes]) << bytes;
  }
}

TEST(LongTexts, ACharacterThatIsLargerThanTheCutIsGivenWhole) {
  EXPECT_EQ(CutUtf8(kText.substr(6), 2), kText.substr(6));
}

TEST(LongTexts, BytesThatAreNoTextAreCutAnywhere) {
  const std::string bytes(10, '\x80');
  EXPECT_EQ(CutUtf8(bytes, 7).size(), 7u);
  EXPECT_FALSE(IsUtf8(bytes));
  EXPECT_TRUE(IsUtf8(kText));
}

TEST(LongTexts, OverlongFormsSurrogatesAndWhatEndsEarlyAreNoUtf8) {
  for (const char* text : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80", "\xe6\x9d", "\xc3"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

}  // namespace
}  // namespace telltale
