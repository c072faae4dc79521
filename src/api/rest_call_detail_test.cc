// /api/v1/calls/{trace_id}/{span_id} and what belongs to it.
#include <gtest/gtest.h>

#include "api/testing/ask.h"
#include "ledger/call_row.h"
#include "query/call_detail.h"

namespace telltale {
namespace {

// A row of the table `calls`, as ReadCallRow reads it.
void AddCallRow(const CallRow& row, Rows& rows) {
  const auto write = [&](const auto& column) {
    const auto& field = column.get(row);
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string_view>) {
      rows.String(field);
    } else if constexpr (std::is_same_v<Field, TraceId> || std::is_same_v<Field, SpanId>) {
      rows.Bytes(field);
    } else {
      rows.Number(field);
    }
  };
  std::apply([&](const auto&... column) { (write(column), ...); }, kCallColumns);
}

FakeSpan Chat(std::string answer) {
  FakeSpan span;
  span.span_id = IdOf<8>(2);
  span.parent_id = IdOf<8>(1);
  span.name = "chat";
  span.attributes = {{"gen_ai.operation.name", 's', "chat"},
                     {"gen_ai.provider.name", 's', "openai"},
                     {"gen_ai.request.model", 's', "gpt-4o"},
                     {"gen_ai.usage.input_tokens", 'i', "1000"},
                     {"gen_ai.usage.output_tokens", 'i', "100"},
                     {"gen_ai.output.messages", 's',
                      R"([{"role":"assistant","parts":[{"type":"text","content":")" + answer + R"("}]}])"}};
  return span;
}

constexpr std::string_view kPath = "/api/v1/calls/1/2";

TEST(RestCallDetail, ALongAnswerIsAReferenceThatLeadsToIt) {
  const std::string answer(20'000, 'x');
  AskedFace ask;
  ask.engine.Answer(Rows());  // no log records
  ask.engine.Answer(SpanRows({Chat(answer)}));
  const HttpResponse response = ask.Rest(kPath);
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string href = "/api/v1/calls/00000000000000000000000000000001/0000000000000002/content/";
  EXPECT_TRUE(response.body.contains(R"("content":{"large":{"size_bytes":20000,"href":")" + href +
                                     ContentName(answer) + R"(","type":"text"},"preview":"xxx)"))
      << response.body;
  EXPECT_TRUE(response.body.contains(R"("total":0.0035)")) << response.body;

  ask.engine.Answer(Rows());
  ask.engine.Answer(SpanRows({Chat(answer)}));
  const HttpResponse content = ask.Rest(href + ContentName(answer) + "?offset=19990&length=4");
  EXPECT_EQ(content.status, 200);
  EXPECT_EQ(content.body, "xxxx");
  EXPECT_EQ(content.headers.Get("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(content.headers.Get("Telltale-Content-Size"), "20000");
  EXPECT_EQ(content.headers.Get("Telltale-Next-Offset"), "19994");
}

TEST(RestCallDetail, WhatTheTraceSaysOfTheCallIsTakenFromItsRow) {
  AskedFace ask;
  ask.engine.Answer(Rows());
  ask.engine.Answer(SpanRows({Chat("hi")}));
  Rows row;
  CallRow stored{.span_id = IdOf<8>(2), .conversation = "talk", .user = "ann", .counts = 0};
  stored.trace_id = IdOf<16>(1);
  stored.duplicate_of = IdOf<8>(9);
  AddCallRow(stored, row);
  ask.engine.Answer(row);
  const std::string body = ask.Rest(kPath).body;
  EXPECT_TRUE(body.contains(R"("session":{"id":"talk"},"user":{"id":"ann"})")) << body;
  EXPECT_TRUE(body.contains(R"("duplicate_of":"0000000000000009")")) << body;
  EXPECT_TRUE(body.contains(R"("counts":false)")) << body;
  EXPECT_FALSE(body.contains(R"("cost")")) << body;
}

TEST(RestCallDetail, TheCallsAroundItAreFoundThroughSpansThatAreNone) {
  AskedFace ask;
  ask.engine.Answer(Rows());
  ask.engine.Answer(SpanRows({Chat("hi")}));
  ask.engine.Answer(Rows());  // its row
  // 5 -> 1 -> 2 -> 3 -> 4, where 1 and 3 are no calls.
  ask.engine.Answer(Rows()
                        .Bytes(IdOf<8>(5))
                        .Number<int64_t>(1)
                        .Bytes(IdOf<8>(2))
                        .Number<int64_t>(2)
                        .Bytes(IdOf<8>(4))
                        .Number<int64_t>(3));
  Rows structure;
  for (const auto& [span, parent] : {std::pair{5, 0}, {1, 5}, {2, 1}, {3, 2}, {4, 3}})
    structure.Bytes(IdOf<8>(static_cast<uint8_t>(span))).Bytes(IdOf<8>(static_cast<uint8_t>(parent)));
  ask.engine.Answer(structure);
  Rows rows;
  AddCallRow({.span_id = IdOf<8>(4), .name = "tool"}, rows);
  AddCallRow({.span_id = IdOf<8>(5), .name = "agent"}, rows);
  ask.engine.Answer(rows);
  const std::string body = ask.Rest(kPath).body;
  EXPECT_TRUE(body.contains(
      R"("parent":{"trace_id":"00000000000000000000000000000000","span_id":"0000000000000005")"))
      << body;
  EXPECT_TRUE(body.contains(
      R"("children":[{"trace_id":"00000000000000000000000000000000","span_id":"0000000000000004")"))
      << body;
  EXPECT_TRUE(body.contains(R"("child_count":1,"truncated":false)")) << body;
}

TEST(RestCallDetail, ASpanThatIsNoCallIsNotFoundAndTheAnswerSaysWhereItIs) {
  AskedFace ask;
  ask.engine.Answer(Rows());
  FakeSpan span;
  span.span_id = IdOf<8>(2);
  ask.engine.Answer(SpanRows({span}));
  const HttpResponse response = ask.Rest(kPath);
  EXPECT_EQ(response.status, 404);
  EXPECT_TRUE(response.body.contains("this span is there, but is no call")) << response.body;
  EXPECT_TRUE(
      response.body.contains("/api/v1/traces/00000000000000000000000000000001/spans/0000000000000002"))
      << response.body;
}

TEST(RestCallDetail, IdsAndNamesThatCannotBeAreToldApart) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/calls/xyz/2").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/calls/1").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/calls/1/0").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/calls/1/2/other").status, 404);
  EXPECT_EQ(ask.Rest("/api/v1/calls/1/2?inline_bytes=1").status, 400);
  EXPECT_EQ(ask.Rest("/api/v1/calls/1/2").status, 404);  // no such span
}

TEST(RestSpan, ASpanIsShownWhole) {
  AskedFace ask;
  ask.engine.Answer(Rows());
  ask.engine.Answer(SpanRows({Chat("hi")}));
  const HttpResponse response = ask.Rest("/api/v1/traces/1/spans/2");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_TRUE(response.body.contains(R"({"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}})"));
  EXPECT_TRUE(response.body.contains(R"("resource":{"attributes":[{"key":"service.name")"));
  EXPECT_TRUE(response.body.contains(R"("call":{"kind":"llm")"));
}

}  // namespace
}  // namespace telltale
