#include <gtest/gtest.h>

#include <string>

#include "cli/canned_server.h"
#include "cli/prices/prices_commands.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

constexpr const char* kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

// [ a1 answered, priced by a rule of another table ][ a2 failed ][ a3 told twice ][ a4 a tool ][ a5 no call ]
constexpr const char* kTrace =
    R"({"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_count":5,"completeness":{"complete":true},)"
    R"("totals":{"calls":2,"input_tokens":1234,"output_tokens":73,"calls_without_usage":1,)"
    R"("cost":{"total":0.002,"no_usage_calls":1}},"spans":[)"
    R"({"spanId":"00000000000000a1","name":"chat","service":"s","startTimeUnixNano":"1","endTimeUnixNano":"2","call":)"
    R"({"kind":"llm","provider":"house","request":{"model":"m"},"response":{"model":"m-2026","service_tier":"flex"},)"
    R"("usage":{"input_tokens":1234,"output_tokens":73,"cache_read_tokens":1000,"reasoning_tokens":50,"scope":"own",)"
    R"("source":"provider","cache_convention":"exclusive"},"cost":{"status":"computed","total":0.002,)"
    R"("rule":"user:house/m-2026","match":"exact","matched":"response.model","table_version":"t2","parts":[)"
    R"({"kind":"input","tokens":234,"price_per_million":2.5,"amount":0.000585},)"
    R"({"kind":"web_search","count":1,"price":0.001415,"amount":0.001415}]}}},)"
    R"({"spanId":"00000000000000a2","name":"chat","service":"s","startTimeUnixNano":"3","endTimeUnixNano":"4","call":)"
    R"({"kind":"llm","request":{"model":"m"},"failed":true,"cost":{"status":"no_usage","reason":"usage_not_told",)"
    R"("total":null,"table_version":"t2"}}},)"
    R"({"spanId":"00000000000000a3","name":"post","service":"s","startTimeUnixNano":"1","endTimeUnixNano":"2","call":)"
    R"({"kind":"llm","duplicate_of":"00000000000000a1"}},)"
    R"({"spanId":"00000000000000a4","name":"look up","service":"s","startTimeUnixNano":"5","endTimeUnixNano":"6","call":)"
    R"({"kind":"tool"}},)"
    R"({"spanId":"00000000000000a5","name":"GET /","service":"s","startTimeUnixNano":"5","endTimeUnixNano":"6"}]})";

// As lists and sums have it: a1 by the price of last month.
constexpr const char* kListed =
    R"({"items":[{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00000000000000a1","counts":true,"call":)"
    R"({"kind":"llm","cost":{"status":"computed","total":0.001,"rule":"user:house/m","table_version":"t1"}}}],)"
    R"("next":null})";

class PricesExplainCall : public ::testing::Test {
 protected:
  PricesExplainCall() {
    server_.AnswerJson(std::string("/api/v1/traces/") + kTraceId, kTrace);
    server_.AnswerJson("/api/v1/calls", kListed);
  }

  int Run(const std::string& call, TestTerminal& test, bool json = false) {
    return RunPricesExplainCall({.server = server_.url(), .call = call, .json = json}, test.terminal);
  }

  CannedServer server_;
};

constexpr const char* kExplained = R"(call    4bf92f3577b34da6a3ce929d0e0e4736/00000000000000a1
span    chat  [s]
model   m-2026, asked for as m
billed  by house, service tier flex
usage   1,234 in (1,000 read from a cache)
        73 out (50 reasoning)
        the sender's input was without cached tokens, which are added
input                   234  x  $2.50 per million      =  $0.000585
web_search                1  x  $0.001415 each         =  $0.001415
total          $0.002
rule    user:house/m-2026
match   exact: the rule names this model
found   by the name of the model that answered
table   t2
stored  $0.001, by user:house/m of table t1
        lists and sums show that until telltale reprice --apply
)";

