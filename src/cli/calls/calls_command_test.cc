#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

constexpr std::string_view kPriced =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7",)"
    R"("start_unix_nano":"1764069276000000000","duration_nano":"1300000000","service":"llm-service",)"
    R"("name":"chat","counts":true,"call":{"kind":"llm","provider":"anthropic",)"
    R"("request":{"model":"claude-sonnet-4-5"},"response":{"model":"claude-sonnet-4-5-20250929"},)"
    R"("usage":{"input_tokens":1234,"output_tokens":73,"cache_read_tokens":1024,"source":"provider"},)"
    R"("time_to_first_token":0.25,"cost":{"status":"computed","total":0.0021282}}})";
constexpr std::string_view kFailed =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00000000000000a1",)"
    R"("start_unix_nano":"1764069277000000000","duration_nano":"45000000","service":"llm-service",)"
    R"("name":"chat","counts":true,"call":{"kind":"llm","request":{"model":"gpt-4o"},"failed":true,)"
    R"("cost":{"status":"no_usage","total":null}}})";
constexpr std::string_view kTool =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00000000000000a2",)"
    R"("start_unix_nano":"1764069278000000000","duration_nano":"812","service":"llm-service",)"
    R"("name":"get, weather","counts":true,"call":{"kind":"tool"}})";
constexpr std::string_view kReported =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00000000000000a3",)"
    R"("start_unix_nano":"1764069279000000000","duration_nano":"812","service":"llm-service",)"
    R"("name":"chat","counts":true,"call":{"kind":"llm","request":{"model":"acme"},)"
    R"("usage":{"input_tokens":10,"source":"counted"},"cost":{"status":"reported","total":0.5}}})";

std::string Page(const std::vector<std::string_view>& items, const std::string& next = "null") {
  std::string body = R"({"items":[)";
  for (const std::string_view& item : items) {
    if (&item != &items.front()) body += ',';
    body += item;
  }
  return body + R"(],"next":)" + next + "}";
}

TEST(Calls, FitInto80ColumnsWithWholeModelsAndIds) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({kPriced, kFailed, kTool}));
  TestTerminal test(80);
  EXPECT_EQ(RunCalls({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
time           model or name                 in cached out      cost duration
  trace id/span id  kind  service
11-25 11:14:36 claude-sonnet-4-5-20250929 1,234    83%  73 $0.002128   1.30 s
  4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7  llm  llm-service
11-25 11:14:37 gpt-4o ERROR                   -      -   -  no usage  45.0 ms
  4bf92f3577b34da6a3ce929d0e0e4736/00000000000000a1  llm  llm-service
11-25 11:14:38 get, weather                   -      -   -         -   812 ns
  4bf92f3577b34da6a3ce929d0e0e4736/00000000000000a2  tool  llm-service
)");
  EXPECT_EQ(test.err.str(), "no room for ttft: a wider terminal or --csv shows it\n");
}

TEST(Calls, HaveServiceAndKindInColumnsWhereThereIsRoom) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({kPriced}));
  TestTerminal test(120);
  EXPECT_EQ(RunCalls({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
time            service      kind  model                          in  cached  out       cost  duration    ttft
  trace id/span id
11-25 11:14:36  llm-service  llm   claude-sonnet-4-5-20250929  1,234     83%   73  $0.002128    1.30 s  250 ms
  4bf92f3577b34da6a3ce929d0e0e4736/00f067aa0ba902b7
)");
}

TEST(Calls, AreOneLineEachWhereThereIsNoTerminalAndMarksAreExplained) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({kReported}));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_EQ("\n" + test.out.str(),
            R"(
time            service      kind  model   in  cached  out    cost  duration  ttft  trace id/span id
11-25 11:14:39  llm-service  llm   acme   ~10       -    -  $0.50*    812 ns     -  4bf92f3577b34da6a3ce929d0e0e4736/00000000000000a3
)");
  EXPECT_EQ(test.err.str(),
            "~: counted by Telltale, for the sender told no usage\n"
            "*: as the sender reported it, for it cannot be computed\n");
}

TEST(Calls, PrintTheItemsOfTheApiAsAJsonArray) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({R"({"trace_id":"a"})", R"({"trace_id":"b"})"}));
  TestTerminal test(80);
  EXPECT_EQ(RunCalls({.server = server.url(), .json = true}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(), "[\n{\"trace_id\":\"a\"},\n{\"trace_id\":\"b\"}\n]\n");
}

