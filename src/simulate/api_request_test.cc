#include "simulate/api_request.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

constexpr std::string_view kUser = R"("model":"m","messages":[{"role":"user","content":"hi"}])";

ApiError ChatError(std::string_view body) {
  const auto request = ParseChatRequestUntrusted(body);
  EXPECT_FALSE(request) << body;
  return request ? ApiError{} : request.error();
}

TEST(ChatRequest, IsReadWithAllThatTheAnswerDependsOn) {
  const auto request = ParseChatRequestUntrusted(R"({
    "model": "gpt-4o", "n": 2, "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 7,
    "messages": [{"role": "system", "content": "be brief"},
                 {"role": "user", "content": [{"type": "text", "text": "one "}, {"type": "image_url"},
                                              {"type": "text", "text": "two"}]},
                 {"role": "assistant", "content": null}],
    "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "look"}}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->LastUserText(), "one two");
  EXPECT_EQ(request->LastMessage().role, "assistant");
  EXPECT_EQ(request->choices, 2);
  EXPECT_TRUE(request->stream && request->include_usage);
  EXPECT_EQ(request->tokens_max, 7u);
  EXPECT_EQ(request->tools[0].parameters, R"({"type":"object"})");
  EXPECT_EQ(request->tool_choice, ToolChoice::kRequired);
  EXPECT_EQ(request->tool_named, "look");
}

TEST(ChatRequest, WhatIsWrongIsNamed) {
  EXPECT_EQ(ChatError("{").status, 400);
  EXPECT_EQ(ChatError("[]").status, 400);
  EXPECT_EQ(ChatError(R"({"messages":[]})").message, "you must provide a model parameter");
  EXPECT_EQ(ChatError(R"({"model":5})").code, "invalid_type");
  EXPECT_EQ(ChatError(R"({"model":"m"})").param, "messages");
  EXPECT_EQ(ChatError(R"({"model":"m","messages":[]})").code, "empty_array");
  EXPECT_EQ(ChatError(R"({"model":"m","messages":[{"role":"boss"}]})").param, "messages[0].role");
  EXPECT_EQ(ChatError("{" + std::string(kUser) + R"(,"n":0})").param, "n");
  EXPECT_EQ(ChatError("{" + std::string(kUser) + R"(,"n":-1})").param, "n");
  EXPECT_EQ(ChatError("{" + std::string(kUser) + R"(,"temperature":3})").param, "temperature");
  EXPECT_EQ(ChatError("{" + std::string(kUser) + R"(,"tools":[{}]})").param, "tools[0].function");
  EXPECT_EQ(ChatError("{" + std::string(kUser) + R"(,"tool_choice":{"function":{"name":"x"}}})").param,
            "tool_choice");
}

TEST(ChatRequest, OnlyModelsNamedUnknownAreUnknown) {
  EXPECT_EQ(ChatError(R"({"model":"unknown-7b"})").status, 404);
  EXPECT_EQ(ChatError(R"({"model":"unknown-7b"})").code, "model_not_found");
}

TEST(CompletionRequest, TakesTextsAndTokenNumbers) {
  const auto text = ParseCompletionRequestUntrusted(R"({"model":"m","prompt":"Hello"})");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->prompts, std::vector<std::string>{"Hello"});
  EXPECT_EQ(text->tokens_max, 16u);
  const auto numbers = ParseCompletionRequestUntrusted(R"({"model":"m","prompt":[[1,2],[3]]})");
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->prompts.size(), 2u);
  EXPECT_FALSE(ParseCompletionRequestUntrusted(R"({"model":"m"})"));
  EXPECT_FALSE(ParseCompletionRequestUntrusted(R"({"model":"m","prompt":[]})"));
  EXPECT_FALSE(ParseCompletionRequestUntrusted(R"({"model":"m","prompt":["a",true]})"));
}

TEST(EmbeddingRequest, KnowsTheDimensionsOfModels) {
  EXPECT_EQ(ParseEmbeddingRequestUntrusted(R"({"model":"text-embedding-3-large","input":"a"})")->dimensions,
            3072u);
  EXPECT_EQ(ParseEmbeddingRequestUntrusted(R"({"model":"m","input":["a"],"dimensions":8})")->dimensions, 8u);
  EXPECT_FALSE(ParseEmbeddingRequestUntrusted(R"({"model":"m","input":"a","dimensions":1000000})"));
  EXPECT_FALSE(ParseEmbeddingRequestUntrusted(R"({"model":"m","input":"a","encoding_format":"hex"})"));
}

}  // namespace
}  // namespace telltale
