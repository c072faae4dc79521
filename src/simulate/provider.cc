#include "simulate/provider.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "net/http_server.h"
#include "simulate/answers.h"
#include "simulate/api_request.h"
#include "simulate/api_response.h"
#include "simulate/delay_queue.h"
#include "simulate/dice.h"
#include "simulate/schema_value.h"

namespace telltale {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Remembering more requests than this would be a leak; forgetting one only makes its
// next failure as likely as its first.
constexpr size_t kRequestsRemembered = 65'536;
constexpr size_t kBodyBytesMax = 32u << 20;
constexpr double kLatencyMsMax = 600'000;

// What a message costs beside its text: role and separators.
constexpr uint64_t kTokensPerMessage = 3;
constexpr uint64_t kTokensPerAnswer = 3;
// Providers keep prompts in their cache from this length on, in steps of 128.
constexpr uint64_t kCachedTokensMin = 1024;
constexpr uint64_t kCacheStep = 128;

std::optional<double> NumberIn(std::string_view text, double min, double max) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() || !(number >= min && number <= max)) return std::nullopt;
  return number;
}

std::string_view TypeOfError(int status) {
  if (status == 429) return "requests";
  if (status == 401 || status == 403) return "authentication_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

ApiError ErrorOfStatus(int status, std::string_view model) {
  ApiError error{.status = status, .type = std::string(TypeOfError(status))};
  switch (status) {
    case 401:
      error.message = "Incorrect API key provided.";
      error.code = "invalid_api_key";
      break;
    case 404:
      error.message =
          "The model `" + std::string(model) + "` does not exist or you do not have access to it.";
      error.code = "model_not_found";
      break;
    case 429:
      error.message =
          "Rate limit reached for " + std::string(model) +
          " on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 250ms.";
      error.code = "rate_limit_exceeded";
      break;
    case 503:
      error.message = "The engine is currently overloaded, please try again later.";
      break;
    default:
      error.message = status >= 500
                          ? "The server had an error while processing your request. Sorry about that!"
                          : "The simulated provider refused this request, as it was told to.";
  }
  return error;
}

// What will happen to one request.
struct Plan {
  Dice dice;  // for everything that may differ between equal requests
  uint64_t content_hash = 0;
  bool seen_before = false;
  double latency_ms = 0;
  double tokens_per_second = 0;  // 0: all at once
  int error_status = 0;          // 0: none
  double timeout_seconds = 0;    // 0: none
  std::optional<TokenUsage> usage;
};

class Provider final : public SimulatedProvider, public HttpHandler {
 public:
  Provider(const SimulateOptions& options, const Clock* clock) : options_(options), clock_(*clock) {}

  Status Listen() {
    TELLTALE_ASSIGN_OR_RETURN(server_, HttpServer::Listen({.address = options_.address,
                                                           .port = options_.port,
                                                           .threads = options_.threads,
                                                           .body_bytes_max = kBodyBytesMax},
                                                          *this));
    return {};
  }

  uint16_t port() const override { return server_->port(); }
  void Stop() override { server_->Stop(0); }
  void Handle(HttpRequest request, HttpDone done) override;

 private:
  Plan MakePlan(const HttpRequest& request, std::string_view model);
  double DrawLatency(std::string_view model, Dice& dice) const;
  bool RememberAndCount(uint64_t hash, uint64_t& times_before);

  void AnswerChat(const HttpRequest& http, HttpDone done);
  void AnswerCompletion(const HttpRequest& http, HttpDone done);
  void AnswerEmbedding(const HttpRequest& http, HttpDone done);
  // Ends a request that the plan lets fail; false: it is to be answered.
  bool Fails(Plan& plan, std::string_view model, const HttpDone& done);
  void SendLater(const Plan& plan, HttpResponse response, HttpDone done);
  HttpResponse Stream(const Plan& plan, std::vector<std::string> events);
  AnswerHead MakeHead(Plan& plan, std::string_view prefix, std::string_view model) const;

  const SimulateOptions options_;
  const Clock& clock_;

  Mutex mu_;
  std::unordered_map<uint64_t, uint64_t> times_seen_ TELLTALE_GUARDED_BY(mu_);

  DelayQueue delays_;
  // Last, so first to go: its threads use everything above.
  std::unique_ptr<HttpServer> server_;
};

void AddCommonHeaders(Dice& dice, double latency_ms, HttpResponse& response) {
  response.headers.Add("x-request-id", "req_" + dice.Hex(32));
  response.headers.Add("openai-processing-ms", std::to_string(std::lround(latency_ms)));
  response.headers.Add("openai-version", "2020-10-01");
  response.headers.Add("openai-organization", "telltale-simulate");
  const bool limited = response.status == 429;
  response.headers.Add("x-ratelimit-limit-requests", "500");
  response.headers.Add("x-ratelimit-remaining-requests",
                       limited ? "0" : std::to_string(400 + dice.Below(100)));
  response.headers.Add("x-ratelimit-reset-requests", limited ? "250ms" : "120ms");
  response.headers.Add("x-ratelimit-limit-tokens", "200000");
  response.headers.Add("x-ratelimit-remaining-tokens", std::to_string(150'000 + dice.Below(50'000)));
  response.headers.Add("x-ratelimit-reset-tokens", "6ms");
  if (limited) {
    response.headers.Add("Retry-After", "1");
    response.headers.Add("retry-after-ms", "250");
  }
}

