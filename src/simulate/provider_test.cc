#include "simulate/provider.h"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "net/http_client.h"

namespace telltale {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

using Fields = std::vector<std::pair<std::string, std::string>>;

class SimulatedProviderTest : public testing::Test {
 protected:
  void Start(SimulateOptions options) {
    auto started = SimulatedProvider::Start(options);
    ASSERT_TRUE(started) << started.error().message;
    provider_ = std::move(*started);
  }

  Result<HttpClientResponse> Send(std::string path, const json& body, Fields headers = {},
                                  int timeout_ms = 10'000) {
    HttpClientRequest request{.method = body.is_null() ? "GET" : "POST",
                              .url = "http://127.0.0.1:" + std::to_string(provider_->port()) + path,
                              .headers = {.fields = std::move(headers)},
                              .body = body.is_null() ? "" : body.dump(),
                              .timeout_ms = timeout_ms};
    request.headers.Add("Authorization", "Bearer any");
    return HttpFetch(request);
  }

  HttpClientResponse Chat(json changes = json::object(), Fields headers = {}) {
    json body = {{"model", "gpt-4"}, {"messages", {{{"role", "user"}, {"content", "Tell me about coffee"}}}}};
    body.update(changes);
    auto answer = Send("/v1/chat/completions", body, std::move(headers));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : HttpClientResponse{};
  }

