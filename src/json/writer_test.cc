#include "json/writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace telltale {
namespace {

using namespace std::string_view_literals;

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string Number(double number) {
  std::string out;
  AppendJsonDouble(number, out);
  return out;
}

TEST(JsonString, CopiesPlainTextBetweenQuotes) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("plan"), R"("plan")");
  EXPECT_EQ(Quoted("a text longer than one machine word"), R"("a text longer than one machine word")");
}

TEST(JsonString, EscapesQuotesBackslashesAndControlCharactersAtAnyOffset) {
  for (size_t offset = 0; offset < 20; ++offset) {
    const std::string before(offset, 'x');
    const std::string after(20 - offset, '~');
    const auto around = [&](std::string_view middle) { return before + std::string(middle) + after; };
    EXPECT_EQ(Quoted(around("\"")), '"' + around("\\\"") + '"');
    EXPECT_EQ(Quoted(around("\\")), '"' + around("\\\\") + '"');
    EXPECT_EQ(Quoted(around("\x1f")), '"' + around("\\u001f") + '"');
    EXPECT_EQ(Quoted(around("\0"sv)), '"' + around("\\u0000") + '"');
    EXPECT_EQ(Quoted(around("\x7f")), '"' + around("\x7f") + '"');
    EXPECT_EQ(Quoted(around(" !#[]")), '"' + around(" !#[]") + '"');
  }
  EXPECT_EQ(Quoted("\n\r\t\b\f"), R"("\n\r\t\b\f")");
}

TEST(JsonString, KeepsValidUtf8OfEveryLength) {
  const std::string_view text = "na\u00efve \u65e5\u672c\u8a9e \U0001f600 \U0010ffff \ud7ff\ue000";
  EXPECT_EQ(Quoted(text), '"' + std::string(text) + '"');
}

TEST(JsonString, ReplacesEachBrokenSequenceByOneReplacementCharacter) {
  EXPECT_EQ(Quoted("a\xff"
                   "b"),
            "\"a\ufffdb\"");
  EXPECT_EQ(Quoted("\x80\x80"), "\"\ufffd\ufffd\"");
  EXPECT_EQ(Quoted("cut \xf0\x9f\x98"), "\"cut \ufffd\"");                // The end of the text.
  EXPECT_EQ(Quoted("\xe6\x97\"x"), "\"\ufffd\\\"x\"");                    // A quote inside a sequence.
  EXPECT_EQ(Quoted("\xc0\xaf"), "\"\ufffd\ufffd\"");                      // Overlong.
  EXPECT_EQ(Quoted("\xed\xa0\x80"), "\"\ufffd\ufffd\ufffd\"");            // A surrogate.
  EXPECT_EQ(Quoted("\xf4\x90\x80\x80"), "\"\ufffd\ufffd\ufffd\ufffd\"");  // Beyond U+10FFFF.
  EXPECT_EQ(Quoted("\xc3\xa9\xff\xc3\xa9"), "\"\u00e9\ufffd\u00e9\"");
}

TEST(JsonNumber, IsTheShortestTextThatReadsBackAsTheSame) {
  EXPECT_EQ(Number(1.5), "1.5");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(3), "3");
  EXPECT_EQ(Number(-0.0), "-0");
  EXPECT_EQ(Number(1e300), "1e+300");
  EXPECT_EQ(Number(5e-324), "5e-324");
  EXPECT_EQ(Number(123456789.125), "123456789.125");
}

TEST(JsonNumber, SpellsWhatJsonCannotSayAsAString) {
  EXPECT_EQ(Number(std::numeric_limits<double>::quiet_NaN()), R"("NaN")");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), R"("Infinity")");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), R"("-Infinity")");
}

TEST(JsonWriter, PutsCommasExactlyBetweenMembersAndElements) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Key("empty").BeginArray().EndArray();
  json.Key("items").BeginArray();
  json.Int(std::numeric_limits<int64_t>::min()).Uint(std::numeric_limits<uint64_t>::max());
  json.BeginObject().EndObject();
  json.BeginObject().Key("a").Bool(true).Key("b").Null().EndObject();
  json.EndArray();
  json.Key("raw").Raw(R"({"x":1})");
  json.Key("n").IntString(-5).Key("u").UintString(7).Key("d").Double(0.5).Key("s").String("\"");
  json.EndObject();
  EXPECT_EQ(out, R"({"empty":[],"items":[-9223372036854775808,18446744073709551615,{},{"a":true,"b":null}],)"
                 R"("raw":{"x":1},"n":"-5","u":"7","d":0.5,"s":"\""})");
}

struct Shortened final : LongTexts {
  void Write(std::string_view text, bool is_json, JsonWriter& json) override {
    json.BeginObject().Key("size").Uint(text.size()).Key("is_json").Bool(is_json);
    json.Key("text").String(text).EndObject();
  }
};

TEST(JsonWriter, LongTextsGoToWhoeverTakesThemAndNothingElseDoes) {
  std::string out;
  JsonWriter json(out);
  Shortened shortened;
  json.BeginArray().String("12345");
  json.Divert(&shortened, 4).String("1234").String("12345").Raw("[1,2]").Raw("null");
  json.Divert(nullptr, 0).String("12345").EndArray();
  EXPECT_EQ(out, R"(["12345","1234",{"size":5,"is_json":false,"text":"12345"},)"
                 R"({"size":5,"is_json":true,"text":"[1,2]"},null,"12345"])");
}

}  // namespace
}  // namespace telltale