HttpResponse ErrorAnswer(const ApiError& error, Dice& dice, double latency_ms = 1) {
  HttpResponse response = HttpResponse::Json(error.status, ErrorBody(error));
  AddCommonHeaders(dice, latency_ms, response);
  return response;
}

void Provider::Handle(HttpRequest request, HttpDone done) {
  struct Route {
    std::string_view path;
    void (Provider::*answer)(const HttpRequest&, HttpDone);
  };
  constexpr std::array<Route, 3> kRoutes = {{{"/v1/chat/completions", &Provider::AnswerChat},
                                             {"/v1/completions", &Provider::AnswerCompletion},
                                             {"/v1/embeddings", &Provider::AnswerEmbedding}}};
  constexpr std::string_view kModels = "/v1/models";

  Log(LogLevel::kDebug, "simulated call", {{"method", request.method}, {"path", request.path}});
  if (request.path == "/healthz") return done(HttpResponse::Text(200, "ok\n"));

  Dice dice(HashText(options_.seed, request.path) ^ clock_.UnixNanos());
  if (request.headers.Get("Authorization").empty()) {
    return done(
        ErrorAnswer({.status = 401,
                     .message = "You didn't provide an API key: send it as `Authorization: Bearer KEY`. Any "
                                "key will do here, for this provider is simulated."},
                    dice));
  }
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (get && request.path == kModels) return done(HttpResponse::Json(200, ModelListBody()));
  if (get && request.path.starts_with(kModels) && request.path.size() > kModels.size() + 1) {
    const std::string model = request.path.substr(kModels.size() + 1);
    if (model.starts_with("unknown")) return done(ErrorAnswer(ErrorOfStatus(404, model), dice));
    return done(HttpResponse::Json(200, ModelBody(model)));
  }
  for (const Route& route : kRoutes) {
    if (request.path != route.path) continue;
    if (request.method == "POST") return (this->*route.answer)(request, std::move(done));
    return done(ErrorAnswer(
        {.status = 405,
         .message = "Not allowed to " + request.method + " on " + request.path + " (allowed methods: POST)."},
        dice));
  }
  done(ErrorAnswer({.status = 404,
                    .message = "Invalid URL (" + request.method + " " + request.path + ")",
                    .code = "unknown_url"},
                   dice));
}

Plan Provider::MakePlan(const HttpRequest& request, std::string_view model) {
  const uint64_t hash = HashText(HashText(options_.seed, request.path), request.body);
  uint64_t times_before = 0;
  Plan plan{.dice = Dice(0), .content_hash = hash};
  plan.seen_before = RememberAndCount(hash, times_before);
  plan.dice = Dice(hash + times_before * 0x9e3779b9u);

  plan.latency_ms = DrawLatency(model, plan.dice);
  const double luck = plan.dice.Unit();
  if (luck < options_.timeout_rate) {
    plan.timeout_seconds = options_.timeout_seconds;
  } else if (luck < options_.timeout_rate + options_.rate_limit_rate) {
    plan.error_status = 429;
  } else if (luck < options_.timeout_rate + options_.rate_limit_rate + options_.error_rate) {
    plan.error_status = plan.dice.Unit() < 0.5 ? 500 : 503;
  }

  const HttpHeaders& headers = request.headers;
  if (const auto status = NumberIn(headers.Get("x-simulate-status"), 400, 599)) {
    plan.error_status = static_cast<int>(*status);
    plan.timeout_seconds = 0;
  }
  if (const std::string_view timeout = headers.Get("x-simulate-timeout"); !timeout.empty()) {
    plan.timeout_seconds = NumberIn(timeout, 0.001, 3600).value_or(options_.timeout_seconds);
  }
  if (const auto latency = NumberIn(headers.Get("x-simulate-latency-ms"), 0, kLatencyMsMax)) {
    plan.latency_ms = *latency;
  }
  plan.tokens_per_second =
      NumberIn(headers.Get("x-simulate-tokens-per-second"), 0, 1e9).value_or(options_.tokens_per_second);
  const std::string_view usage = headers.Get("x-simulate-usage");
  const size_t comma = std::min(usage.find(','), usage.size());
  const auto prompt = NumberIn(usage.substr(0, comma), 0, 1e12);
  const auto completion = NumberIn(usage.substr(std::min(comma + 1, usage.size())), 0, 1e12);
  if (prompt && completion) {
    plan.usage = TokenUsage{.prompt = static_cast<uint64_t>(*prompt),
                            .completion = static_cast<uint64_t>(*completion)};
  }
  return plan;
}