TEST_F(PricesExplainCall, ShowsUsagePartsRuleAndWhatListsHave) {
  TestTerminal test(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a1", test), kExitOk);
  EXPECT_EQ(test.out.str(), kExplained);
  EXPECT_EQ(test.err.str(), "");
}

TEST_F(PricesExplainCall, TakesTheAddressOfASpansPage) {
  TestTerminal test(80);
  EXPECT_EQ(Run(server_.url() + "/trace/" + kTraceId + "?span=00000000000000A1#x", test), kExitOk);
  EXPECT_EQ(test.out.str(), kExplained);
}

TEST_F(PricesExplainCall, SaysWhyThereIsNoCost) {
  TestTerminal failed(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a2", failed), kExitNotFound);
  EXPECT_TRUE(
      failed.out.str().contains("\nmodel   m, asked for; which one answered is not told\n"
                                "billed  by a provider that is not told\n"
                                "usage   not told\n"
                                "total          not known: input and output tokens must both be told\n"))
      << failed.out.str();
  TestTerminal twin(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a3", twin), kExitOk);
  EXPECT_TRUE(twin.out.str().contains(
      "\nno cost the same call is told by span 00000000000000a1 too, and that one counts\n"))
      << twin.out.str();
  TestTerminal tool(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a4", tool), kExitOk);
  EXPECT_TRUE(
      tool.out.str().contains("\nno cost only calls of models are priced, and this is of kind tool\n"))
      << tool.out.str();
}

TEST_F(PricesExplainCall, ExplainsEveryModelCallOfATraceAndTheirSum) {
  TestTerminal test(80);
  // A call of the trace has no cost.
  EXPECT_EQ(Run(kTraceId, test), kExitNotFound);
  const std::string text = test.out.str();
  EXPECT_TRUE(text.starts_with(std::string(kExplained) + "\ncall    ")) << text;
  EXPECT_TRUE(text.ends_with(
      "\n\ntrace   2 model calls, 1,234+ tokens in, 73+ out, $0.002+ (1 call tells no usage)\n"))
      << text;
  EXPECT_EQ(test.err.str(), "1 call of tools, agents and the like has no price of its own\n");
}

TEST_F(PricesExplainCall, SaysWhatTheSenderReported) {
  std::string trace = kTrace;
  const std::string computed = R"("status":"computed","total":0.002,"rule":"user:house/m-2026")";
  trace.replace(trace.find(computed), computed.size(), R"("status":"reported","total":0.002,"rule":null)");
  server_.AnswerJson(std::string("/api/v1/traces/") + kTraceId, trace);
  TestTerminal test(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a1", test), kExitOk);
  EXPECT_TRUE(
      test.out.str().contains("\ntotal          $0.002, as the sender reported it: it cannot be computed\n"))
      << test.out.str();
}

TEST_F(PricesExplainCall, PrintsTheCallsAsAJsonArray) {
  TestTerminal test(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a1", test, /*json=*/true), kExitOk);
  EXPECT_TRUE(
      test.out.str().starts_with("[\n{\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
                                 "\"span_id\":\"00000000000000a1\",\"name\":\"chat\""))
      << test.out.str();
  EXPECT_TRUE(test.out.str().ends_with(",\"stored_cost\":0.001}\n]\n")) << test.out.str();
}

TEST_F(PricesExplainCall, SaysWhichIsMissingTheTraceTheSpanOrTheCall) {
  TestTerminal test(80);
  EXPECT_EQ(Run(std::string(kTraceId) + "/a9", test), kExitNotFound);
  EXPECT_TRUE(test.err.str().contains("00000000000000a9: the trace has no such span\n")) << test.err.str();
  EXPECT_EQ(Run(std::string(kTraceId) + "/a5", test), kExitNotFound);
  EXPECT_TRUE(test.err.str().contains("00000000000000a5: the span is no call of a model, tool or agent\n"))
      << test.err.str();
  EXPECT_EQ(Run("abc/1", test), kExitNotFound);
  EXPECT_EQ(Run("xyz", test), kExitUsage);
  EXPECT_EQ(Run(std::string(kTraceId) + "/xyz", test), kExitUsage);
  EXPECT_EQ(Run(std::string(kTraceId) + "/", test), kExitUsage);
  EXPECT_EQ(test.out.str(), "");
}

}  // namespace
}  // namespace telltale
