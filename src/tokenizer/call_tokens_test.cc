#include "tokenizer/call_tokens.h"

#include <gtest/gtest.h>

#include <string_view>

#include "tokenizer/embedded.h"

namespace telltale {
namespace {

// Every count below is len(tiktoken.get_encoding("o200k_base").encode_ordinary(text)):
//
//   system, user, assistant, tool 1     You are a helpful assistant. 6
//   What is the weather in Paris? 7     It is 18 degrees and sunny in Paris. 10
//   example_user 2                      get_weather 2
//   18 degrees, sunny 4                 {"city":"Paris","unit":"celsius"} 10
class CallTokensTest : public testing::Test {
 protected:
  void SetUp() override {
    if (EmbeddedVocabulary("o200k_base").empty()) GTEST_SKIP() << "built without vocabularies";
    call_.kind = CallKind::kLlm;
    call_.response.model = "gpt-4o-2024-08-06";
  }

  telltale::Run Parts(std::initializer_list<MessagePart> parts) {
    const telltale::Run run = {static_cast<uint32_t>(call_.parts.size()),
                               static_cast<uint32_t>(parts.size())};
    call_.parts.insert(call_.parts.end(), parts);
    return run;
  }
  void Ask(std::string_view role, std::string_view text, std::string_view name = {}) {
    call_.input.messages.push_back({.role = role, .name = name, .parts = Parts({{.text = text}})});
  }
  void Answer(std::initializer_list<MessagePart> parts) {
    call_.output.messages.push_back({.role = "assistant", .parts = Parts(parts)});
  }
  CountedUsage Count() { return call_tokens_.Count(call_); }

  Call call_;
  CallTokens call_tokens_;
};

constexpr std::string_view kQuestion = "What is the weather in Paris?";
constexpr std::string_view kAnswer = "It is 18 degrees and sunny in Paris.";
constexpr std::string_view kArguments = R"({"city":"Paris","unit":"celsius"})";

TEST_F(CallTokensTest, AChatCostsItsTextAndThreeAMessageAndThreeThatPrimeTheAnswer) {
  Ask("system", "You are a helpful assistant.");
  Ask("user", kQuestion);
  Answer({{.text = kAnswer}});
  const CountedUsage counted = Count();
  EXPECT_EQ(counted.usage.input_tokens, (3 + 1 + 6) + (3 + 1 + 7) + 3);
  EXPECT_EQ(counted.usage.output_tokens, 10);
  EXPECT_EQ(counted.usage.source, UsageSource::kCounted);
  EXPECT_EQ(counted.usage.scope, UsageScope::kOwn);
  EXPECT_EQ(counted.encoding, "o200k_base");
  EXPECT_FALSE(counted.approximate);
}

// A recorded answer of Azure OpenAI: prompt_tokens 15, completion_tokens 24.
TEST_F(CallTokensTest, ARecordedAnswerCountedTheSame) {
  call_.response.model = "gpt-35-turbo";
  Ask("user", "Tell me a joke about opentelemetry");
  Answer(
      {{.text = "Why did the Opentelemetry developer refuse to share their candy?\n\nBecause they wanted to "
                "keep all the traces for themselves!"}});
  EXPECT_EQ(Count().usage.input_tokens, 15);
  EXPECT_EQ(Count().usage.output_tokens, 24);
  EXPECT_EQ(Count().encoding, "cl100k_base");
}

TEST_F(CallTokensTest, SystemInstructionsApartAreASystemMessage) {
  call_.system_instructions = Parts({{.text = "You are a helpful assistant."}});
  Ask("user", kQuestion);
  EXPECT_EQ(Count().usage.input_tokens, (3 + 1 + 6) + (3 + 1 + 7) + 3);
}

TEST_F(CallTokensTest, ANameCostsItselfAndOneMore) {
  Ask("system", kQuestion, "example_user");
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + (2 + 1) + 3);
  EXPECT_TRUE(Count().approximate);
}

// num_tokens_for_tools of the cookbook, for gpt-4o:
//   7 + "get_weather:Tells the weather of a city" 9 + 3
//   + 3 + "city:string:The city, as in Paris" 8
//   + 3 - 3 + (3 + "celsius" 2) + (3 + "fahrenheit" 2) + "unit:string:The unit" 4
//   + 12
TEST_F(CallTokensTest, ToolsCostWhatTheCookbooksFormulaSays) {
  Ask("user", kQuestion);
  call_.tool_definitions.push_back({.name = "get_weather",
                                    .description = "Tells the weather of a city.",
                                    .parameters = R"({"type": "object", "properties": {
        "city": {"type": "string", "description": "The city, as in Paris"},
        "unit": {"type": "string", "description": "The unit.", "enum": ["celsius", "fahrenheit"]}}})"});
  const int64_t tools = 7 + 9 + 3 + (3 + 8) + (3 - 3 + (3 + 2) + (3 + 2) + 4) + 12;
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + 3 + tools);
  EXPECT_TRUE(Count().approximate);

  call_.response.model = "gpt-4-0613";  // cl100k_base: the same counts of text, ten a tool
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + 3 + tools + 3);
}