bool Provider::RememberAndCount(uint64_t hash, uint64_t& times_before) {
  MutexLock lock(mu_);
  if (times_seen_.size() >= kRequestsRemembered) times_seen_.clear();
  times_before = times_seen_[hash]++;
  return times_before > 0;
}

bool IsReasoningModel(std::string_view model) {
  return model.starts_with("o1") || model.starts_with("o3") || model.starts_with("o4") ||
         model.starts_with("gpt-5");
}

double Provider::DrawLatency(std::string_view model, Dice& dice) const {
  double median = options_.latency_ms;
  if (const auto own = options_.latency_ms_by_model.find(std::string(model));
      own != options_.latency_ms_by_model.end()) {
    median = own->second;
  } else if (model.find("embed") != model.npos) {
    median *= 0.2;
  } else if (IsReasoningModel(model)) {
    median *= 2.5;
  } else if (model.find("mini") != model.npos || model.find("nano") != model.npos) {
    median *= 0.5;
  }
  return std::min(median * std::exp(options_.latency_spread * dice.Gauss()), kLatencyMsMax);
}

bool Provider::Fails(Plan& plan, std::string_view model, const HttpDone& done) {
  if (plan.timeout_seconds > 0) {
    delays_.After(std::chrono::duration_cast<std::chrono::nanoseconds>(
                      std::chrono::duration<double>(plan.timeout_seconds)),
                  [done] { done({.drop_connection = true}); });
    return true;
  }
  if (plan.error_status == 0) return false;
  // A refusal is quick, the wait for a broken server is not.
  if (plan.error_status < 500) plan.latency_ms = std::min(plan.latency_ms, 20.0);
  SendLater(plan, ErrorAnswer(ErrorOfStatus(plan.error_status, model), plan.dice, plan.latency_ms), done);
  return true;
}

void Provider::SendLater(const Plan& plan, HttpResponse response, HttpDone done) {
  const auto delay = std::chrono::duration_cast<std::chrono::nanoseconds>(Milliseconds(plan.latency_ms));
  if (delay.count() <= 0) return done(std::move(response));
  auto shared = std::make_shared<HttpResponse>(std::move(response));
  delays_.After(delay, [shared, done = std::move(done)] { done(std::move(*shared)); });
}

// False when the client went away meanwhile.
bool SleepUntil(std::chrono::steady_clock::time_point until, const HttpStream& stream) {
  constexpr auto kLookEvery = std::chrono::milliseconds(20);
  while (!stream.closed()) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero()) return true;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kLookEvery));
  }
  return false;
}

HttpResponse StreamAnswer(const Plan& plan, std::vector<std::string> events) {
  HttpResponse response;
  response.headers.Add("Content-Type", "text/event-stream; charset=utf-8");
  response.headers.Add("Cache-Control", "no-cache");
  Dice dice = plan.dice;
  AddCommonHeaders(dice, plan.latency_ms, response);
  const std::chrono::duration<double> pause(plan.tokens_per_second > 0 ? 1 / plan.tokens_per_second : 0);
  response.stream = [events = std::move(events), pause](HttpStream& stream) {
    auto next = std::chrono::steady_clock::now();
    for (const std::string& event : events) {
      if (!SleepUntil(next, stream) || !stream.Write(event)) return;
      next += std::chrono::duration_cast<std::chrono::nanoseconds>(pause);
    }
  };
  return response;
}