  std::unique_ptr<SimulatedProvider> provider_;
};

json BodyOf(const HttpClientResponse& response) {
  return json::parse(response.body);
}
std::string TextOf(const HttpClientResponse& response) {
  return BodyOf(response)["choices"][0]["message"]["content"].get<std::string>();
}

// The JSON of each event; the last must be [DONE].
std::vector<json> EventsOf(std::string_view body) {
  std::vector<json> events;
  while (!body.empty()) {
    const size_t end = body.find("\n\n");
    EXPECT_TRUE(body.starts_with("data: ") && end != body.npos) << body;
    const std::string_view data = body.substr(6, end - 6);
    body.remove_prefix(end + 2);
    if (data == "[DONE]") break;
    events.push_back(json::parse(data));
  }
  EXPECT_TRUE(body.empty());
  return events;
}

TEST_F(SimulatedProviderTest, AnswersAChatCompletionWithAllItsParts) {
  Start({.latency_ms = 0});
  const HttpClientResponse response = Chat();
  const json body = BodyOf(response);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(body["object"], "chat.completion");
  EXPECT_TRUE(body["id"].get<std::string>().starts_with("chatcmpl-"));
  EXPECT_EQ(body["model"], "gpt-4-0613");
  EXPECT_EQ(body["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(body["usage"]["prompt_tokens"], 3 + 3 + 5);
  EXPECT_EQ(body["usage"]["completion_tokens"], (TextOf(response).size() + 3) / 4);
  EXPECT_EQ(body["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_TRUE(response.headers.Get("x-request-id").starts_with("req_"));
  EXPECT_NE(response.headers.Get("openai-processing-ms"), "");
}

TEST_F(SimulatedProviderTest, SaysTheSameToTheSameSeedUnderAnotherId) {
  Start({.seed = 5, .latency_ms = 0});
  const HttpClientResponse first = Chat();
  const HttpClientResponse second = Chat();
  EXPECT_EQ(TextOf(first), TextOf(second));
  EXPECT_NE(BodyOf(first)["id"], BodyOf(second)["id"]);
  Start({.seed = 5, .latency_ms = 0});
  EXPECT_EQ(TextOf(Chat()), TextOf(first));
  EXPECT_EQ(BodyOf(Chat())["id"], BodyOf(second)["id"]);
  Start({.seed = 6, .latency_ms = 0});
  EXPECT_NE(TextOf(Chat()), TextOf(first));
}

TEST_F(SimulatedProviderTest, StreamsTheAnswerThatItWouldHaveGivenAtOnce) {
  Start({.latency_ms = 0, .tokens_per_second = 0});
  const HttpClientResponse response = Chat({{"stream", true}, {"stream_options", {{"include_usage", true}}}});
  EXPECT_EQ(response.headers.Get("Content-Type"), "text/event-stream; charset=utf-8");
  const std::vector<json> events = EventsOf(response.body);
  ASSERT_GT(events.size(), 5u);
  EXPECT_EQ(events.front()["choices"][0]["delta"]["role"], "assistant");
  std::string text;
  for (const json& event : events) {
    EXPECT_EQ(event["object"], "chat.completion.chunk");
    if (!event["choices"].empty()) text += event["choices"][0]["delta"].value("content", "");
  }
  EXPECT_EQ(events[events.size() - 2]["choices"][0]["finish_reason"], "stop");
  EXPECT_EQ(events.back()["usage"]["completion_tokens"], (text.size() + 3) / 4);
}

TEST_F(SimulatedProviderTest, StreamsAtItsPace) {
  Start({.latency_ms = 0, .tokens_per_second = 100});
  const auto before = steady_clock::now();
  const std::vector<json> events = EventsOf(Chat({{"stream", true}, {"max_tokens", 20}}).body);
  EXPECT_GE(steady_clock::now() - before, std::chrono::milliseconds(10 * (events.size() - 1)));
}

TEST_F(SimulatedProviderTest, AHeaderMakesAStreamComeAllAtOnce) {
  Start({.latency_ms = 0, .tokens_per_second = 0.01});
  EXPECT_GT(EventsOf(Chat({{"stream", true}}, {{"x-simulate-tokens-per-second", "0"}}).body).size(), 5u);
}

TEST_F(SimulatedProviderTest, CallsAToolWhenThePromptIsAboutIt) {
  Start({.latency_ms = 0, .tokens_per_second = 0});
  const json tools = {
      {{"type", "function"},
       {"function",
        {{"name", "brew_coffee"}, {"parameters", {{"properties", {{"cups", {{"type", "integer"}}}}}}}}}}};
  const json choice = BodyOf(Chat({{"tools", tools}}))["choices"][0];
  EXPECT_EQ(choice["finish_reason"], "tool_calls");
  EXPECT_TRUE(choice["message"]["content"].is_null());
  const json call = choice["message"]["tool_calls"][0];
  EXPECT_EQ(call["function"]["name"], "brew_coffee");
  EXPECT_TRUE(json::parse(call["function"]["arguments"].get<std::string>())["cups"].is_number_integer());

  EXPECT_EQ(BodyOf(Chat({{"tools", tools}, {"tool_choice", "none"}}))["choices"][0]["finish_reason"], "stop");

  std::string arguments;
  for (const json& event : EventsOf(Chat({{"tools", tools}, {"stream", true}}).body)) {
    const json delta = event["choices"][0]["delta"];
    if (delta.contains("tool_calls"))
      arguments += delta["tool_calls"][0]["function"]["arguments"].get<std::string>();
  }
  EXPECT_TRUE(json::parse(arguments).contains("cups"));
}

TEST_F(SimulatedProviderTest, CutsAtMaxTokensAndGivesAsManyChoicesAsAsked) {
  Start({.latency_ms = 0});
  const json body = BodyOf(Chat({{"max_tokens", 4}, {"n", 3}}));
  EXPECT_EQ(body["choices"].size(), 3u);
  EXPECT_EQ(body["choices"][2]["finish_reason"], "length");
  EXPECT_LE(body["choices"][2]["message"]["content"].get<std::string>().size(), 16u);
}

TEST_F(SimulatedProviderTest, GivesJsonWhenAsked) {
  Start({.latency_ms = 0});
  EXPECT_TRUE(json::parse(TextOf(Chat({{"response_format", {{"type", "json_object"}}}}))).contains("answer"));
  const json format = {
      {"type", "json_schema"},
      {"json_schema", {{"name", "x"}, {"schema", {{"properties", {{"n", {{"type", "integer"}}}}}}}}}};
  EXPECT_TRUE(json::parse(TextOf(Chat({{"response_format", format}})))["n"].is_number_integer());
}

TEST_F(SimulatedProviderTest, AnswersTheGuidesCompletionCall) {
  Start({.latency_ms = 0});
  const auto answer = Send("/v1/completions", {{"model", "gpt-4"}, {"prompt", "Hello"}});
  ASSERT_TRUE(answer);
  const json body = BodyOf(*answer);
  EXPECT_EQ(body["object"], "text_completion");
  EXPECT_EQ(body["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(body["usage"]["prompt_tokens"], 2);
}

TEST_F(SimulatedProviderTest, EmbedsAndListsModels) {
  Start({.latency_ms = 0});
  const auto embedded =
      Send("/v1/embeddings", {{"model", "text-embedding-3-small"}, {"input", {"a", "b"}}, {"dimensions", 4}});
  ASSERT_TRUE(embedded);
  EXPECT_EQ(BodyOf(*embedded)["data"][1]["embedding"].size(), 4u);
  const auto models = Send("/v1/models", nullptr);
  ASSERT_TRUE(models);
  EXPECT_GT(BodyOf(*models)["data"].size(), 5u);
  EXPECT_EQ(Send("/v1/models/unknown", nullptr)->status, 404);
  EXPECT_EQ(Send("/v1/nothing", nullptr)->status, 404);
  EXPECT_EQ(Send("/v1/embeddings", nullptr)->status, 405);
  EXPECT_EQ(Send("/healthz", nullptr)->body, "ok\n");
}

TEST_F(SimulatedProviderTest, WithoutAKeyItIs401) {
  Start({.latency_ms = 0});
  const auto answer =
      HttpFetch({.method = "POST",
                 .url = "http://127.0.0.1:" + std::to_string(provider_->port()) + "/v1/chat/completions"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 401);
}

TEST_F(SimulatedProviderTest, ABadRequestGetsTheErrorShape) {
  Start({.latency_ms = 0});
  const auto answer = Send("/v1/chat/completions", json::object({{"model", "gpt-4"}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  const json error = BodyOf(*answer)["error"];
  EXPECT_EQ(error["type"], "invalid_request_error");
  EXPECT_EQ(error["param"], "messages");
}

TEST_F(SimulatedProviderTest, FailsAsAHeaderAsks) {
  Start({.latency_ms = 0});
  const HttpClientResponse limited = Chat(json::object(), {{"x-simulate-status", "429"}});
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.Get("Retry-After"), "1");
  EXPECT_EQ(limited.headers.Get("x-ratelimit-remaining-requests"), "0");
  EXPECT_EQ(BodyOf(limited)["error"]["code"], "rate_limit_exceeded");
  EXPECT_EQ(Chat(json::object(), {{"x-simulate-status", "500"}}).status, 500);
  EXPECT_EQ(Chat(json::object(), {{"x-simulate-status", "nonsense"}}).status, 200);
}

TEST_F(SimulatedProviderTest, CountsTheTokensThatAHeaderAsks) {
  Start({.latency_ms = 0});
  const json usage = BodyOf(Chat(json::object(), {{"x-simulate-usage", "1234,56"}}))["usage"];
  EXPECT_EQ(usage["prompt_tokens"], 1234);
  EXPECT_EQ(usage["completion_tokens"], 56);
  EXPECT_EQ(usage["total_tokens"], 1290);
}

TEST_F(SimulatedProviderTest, ATimeoutEndsTheConnectionWithoutAnAnswer) {
  Start({.latency_ms = 0});
  const auto answer =
      Send("/v1/completions", {{"model", "m"}, {"prompt", "x"}}, {{"x-simulate-timeout", "0.05"}});
  ASSERT_FALSE(answer) << answer->body;
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(SimulatedProviderTest, WaitsAsLongAsAHeaderAsksAndServesOthersMeanwhile) {
  Start({.latency_ms = 0});
  const auto before = steady_clock::now();
  std::thread slow([&] { EXPECT_EQ(Chat(json::object(), {{"x-simulate-latency-ms", "400"}}).status, 200); });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Chat().status, 200);
  EXPECT_LT(steady_clock::now() - before, std::chrono::milliseconds(400));
  slow.join();
  EXPECT_GE(steady_clock::now() - before, std::chrono::milliseconds(400));
}

TEST_F(SimulatedProviderTest, ARetryOfTheSameRequestMaySucceed) {
  Start({.latency_ms = 0, .error_rate = 0.3, .rate_limit_rate = 0.3});
  std::set<int> statuses;
  for (int i = 0; i < 60; ++i) statuses.insert(Chat().status);
  EXPECT_EQ(statuses, (std::set<int>{200, 429, 500, 503}));
}

TEST_F(SimulatedProviderTest, ARepeatedLongPromptComesFromTheCache) {
  Start({.latency_ms = 0});
  const json changes = {{"messages", {{{"role", "user"}, {"content", std::string(8000, 'x')}}}}};
  EXPECT_EQ(BodyOf(Chat(changes))["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_EQ(BodyOf(Chat(changes))["usage"]["prompt_tokens_details"]["cached_tokens"], 1920);
}

TEST_F(SimulatedProviderTest, StopsWhileAnswersWait) {
  Start({.latency_ms = 60'000});
  std::thread waiting([&] { EXPECT_FALSE(Send("/v1/completions", {{"model", "m"}, {"prompt", "x"}})); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  provider_->Stop();
  waiting.join();
}

TEST(SimulateOptions, ARateAboveOneIsAnError) {
  EXPECT_FALSE(SimulatedProvider::Start({.error_rate = 1.5}));
}

}  // namespace
}  // namespace telltale
