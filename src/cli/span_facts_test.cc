#include "cli/span_facts.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace telltale {
namespace {

ShownSpan SpanWith(std::initializer_list<std::pair<const char*, const char*>> attributes) {
  ShownSpan span;
  for (const auto& [key, value] : attributes) span.attributes.push_back({key, value, false});
  return span;
}

ShownEvent Exception(const char* type, const char* message) {
  return {.name = "exception",
          .attributes = {{"exception.type", type, true}, {"exception.message", message, true}}};
}

TEST(FactsLine, IsEmptyForASpanThatIsNoModelCall) {
  EXPECT_EQ(FactsLine(SpanWith({{"component", "llm"}, {"peer", "x"}})), "");
}

TEST(FactsLine, ReadsTheNamesOfGenAiAndOfTheGuide) {
  EXPECT_EQ(FactsLine(SpanWith({{"gen_ai.request.model", "m"}, {"model", "other"}, {"cost_usd", "0.0048"}})),
            "m \u00b7 $0.0048");
  EXPECT_EQ(FactsLine(SpanWith({{"tokens.prompt", "9"}, {"estimatedcostusd", "1.8e-05"}})),
            "tokens 9 in \u00b7 $0.000018");
  EXPECT_EQ(FactsLine(SpanWith({{"gen_ai.usage.output_tokens", "57"}, {"gen_ai.response.id", "chatcmpl-1"}})),
            "tokens 57 out \u00b7 chatcmpl-1");
  EXPECT_EQ(FactsLine(SpanWith({{"http.status_code", "429"}})), "HTTP 429");
}

TEST(FactsLine, KeepsACostThatIsNoNumber) {
  EXPECT_EQ(FactsLine(SpanWith({{"cost_usd", "about a cent"}})), "about a cent");
  EXPECT_EQ(FactsLine(SpanWith({{"cost_usd", "0"}})), "$0");
  EXPECT_EQ(FactsLine(SpanWith({{"cost_usd", "12"}})), "$12");
}

// The guide records each exception twice: its own record_exception and the SDK's.
TEST(FailureLines, SaysEqualExceptionsOnceAndTheStatusOnlyWhereItAddsSomething) {
  ShownSpan span;
  span.events = {Exception("E", "no\nstack"), Exception("E", "no"), Exception("", "other")};
  span.status_message = "E: no";
  EXPECT_EQ(FailureLines(span), (std::vector<std::string>{"E: no (2 times)", "other"}));
  span.status_message = "upstream said so";
  EXPECT_EQ(FailureLines(span), (std::vector<std::string>{"E: no (2 times)", "other", "upstream said so"}));
}

}  // namespace
}  // namespace telltale
