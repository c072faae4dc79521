#include "api/tempo.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/testing/ask.h"

namespace telltale {
namespace {

// In base64: a trace id and span ids that end in 1, 2, 3.
constexpr std::string_view kTrace = "AAAAAAAAAAAAAAAAAAAAAQ==";
constexpr std::string_view kTimes =
    R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000")";

FakeSpan ChildWithEverything() {
  FakeSpan span{.span_id = IdOf<8>(2), .parent_id = IdOf<8>(1), .kind = 3, .status = 2};
  span.name = "ask";
  span.status_message = "429";
  span.trace_state = "a=b";
  span.flags = 257;
  span.attributes = {{.key = "n", .type = 'i', .text = "7"}};
  span.events = R"([{"timeUnixNano":"1700000000001000000","name":"e"}])";
  span.links = R"([{"traceId":"00000000000000000000000000000002","spanId":"0000000000000003"}])";
  span.dropped_events = 4;
  span.resource_hash = 2;
  span.resource = R"({"attributes":[],"schemaUrl":"https://example.com/r"})";
  return span;
}

TEST(Tempo, VersionOneIsBatchesWithIdsInBase64) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}, ChildWithEverything()}));
  const HttpResponse response = ask.Tempo("/api/traces/1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      std::string(
          R"({"batches":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
          R"("scopeSpans":[{"scope":{"name":"http","version":"1.2"},"spans":[{"traceId":")") +
          std::string(kTrace) + R"(","spanId":"AAAAAAAAAAE=","name":"GET /cart","kind":"SPAN_KIND_SERVER",)" +
          std::string(kTimes) +
          R"(,"status":{}}]}]},{"resource":{"attributes":[]},"schemaUrl":"https://example.com/r",)"
          R"("scopeSpans":[{"scope":{"name":"http","version":"1.2"},"spans":[{"traceId":")" +
          std::string(kTrace) +
          R"(","spanId":"AAAAAAAAAAI=","traceState":"a=b","parentSpanId":"AAAAAAAAAAE=","flags":257,"name":"ask",)"
          R"("kind":"SPAN_KIND_CLIENT",)" +
          std::string(kTimes) +
          R"(,"attributes":[{"key":"n","value":{"intValue":"7"}}],)"
          R"("events":[{"timeUnixNano":"1700000000001000000","name":"e"}],"droppedEventsCount":4,)"
          R"("links":[{"traceId":"AAAAAAAAAAAAAAAAAAAAAg==","spanId":"AAAAAAAAAAM="}],)"
          R"("status":{"message":"429","code":"STATUS_CODE_ERROR"}}]}]}]})");
}

TEST(Tempo, VersionTwoIsAResponseAroundTheTrace) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({{.span_id = IdOf<8>(1)}}));
  const std::string body = ask.Tempo("/api/v2/traces/1").body;
  EXPECT_TRUE(body.starts_with(R"({"trace":{"resourceSpans":[{"resource":)")) << body;
  EXPECT_TRUE(body.ends_with(R"("status":{}}]}]}]},"metrics":{}})")) << body;
}

// Span n of a trace, from 1; parent 0: a root.
FakeSpan SpanOf(uint8_t n, uint8_t parent) {
  FakeSpan span{.span_id = IdOf<8>(n), .kind = 1};
  if (parent > 0) span.parent_id = IdOf<8>(parent);
  span.name = "s" + std::to_string(n);
  span.start += n * 1'000'000;
  return span;
}

std::string ForModels(const std::vector<FakeSpan>& spans) {
  AskedFace ask;
  ask.engine.Answer(SpanRows(spans));
  const HttpResponse response = ask.Tempo("/api/v2/traces/1", "application/vnd.grafana.llm");
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/vnd.grafana.llm");
  return response.body;
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Tempo, ForModelsSpansStandInsideTheirParents) {
  EXPECT_EQ(
      ForModels({SpanOf(1, 0), SpanOf(2, 1), SpanOf(3, 1), SpanOf(4, 2)}),
      R"({"trace":{"traceId":"00000000000000000000000000000001","startTimeUnixNano":"1700000000001000000",)"
      R"("durationMs":5,"spanCount":4,"errorCount":0,"spans":[)"
      R"({"spanId":"0000000000000001","name":"s1","service":"shop","startMs":0,"durationMs":2,"spans":[)"
      R"({"spanId":"0000000000000002","name":"s2","startMs":1,"durationMs":2,"spans":[)"
      R"({"spanId":"0000000000000004","name":"s4","startMs":3,"durationMs":2}]},)"
      R"({"spanId":"0000000000000003","name":"s3","startMs":2,"durationMs":2}]}]}})");
}