TEST(Calls, LeaveEmptyInCsvWhatIsNotKnown) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({kPriced, kTool}));
  TestTerminal test(80);
  EXPECT_EQ(RunCalls({.server = server.url(), .csv = true}, test.terminal), kExitOk);
  EXPECT_EQ(
      test.out.str(),
      "start,service,name,kind,provider,request_model,response_model,input_tokens,cache_read_tokens,"
      "cache_write_tokens,output_tokens,reasoning_tokens,usage_source,cost_usd,cost_status,counts,"
      "duration_ms,time_to_first_token_ms,status,trace_id,span_id\r\n"
      "2025-11-25T11:14:36.000000000Z,llm-service,chat,llm,anthropic,claude-sonnet-4-5,"
      "claude-sonnet-4-5-20250929,1234,1024,,73,,provider,0.0021282,computed,true,1300.000000,250.000000,"
      "ok,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7\r\n"
      "2025-11-25T11:14:38.000000000Z,llm-service,\"get, weather\",tool,,,,,,,,,,,,true,0.000812,,ok,"
      "4bf92f3577b34da6a3ce929d0e0e4736,00000000000000a2\r\n");
}

TEST(Calls, AskForWhatTheFlagsSay) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({}));
  TestTerminal test(0);
  const CallsFilter filter{.service = "a b",
                           .kind = "llm",
                           .provider = "openai",
                           .model = "gpt-4o",
                           .conversation = "c",
                           .user = "u",
                           .prompt = "p",
                           .agent = "g",
                           .status = "error",
                           .cost_status = "unpriced"};
  EXPECT_EQ(RunCalls({.server = server.url(),
                      .filter = filter,
                      .since = "2026-01-02T03:04:05Z",
                      .sort = "cost",
                      .limit = 7},
                     test.terminal),
            kExitOk);
  const HttpRequest asked{.query = server.queries().at(0)};
  const std::pair<const char*, const char*> expected[] = {{"service", "a b"},
                                                          {"kind", "llm"},
                                                          {"provider", "openai"},
                                                          {"model", "gpt-4o"},
                                                          {"conversation", "c"},
                                                          {"user", "u"},
                                                          {"prompt", "p"},
                                                          {"agent", "g"},
                                                          {"status", "error"},
                                                          {"cost_status", "unpriced"},
                                                          {"start", "2026-01-02T03:04:05Z"},
                                                          {"sort", "cost"},
                                                          {"limit", "7"}};
  for (const auto& [name, value] : expected) EXPECT_EQ(asked.Param(name), value) << name;
  EXPECT_EQ(test.out.str(), "");
  EXPECT_TRUE(test.err.str().starts_with("no calls match since 2026-01-02T03:04:05Z\n")) << test.err.str();
}

TEST(Calls, OfATraceAreAskedForHoweverOldItIs) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({}));
  TestTerminal test(0);
  EXPECT_EQ(
      RunCalls({.server = server.url(), .filter = {.trace_id = "http://x/trace/ABC?span=1"}}, test.terminal),
      kExitOk);
  const HttpRequest asked{.query = server.queries().at(0)};
  EXPECT_EQ(asked.Param("trace_id"), "00000000000000000000000000000abc");
  EXPECT_FALSE(asked.Param("start"));
  EXPECT_TRUE(test.err.str().starts_with("no calls of this trace match\n")) << test.err.str();
  EXPECT_EQ(RunCalls({.server = server.url(), .filter = {.trace_id = "xyz"}}, test.terminal), kExitUsage);
}

TEST(Calls, FollowTheCursorUntilTheLimitAndSayThatThereAreMore) {
  CannedServer server;
  server.AnswerJson("/api/v1/calls", Page({kPriced, kTool}, R"("more")"));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url(), .sort = "cost", .limit = 4}, test.terminal), kExitOk);
  ASSERT_EQ(server.queries().size(), 2u);
  const HttpRequest second{.query = server.queries().at(1)};
  EXPECT_EQ(second.Param("cursor"), "more");
  EXPECT_EQ(second.Param("limit"), "2");
  EXPECT_EQ(test.err.str(), "these are the dearest 4; --limit shows more\n");
}

TEST(Calls, RefuseFlagsThatCannotWorkBeforeTheyAsk) {
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.since = "yesterday"}, test.terminal), kExitUsage);
  EXPECT_EQ(RunCalls({.limit = 0}, test.terminal), kExitUsage);
  EXPECT_EQ(RunCalls({.json = true, .csv = true}, test.terminal), kExitUsage);
  EXPECT_EQ(RunCalls({.step = "1.5.5d"}, test.terminal), kExitUsage);
  EXPECT_EQ(test.out.str(), "");
}

TEST(Calls, ShowTheServersRefusal) {
  CannedServer server;
  server.Answer(
      "/api/v1/calls",
      HttpResponse::Json(400, R"({"code":"invalid_input","message":"parameter kind: x: no","hint":"h"})"));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url(), .filter = {.kind = "x"}}, test.terminal), kExitUsage);
  EXPECT_EQ(test.err.str(), "error: parameter kind: x: no\nhint: h\n");
}

