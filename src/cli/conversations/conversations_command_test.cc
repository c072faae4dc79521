#include <gtest/gtest.h>

#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/test_terminal.h"
#include "cli/text.h"

namespace telltale {
namespace {

std::string Conversation(const std::string& id, const std::string& title) {
  return R"({"id":")" + id + R"(","title":)" + (title.empty() ? "null" : '"' + title + '"') +
         R"(,"start_unix_nano":"1767323045000000000","end_unix_nano":"1767323105000000000","turns":2,)"
         R"("call_count":3,"trace_count":2,"models":["gpt-4o"],"users":["ann"],"services":["web"],)"
         R"("totals":{"calls":2,"errors":0,"input_tokens":2000,"output_tokens":200,)"
         R"("cost":{"total":0.007,"computed_calls":2}}})";
}

std::string Call(const std::string& added) {
  return R"({"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331",)"
         R"("start_unix_nano":"1767323045000000000","duration_nano":"820000000","service":"web","name":"chat",)"
         R"("counts":true,"call":{"kind":"llm","response":{"model":"gpt-4o"},"usage":{"input_tokens":1000,)"
         R"("output_tokens":100,"source":"provider"},"cost":{"status":"computed","total":0.0035}},"added":)" +
         added + "}";
}

constexpr const char* kAdded =
    R"({"resent_messages":4,"messages":[{"role":"user","parts":[{"type":"text","content":"What\nnow?"}]},)"
    R"({"role":"tool","parts":[{"type":"tool_call_response","id":"c","response":{"large":{"size_bytes":5000,)"
    R"("href":"/x","type":"text"},"preview":"It was"}}]}],)"
    R"("output":[{"role":"assistant","parts":[{"type":"tool_call","name":"look","arguments":"{}"}]}]})";

TEST(Conversations, AreATableWithWholeIds) {
  const std::string id(100, 'x');
  CannedServer server;
  server.AnswerJson("/api/v1/conversations",
                    R"({"items":[)" +
                        Conversation(id, "How do I\\u001b[31m do it, and " + std::string(90, 'y')) + "," +
                        Conversation("b", "") + R"(],"next":null})");
  TestTerminal test(80);
  EXPECT_EQ(RunConversations({.server = server.url()}, test.terminal), kExitOk);
  EXPECT_NE(test.out.str().find(id), std::string::npos);
  EXPECT_EQ(test.out.str().find('\x1b'), std::string::npos);
  EXPECT_NE(test.out.str().find("$0.007"), std::string::npos) << test.out.str();
}

TEST(Conversations, OneIsWhatWasSaidInIt) {
  CannedServer server;
  server.AnswerJson("/api/v1/conversations/talk/1", R"({"conversation":)" + Conversation("talk/1", "Hi") +
                                                        R"(,"items":[)" + Call(kAdded) + "," + Call("null") +
                                                        R"(],"next":null})");
  TestTerminal test(80);
  EXPECT_EQ(RunConversations({.server = server.url(), .id = "talk/1"}, test.terminal), kExitOk);
  EXPECT_EQ(test.out.str(),
            "conversation talk/1  2 turns, 3 calls in 2 traces, 1m 00s\n"
            "2 model calls, 2,000 tokens in, 200 out, $0.007\n"
            "models  gpt-4o\n"
            "users  ann\n"
            "services  web\n"
            "\n"
            "03:04:05  user       What now?\n"
            "          tool       It was\u2026 (4.9 KiB)\n"
            "          assistant  calls look {}\n"
            "          llm        gpt-4o  1,000 in, 100 out  $0.0035  820 ms\n"
            "                     0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331\n"
            "03:04:05  llm        gpt-4o  1,000 in, 100 out  $0.0035  820 ms\n"
            "                     0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331\n");
}

TEST(Conversations, AsCsvACallCountsOnce) {
  CannedServer server;
  server.AnswerJson("/api/v1/conversations/t", R"({"conversation":)" + Conversation("t", "Hi") +
                                                   R"(,"items":[)" + Call(kAdded) + R"(],"next":null})");
  TestTerminal test(0);
  EXPECT_EQ(RunConversations({.server = server.url(), .id = "t", .csv = true}, test.terminal), kExitOk);
  const std::string end = ",0af7651916cd43dd8448eb211c80319c,b7ad6b7169203331\r\n";
  const std::string time = "2026-01-02T03:04:05.000000000Z,";
  EXPECT_EQ(test.out.str(),
            "start,role,text,kind,model,input_tokens,output_tokens,cost_usd,trace_id,span_id\r\n" + time +
                "user,\"What\nnow?\",llm,gpt-4o,,," + end + time + "tool,It was,llm,gpt-4o,,," + end + time +
                "assistant,calls look {},llm,gpt-4o,1000,100,0.0035" + end);
}

TEST(Conversations, AnIdIsEncodedAndOneThatIsNotThereExitsWith3) {
  CannedServer server;
  TestTerminal test(80);
  EXPECT_EQ(RunConversations({.server = server.url(), .id = "a b?"}, test.terminal), kExitNotFound);
}

TEST(Conversations, AnEmptyListSaysSo) {
  CannedServer server;
  server.AnswerJson("/api/v1/conversations", R"({"items":[],"next":null})");
  TestTerminal test(80);
  EXPECT_EQ(RunConversations({.server = server.url(), .since = "1h"}, test.terminal), kExitOk);
  EXPECT_TRUE(test.err.str().starts_with("no conversations match since 1h")) << test.err.str();
  EXPECT_EQ(RunConversations({.limit = 0}, test.terminal), kExitUsage);
}

}  // namespace
}  // namespace telltale