TEST(Tempo, ForModelsSpansInACircleAndWithoutParentStandOnTop) {
  const std::string body = ForModels({SpanOf(1, 2), SpanOf(2, 1), SpanOf(3, 9)});
  for (const char* name : {"s1", "s2", "s3"})
    EXPECT_EQ(CountOf(body, std::string("\"name\":\"") + name + "\""), 1u) << body;
  EXPECT_EQ(body.find("spansLeftOut"), std::string::npos);
}

TEST(Tempo, ForModelsAChainIsCutWhereReadersOfJsonGiveUp) {
  std::vector<FakeSpan> chain;
  for (uint8_t n = 1; n <= 100; ++n) chain.push_back(SpanOf(n, n - 1));
  const std::string body = ForModels(chain);
  EXPECT_EQ(CountOf(body, "\"spanId\""), 64u);
  EXPECT_NE(body.find("\"spansLeftOut\":36"), std::string::npos);
  EXPECT_EQ(CountOf(body, "{"), CountOf(body, "}"));
  EXPECT_EQ(CountOf(body, "["), CountOf(body, "]"));
}

TEST(Tempo, WhatIsNotThereIs404InPlainText) {
  AskedFace ask;
  for (const char* target : {"/api/traces/1", "/api/v2/traces/1", "/api/traces/0"}) {
    const HttpResponse response = ask.Tempo(target);
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.body, "trace not found") << target;
  }
  EXPECT_EQ(ask.Tempo("/api/other").status, 404);
}

TEST(Tempo, WrongQuestionsAre400AndAskNothing) {
  for (const char* target :
       {"/api/traces/xyz", "/api/traces/1?start=soon", "/api/search?q=%7B", "/api/search?limit=0",
        "/api/search?tags=%3D", "/api/v2/search/tags?scope=x", "/api/v2/search/tag/x/values",
        "/api/metrics/query", "/api/metrics/query_range?q=%7B%7D%7Crate()&step=x"}) {
    AskedFace ask;
    EXPECT_EQ(ask.Tempo(target).status, 400) << target;
    EXPECT_TRUE(ask.engine.asked.empty()) << target;
  }
}

TEST(Tempo, ClosedListsAreAnsweredWithoutTheStore) {
  AskedFace ask;
  EXPECT_EQ(ask.Tempo("/api/v2/search/tag/span:status/values").body,
            R"({"tagValues":[{"type":"keyword","value":"unset"},{"type":"keyword","value":"ok"},)"
            R"({"type":"keyword","value":"error"}],"metrics":{"completedJobs":1,"totalJobs":1}})");
  EXPECT_TRUE(ask.engine.asked.empty());
}

TEST(Tempo, ValuesHaveTheirTypes) {
  AskedFace ask;
  ask.engine.Answer(Rows().String("sGET").String("i200").String("d0.5").String("btrue"));
  EXPECT_EQ(ask.Tempo("/api/v2/search/tag/span.a/values?limit=4").body,
            R"({"tagValues":[{"type":"string","value":"GET"},{"type":"int","value":"200"},)"
            R"({"type":"float","value":"0.5"},{"type":"bool","value":"true"}],)"
            R"("metrics":{"completedJobs":1,"totalJobs":1}})");
}

TEST(Tempo, AStoreThatFailsIsNotTheClientsFault) {
  AskedFace ask;
  ask.engine.AnswerError({ErrorCode::kUnavailable, "the store is busy", "try again"});
  const HttpResponse response = ask.Tempo("/api/traces/1");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "the store is busy (try again)");
  EXPECT_EQ(response.headers.Get("Retry-After"), "1");
}

}  // namespace
}  // namespace telltale