constexpr std::string_view kGpt =
    R"({"key":{"provider":"openai","model":"gpt-4o-mini-2024-07-18"},"start_unix_nano":"1764028800000000000",)"
    R"("calls":141,"errors":2,"input_tokens":161784,"output_tokens":9281,"cache_read_tokens":94208,)"
    R"("calls_without_usage":2,"cost":{"total":0.02277,"unpriced_calls":0,"no_usage_calls":2},)"
    R"("duration_nano":{"p50":43600000,"p95":1140000000},"time_to_first_token":{"p50":0.0235}})";
constexpr std::string_view kUnknown =
    R"({"key":{"provider":null,"model":"acme-1"},"start_unix_nano":"1764028800000000000",)"
    R"("calls":1,"errors":0,"input_tokens":1234,"output_tokens":56,"cache_read_tokens":0,)"
    R"("calls_without_usage":0,"cost":{"total":null,"unpriced_calls":1,"no_usage_calls":0},)"
    R"("duration_nano":{"p50":164000,"p95":164000},"time_to_first_token":{"p50":null}})";

TEST(CallSums, AreOneTableWithItsTotal) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({kGpt, kUnknown}));
  TestTerminal test(120);
  EXPECT_EQ(RunCalls({.server = server.url(), .by = "provider,model"}, test.terminal), kExitOk);
  // The quantiles of the total are the server's, of all calls together.
  EXPECT_EQ("\n" + test.out.str(), R"(
provider  model                   calls  errors        in  cached     out       cost      p50     p95     ttft
openai    gpt-4o-mini-2024-07-18    141       2  161,784+     58%  9,281+  $0.02277+  43.6 ms  1.14 s  23.5 ms
-         acme-1                      1       0     1,234       -      56   unpriced   164 µs  164 µs        -
total                               142       2  163,018+     58%  9,337+  $0.02277+  43.6 ms  1.14 s  23.5 ms
)");
  EXPECT_EQ(test.err.str(),
            "+: at least; 1 call has no price, 2 tell no usage\n"
            "hint: --cost-status unpriced, or no_usage, shows them\n");
  ASSERT_EQ(server.queries().size(), 2u);
  EXPECT_EQ((HttpRequest{.query = server.queries().at(0)}.Param("by")), "provider,model");
  EXPECT_FALSE((HttpRequest{.query = server.queries().at(1)}.Param("by")));
}

TEST(CallSums, FitInto80ColumnsWithWholeModels) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({kGpt, kUnknown}));
  TestTerminal test(80);
  EXPECT_EQ(RunCalls({.server = server.url(), .by = "model"}, test.terminal), kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
model                  calls errors       in cached    out      cost    p95
gpt-4o-mini-2024-07-18   141      2 161,784+    58% 9,281+ $0.02277+ 1.14 s
acme-1                     1      0    1,234      -     56  unpriced 164 µs
total                    142      2 163,018+    58% 9,337+ $0.02277+ 1.14 s
)");
  EXPECT_TRUE(test.err.str().starts_with("no room for p50, ttft: ")) << test.err.str();
}

TEST(CallSums, OfStepsBeginWithTheirTime) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({kGpt}));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url(), .step = "1d"}, test.terminal), kExitOk);
  EXPECT_TRUE(test.out.str().contains("\n2025-11-25 00:00    141 ")) << test.out.str();
  EXPECT_EQ((HttpRequest{.query = server.queries().at(0)}.Param("step")), "24h");
}

TEST(CallSums, SayThatTheTotalIsOfMoreThanIsShown) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({kGpt}, R"("1")"));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url(), .by = "model", .limit = 1}, test.terminal), kExitOk);
  EXPECT_TRUE(test.err.str().ends_with("1 row shown, the total is of all; --limit shows more\n"))
      << test.err.str();
}

TEST(CallSums, LeaveEmptyInCsvWhatIsNotKnown) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({kUnknown}));
  TestTerminal test(0);
  EXPECT_EQ(
      RunCalls({.server = server.url(), .by = "provider,model", .step = "24h", .csv = true}, test.terminal),
      kExitOk);
  EXPECT_EQ(
      test.out.str(),
      "start,provider,model,calls,errors,input_tokens,cache_read_tokens,output_tokens,calls_without_usage,"
      "cost_usd,unpriced_calls,no_usage_calls,duration_p50_ms,duration_p95_ms,"
      "time_to_first_token_p50_ms\r\n"
      "2025-11-25T00:00:00.000000000Z,,acme-1,1,0,1234,0,56,0,,1,0,0.164000,0.164000,\r\n");
}

TEST(CallSums, OfNothingSayWhereElseToLook) {
  CannedServer server;
  server.AnswerJson("/api/v1/aggregate", Page({}));
  TestTerminal test(0);
  EXPECT_EQ(RunCalls({.server = server.url(), .by = "model"}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(), "");
  EXPECT_TRUE(test.err.str().contains("\nhint: ")) << test.err.str();
}

}  // namespace
}  // namespace telltale
