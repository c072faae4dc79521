#include "api/explain_request.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

TEST(ExplainRequest, IsToldFromAnOtlpRequestByItsFirstMember) {
  EXPECT_TRUE(IsExplainRequest(R"( { "mapping": "x" })"));
  EXPECT_TRUE(IsExplainRequest(R"({"trace_id":"1"})"));
  EXPECT_FALSE(IsExplainRequest(R"({"resourceSpans":[]})"));
  EXPECT_FALSE(IsExplainRequest(R"({"requests":[]})"));
  EXPECT_FALSE(IsExplainRequest("{}"));
  EXPECT_FALSE(IsExplainRequest("\n\x0a"));
  EXPECT_FALSE(IsExplainRequest(""));
}

TEST(ExplainRequest, HoldsTheRequestAsItStandsInTheBody) {
  const auto read =
      ReadExplainRequestUntrusted(R"({"mapping":"a\nb","request":{"resourceSpans": []},"as":"text"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->mapping, "a\nb");
  EXPECT_EQ(read->request, R"({"resourceSpans": []})");
  EXPECT_TRUE(read->as_text);
  EXPECT_FALSE(read->trace_id);
}

TEST(ExplainRequest, IsRefusedWithTheMemberThatIsWrong) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"[]", "read body: the whole: not a JSON object"},
      {R"({"mapping":"x"})", "read body: request: there must be either this or trace_id"},
      {R"({"trace_id":"12","request":{}})", "read body: request: there must be either this or trace_id"},
      {R"({"trace_id":"xyz"})", "read body: trace_id: not a trace id: 1 to 32 hex digits, not all zeros"},
      {R"({"trace_id":"12","mapping":5})", "read body: mapping: not a text"},
      {R"({"request":"x"})", "read body: request: not an object"},
      {R"({"trace_id":"12","as":"pdf"})", "read body: as: 'pdf': text or json"},
      {R"({"trace_id":"12","color":"red"})", "read body: color: not known here"},
  };
  for (const auto& [body, why] : kCases) {
    const auto refused = ReadExplainRequestUntrusted(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().message, why);
  }
}

}  // namespace
}  // namespace telltale