TEST_F(CallTokensTest, AToolWithoutParametersOrWithBrokenOnesIsCountedByItsText) {
  Ask("user", kQuestion);
  call_.tool_definitions.push_back({.name = "get_weather", .description = "Tells the weather of a city"});
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + 3 + 7 + 9 + 12);
  call_.tool_definitions[0].parameters = "Hello";
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + 3 + 7 + 9 + 1 + 12);
}

TEST_F(CallTokensTest, AToolCallCostsItsNameAndArgumentsAndWhatRecordedAnswersAdd) {
  Ask("user", kQuestion);
  const MessagePart tool_call = {.type = PartType::kToolCall, .name = "get_weather", .arguments = kArguments};
  Answer({tool_call});
  EXPECT_EQ(Count().usage.output_tokens, 2 + 10 + 7);
  EXPECT_TRUE(Count().approximate);
  Answer({tool_call});
  EXPECT_EQ(Count().usage.output_tokens, 2 * (2 + 10 + 12));
}

TEST_F(CallTokensTest, AConversationThatUsedAToolCountsTheCallAndItsResult) {
  Ask("user", kQuestion);
  call_.input.messages.push_back(
      {.role = "assistant",
       .parts = Parts({{.type = PartType::kToolCall, .name = "get_weather", .arguments = kArguments}})});
  call_.input.messages.push_back(
      {.role = "tool", .parts = Parts({{.type = PartType::kToolCallResponse, .text = "18 degrees, sunny"}})});
  EXPECT_EQ(Count().usage.input_tokens, (3 + 1 + 7) + (3 + 1 + 2 + 10) + (3 + 1 + 4) + 3);
}

TEST_F(CallTokensTest, ASideWithAPictureIsNotTold) {
  call_.input.messages.push_back(
      {.role = "user", .parts = Parts({{.text = kQuestion}, {.type = PartType::kUri, .text = "a.png"}})});
  Answer({{.text = kAnswer}});
  const CountedUsage counted = Count();
  EXPECT_EQ(counted.usage.input_tokens, Usage::kNotTold);
  EXPECT_EQ(counted.input, NotCounted::kHasOtherThanText);
  EXPECT_EQ(counted.usage.output_tokens, 10);
}

TEST_F(CallTokensTest, WhatAModelThinksInSecretIsNotGuessed) {
  call_.response.model = "gpt-5-2025-08-07";
  Ask("user", kQuestion);
  Answer({{.text = kAnswer}});
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 7 + 3);
  EXPECT_EQ(Count().usage.output_tokens, Usage::kNotTold);
  EXPECT_EQ(Count().output, NotCounted::kReasoningHidden);

  call_.request.reasoning_effort = "none";
  EXPECT_EQ(Count().usage.output_tokens, 10);
}

TEST_F(CallTokensTest, ACompletionAndAnEmbeddingCostTheirTextAlone) {
  call_.kind = CallKind::kCompletion;
  call_.response.model = "gpt-3.5-turbo-instruct";
  Ask("user", kQuestion);
  Answer({{.text = kAnswer}});
  EXPECT_EQ(Count().usage.input_tokens, 7);
  EXPECT_EQ(Count().usage.output_tokens, 10);

  call_.kind = CallKind::kEmbedding;
  call_.response.model = "text-embedding-3-small";
  call_.texts = {kQuestion, kAnswer};
  call_.embedding_texts = {0, 2};
  EXPECT_EQ(Count().usage.input_tokens, 7 + 10);
  EXPECT_EQ(Count().usage.output_tokens, Usage::kNotTold);
}

TEST_F(CallTokensTest, WhatCannotBeCountedSaysWhy) {
  Ask("user", kQuestion);
  const auto expect = [this](NotCounted why) {
    EXPECT_EQ(Count().input, why);
    EXPECT_EQ(Count().output, why);
    EXPECT_FALSE(Count().usage.told());
    EXPECT_EQ(Count().usage.source, UsageSource::kNone);
    EXPECT_EQ(Count().encoding, "");
  };
  call_.response.model = {};
  expect(NotCounted::kModelNotTold);
  call_.request.model = "claude-sonnet-4-5";
  expect(NotCounted::kModelUnknown);
  call_.request.model = "gpt-4o";
  EXPECT_EQ(Count().usage.input_tokens, 14);  // asked for by a name that is known
  call_.usage.scope = UsageScope::kAggregate;
  expect(NotCounted::kNoModelCall);
  call_.usage = {.output_tokens = 0};
  expect(NotCounted::kUsageTold);
  call_.usage = {};
  call_.kind = CallKind::kAgent;
  expect(NotCounted::kNoModelCall);
}

TEST_F(CallTokensTest, ACallWithoutContentHasNothingToCount) {
  const CountedUsage counted = Count();
  EXPECT_EQ(counted.input, NotCounted::kNothingSaid);
  EXPECT_EQ(counted.output, NotCounted::kNothingSaid);
  EXPECT_FALSE(counted.usage.told());
}

TEST_F(CallTokensTest, TenMegabytesInOneMessageAreCounted) {
  std::string text;
  for (int i = 0; i < 1'000'000; ++i) text += " word word";
  Ask("user", text);
  EXPECT_EQ(Count().usage.input_tokens, 3 + 1 + 2'000'000 + 3);
}

}  // namespace
}  // namespace telltale
