#include <gtest/gtest.h>

#include <string>

#include "api/testing/ask.h"
#include "api/tokens_request.h"
#include "tokenizer/tokenizer.h"

namespace telltale {
namespace {

HttpResponse Post(std::string_view body) {
  AskedFace ask;
  return ask.PostRest("/api/v1/tokens", body);
}

bool HasVocabulary() {
  return Tokenizer::ForEncoding("cl100k_base").has_value();
}

TEST(Tokens, ATextIsCountedAsItIs) {
  if (!HasVocabulary()) GTEST_SKIP() << "this build has no vocabularies: ./dev build fetches them";
  EXPECT_EQ(Post(R"({"model":"gpt-4-0613","text":"hello world"})").body,
            R"({"encoding":"cl100k_base","tokens":2,"counted_as":"text","parts_without_text":0})");
  EXPECT_EQ(Post(R"({"encoding":"cl100k_base","text":""})").body,
            R"({"encoding":"cl100k_base","tokens":0,"counted_as":"text","parts_without_text":0})");
}

// role 1 + content 2 + 3 for the message + 3 for the answer; the second: role 1 + name 1 + 1
// for the name + 3 for the message.
TEST(Tokens, MessagesCostTheirOverheadToo) {
  if (!HasVocabulary()) GTEST_SKIP() << "this build has no vocabularies: ./dev build fetches them";
  EXPECT_EQ(Post(R"({"model":"gpt-4","messages":[{"role":"user","content":"hello world"},)"
                 R"({"role":"assistant","content":null,"name":"ann","tool_calls":[{"x":[1]}]}]})")
                .body,
            R"({"encoding":"cl100k_base","tokens":15,"counted_as":"chat","parts_without_text":0})");
  EXPECT_EQ(Post(R"({"model":"gpt-4","messages":[{"role":"user","content":[{"type":"text","text":"hello"},)"
                 R"({"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":" world"}]}]})")
                .body,
            R"({"encoding":"cl100k_base","tokens":9,"counted_as":"chat","parts_without_text":1})");
}

TEST(Tokens, ARefusalNamesWhatIsWrong) {
  const HttpResponse unknown = Post(R"({"model":"claude-sonnet-4","text":"x"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("model 'claude-sonnet-4': no row of the table fits"), std::string::npos);
  EXPECT_EQ(Post(R"({"encoding":"o300k","text":"x"})").status, 400);
}

TEST(TokensRequest, SaysWhichMemberCannotBeRead) {
  const auto why = [](std::string_view body) {
    const auto request = ReadTokensRequestUntrusted(body);
    return request ? "accepted" : request.error().message;
  };
  EXPECT_EQ(why(""), "read body: the body: not a JSON object");
  EXPECT_EQ(why("[]"), "read body: the body: not a JSON object");
  EXPECT_EQ(why(R"({"text":"x"})"), "read body: model, encoding: exactly one of them must be there");
  EXPECT_EQ(why(R"({"model":"m","encoding":"e","text":"x"})"),
            "read body: model, encoding: exactly one of them must be there");
  EXPECT_EQ(why(R"({"model":"m"})"), "read body: text, messages: exactly one of them must be there");
  EXPECT_EQ(why(R"({"model":"m","text":1})"), "read body: text: not a string of whole characters");
  EXPECT_EQ(why(R"({"model":"m","txt":"x"})"), "read body: txt: unknown member");
  EXPECT_EQ(why(R"({"model":"m","messages":[7]})"), "read body: messages[0]: not an object");
  EXPECT_EQ(why(R"({"model":"m","messages":[{},{"content":{}}]})"),
            "read body: messages[1].content: not a string of whole characters");
  EXPECT_EQ(why(R"({"model":"m","text":"x"} 1)"), "read body: the body: not a JSON object");
  EXPECT_EQ(why(R"({"model":"m","text":"x"} {})"), "read body: the body: something follows the object");
}

TEST(TokensRequest, HalfASurrogatePairIsNoCharacter) {
  EXPECT_EQ(ReadTokensRequestUntrusted(R"({"model":"m","text":"a\ud800b"})").error().message,
            "read body: text: not a string of whole characters");
}

}  // namespace
}  // namespace telltale