AnswerHead Provider::MakeHead(Plan& plan, std::string_view prefix, std::string_view model) const {
  return {.id = std::string(prefix) + plan.dice.Hex(28),
          .model = DatedModelName(model),
          .fingerprint = "fp_" + Dice(HashText(options_.seed, model)).Hex(10),
          .created = static_cast<int64_t>(clock_.UnixNanos() / 1'000'000'000u)};
}

// The tool that a model would call for this request; null: it would answer in words.
const ToolDefinition* ToolFor(const ChatRequest& request, Dice& dice) {
  // After a tool has answered, a model goes on in words.
  const bool answered = request.LastMessage().role == "tool" || request.LastMessage().role == "function";
  if (request.tools.empty() || request.tool_choice == ToolChoice::kNone || answered) return nullptr;
  for (const ToolDefinition& tool : request.tools) {
    if (!request.tool_named.empty() && tool.name == request.tool_named) return &tool;
  }
  // "get_weather" is asked for by a prompt that says "weather".
  std::string prompt(request.LastUserText());
  std::ranges::transform(prompt, prompt.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  for (const ToolDefinition& tool : request.tools) {
    std::string_view name = tool.name;
    while (!name.empty()) {
      const size_t end = std::min(name.find_first_of("_-."), name.size());
      if (end > 3 && prompt.find(name.substr(0, end)) != prompt.npos) return &tool;
      name.remove_prefix(std::min(end + 1, name.size()));
    }
  }
  const bool asked = request.tool_choice == ToolChoice::kRequired || prompt.find("tool") != prompt.npos;
  return asked ? &request.tools[dice.Below(request.tools.size())] : nullptr;
}

std::string ChatText(const ChatRequest& request, Dice& dice) {
  constexpr std::string_view kObjectSchema =
      R"({"properties":{"topic":{},"answer":{},"confidence":{"type":"number","minimum":0,"maximum":1}}})";
  const std::string_view prompt = request.LastUserText();
  if (request.format != AnswerFormat::kText) {
    return SchemaValueUntrusted(request.format == AnswerFormat::kJsonSchema ? request.schema : kObjectSchema,
                                prompt, dice);
  }
  const ChatMessage& last = request.LastMessage();
  if (last.role == "tool" || last.role == "function") {
    return "Here is what I found: " + std::string(CutToTokens(last.text, 60)) + "\n\n" +
           ComposeAnswer(prompt, dice);
  }
  return ComposeAnswer(prompt, dice);
}

SimulatedChoice MakeChoice(const ChatRequest& request, Dice dice) {
  SimulatedChoice choice{.finish_reason = "stop"};
  if (const ToolDefinition* tool = ToolFor(request, dice)) {
    choice.finish_reason = "tool_calls";
    choice.tool_calls.push_back(
        {.id = "call_" + dice.Hex(24),
         .name = tool->name,
         .arguments = SchemaValueUntrusted(tool->parameters, request.LastUserText(), dice)});
    return choice;
  }
  choice.text = ChatText(request, dice);
  const std::string_view cut = CutToTokens(choice.text, request.tokens_max.value_or(UINT64_MAX));
  if (cut.size() < choice.text.size()) {
    choice.text.resize(cut.size());
    choice.finish_reason = "length";
  }
  return choice;
}

uint64_t TokensOf(const SimulatedChoice& choice) {
  uint64_t tokens = EstimateTokens(choice.text);
  for (const SimulatedToolCall& call : choice.tool_calls) {
    tokens += 7 + EstimateTokens(call.name) + EstimateTokens(call.arguments);
  }
  return tokens;
}

TokenUsage ChatUsage(const ChatRequest& request, const std::vector<SimulatedChoice>& choices,
                     const Plan& plan) {
  if (plan.usage) return *plan.usage;
  TokenUsage usage{.prompt = kTokensPerAnswer};
  for (const ChatMessage& message : request.messages)
    usage.prompt += kTokensPerMessage + EstimateTokens(message.text);
  for (const ToolDefinition& tool : request.tools) {
    usage.prompt += EstimateTokens(tool.name) + EstimateTokens(tool.parameters);
  }
  for (const SimulatedChoice& choice : choices) usage.completion += TokensOf(choice);
  if (IsReasoningModel(request.model)) {
    usage.reasoning = 64 * (1 + plan.content_hash % 8);
    usage.completion += usage.reasoning;
  }
  if (plan.seen_before && usage.prompt >= kCachedTokensMin)
    usage.cached = usage.prompt / kCacheStep * kCacheStep;
  return usage;
}

void Provider::AnswerChat(const HttpRequest& http, HttpDone done) {
  const ApiResult<ChatRequest> request = ParseChatRequestUntrusted(http.body);
  Plan plan = MakePlan(http, request ? request->model : "");
  if (!request) return done(ErrorAnswer(request.error(), plan.dice));
  if (Fails(plan, request->model, done)) return;

  std::vector<SimulatedChoice> choices;
  for (int i = 0; i < request->choices; ++i) {
    choices.push_back(MakeChoice(*request, Dice(plan.content_hash + static_cast<uint64_t>(i))));
  }
  const TokenUsage usage = ChatUsage(*request, choices, plan);
  const AnswerHead head = MakeHead(plan, "chatcmpl-", request->model);
  if (request->stream) {
    if (http.headers.Get("x-simulate-latency-ms").empty()) plan.latency_ms /= 3;
    return SendLater(
        plan,
        StreamAnswer(plan, StreamEvents(head, choices, usage, {.include_usage = request->include_usage})),
        std::move(done));
  }
  HttpResponse response = HttpResponse::Json(200, ChatBody(head, choices, usage));
  AddCommonHeaders(plan.dice, plan.latency_ms, response);
  SendLater(plan, std::move(response), std::move(done));
}

void Provider::AnswerCompletion(const HttpRequest& http, HttpDone done) {
  const ApiResult<CompletionRequest> request = ParseCompletionRequestUntrusted(http.body);
  Plan plan = MakePlan(http, request ? request->model : "");
  if (!request) return done(ErrorAnswer(request.error(), plan.dice));
  if (Fails(plan, request->model, done)) return;

  std::vector<SimulatedChoice> choices;
  TokenUsage usage;
  for (const std::string& prompt : request->prompts) {
    usage.prompt += EstimateTokens(prompt);
    for (int i = 0; i < request->choices; ++i) {
      Dice dice(HashText(plan.content_hash + static_cast<uint64_t>(i), prompt));
      const std::string text = ComposeAnswer(prompt, dice);
      const std::string_view cut = CutToTokens(text, request->tokens_max);
      choices.push_back(
          {.text = std::string(cut), .finish_reason = cut.size() < text.size() ? "length" : "stop"});
      usage.completion += EstimateTokens(cut);
    }
  }
  usage = plan.usage.value_or(usage);
  const AnswerHead head = MakeHead(plan, "cmpl-", request->model);
  if (request->stream) {
    if (http.headers.Get("x-simulate-latency-ms").empty()) plan.latency_ms /= 3;
    const StreamShape shape{.chat = false, .include_usage = request->include_usage};
    return SendLater(plan, StreamAnswer(plan, StreamEvents(head, choices, usage, shape)), std::move(done));
  }
  HttpResponse response = HttpResponse::Json(200, CompletionBody(head, choices, usage));
  AddCommonHeaders(plan.dice, plan.latency_ms, response);
  SendLater(plan, std::move(response), std::move(done));
}

void Provider::AnswerEmbedding(const HttpRequest& http, HttpDone done) {
  const ApiResult<EmbeddingRequest> request = ParseEmbeddingRequestUntrusted(http.body);
  Plan plan = MakePlan(http, request ? request->model : "");
  if (!request) return done(ErrorAnswer(request.error(), plan.dice));
  if (Fails(plan, request->model, done)) return;
  HttpResponse response = HttpResponse::Json(200, EmbeddingBody(*request, options_.seed));
  AddCommonHeaders(plan.dice, plan.latency_ms, response);
  SendLater(plan, std::move(response), std::move(done));
}

}  // namespace

Result<std::unique_ptr<SimulatedProvider>> SimulatedProvider::Start(const SimulateOptions& options,
                                                                    const Clock* clock) {
  for (const double rate : {options.error_rate, options.rate_limit_rate, options.timeout_rate}) {
    if (!(rate >= 0 && rate <= 1)) {
      return Fail(ErrorCode::kInvalidInput, "start the simulated provider: a rate of " +
                                                std::to_string(rate) + " is not a share from 0 to 1");
    }
  }
  auto provider = std::make_unique<Provider>(options, clock);
  TELLTALE_RETURN_IF_ERROR(provider->Listen());
  return provider;
}

}  // namespace telltale
