#include <gtest/gtest.h>

#include "api/testing/ask.h"

namespace telltale {
namespace {

FakeSpan FullSpan() {
  FakeSpan span;
  span.span_id = IdOf<8>(2);
  span.parent_id = IdOf<8>(1);
  span.name = "chat \"gpt\"";
  span.status_message = "429";
  span.trace_state = "a=b";
  span.attributes = {{"text", 's', "line\nbreak"},
                     {"yes", 'b', "true"},
                     {"count", 'i', "-3"},
                     {"ratio", 'd', "0.5"},
                     {"nan", 'd', "nan"},
                     {"least", 'd', "-inf"},
                     {"raw", 'y', "AP8="},
                     {"nothing", 'n', ""},
                     {"list", 'a', R"({"arrayValue":{"values":[{"intValue":"1"}]}})"},
                     {"map", 'm', R"({"kvlistValue":{"values":[]}})"}};
  span.events = R"([{"timeUnixNano":"5","name":"e"}])";
  span.links = R"([{"traceId":"00000000000000000000000000000009","spanId":"0000000000000009"}])";
  span.flags = 257;
  span.dropped_attributes = 1;
  span.dropped_events = 2;
  span.dropped_links = 3;
  span.kind = 3;
  span.status = 2;
  return span;
}

TEST(Rest, ATraceIsShownWithEveryFieldOfItsSpans) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({FullSpan()}));
  const HttpResponse response = ask.Rest("/api/v1/traces/1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(
      response.body,
      R"({"trace_id":"00000000000000000000000000000001","start_unix_nano":"1700000000000000000","duration_nano":"2000000",)"
      R"("span_count":1,"error_count":1,"services":[{"name":"shop","span_count":1,"error_count":1}],)"
      R"("completeness":{"complete":false,"root_missing":true,"missing_parents":["0000000000000001"],"duplicate_spans":0,)"
      R"("dropped_attributes":1,"dropped_events":2,"dropped_links":3,"missing_content":0,"truncated":false},)"
      R"("totals":{"calls":0,"errors":0,"input_tokens":0,"output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0,)"
      R"("reasoning_tokens":0,"calls_without_usage":0,"cost":{"total":null,"currency":"USD","computed_calls":0,)"
      R"("reported_calls":0,"unpriced_calls":0,"no_usage_calls":0}},)"
      R"("resources":[{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}],)"
      R"("scopes":[{"name":"http","version":"1.2"}],)"
      R"("spans":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","parentSpanId":"0000000000000001",)"
      R"("traceState":"a=b","flags":257,"name":"chat \"gpt\"","kind":3,)"
      R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000","attributes":[)"
      R"({"key":"text","value":{"stringValue":"line\nbreak"}},{"key":"yes","value":{"boolValue":true}},)"
      R"({"key":"count","value":{"intValue":"-3"}},{"key":"ratio","value":{"doubleValue":0.5}},)"
      R"({"key":"nan","value":{"doubleValue":"NaN"}},{"key":"least","value":{"doubleValue":"-Infinity"}},)"
      R"({"key":"raw","value":{"bytesValue":"AP8="}},{"key":"nothing","value":{}},)"
      R"({"key":"list","value":{"arrayValue":{"values":[{"intValue":"1"}]}}},{"key":"map","value":{"kvlistValue":{"values":[]}}}],)"
      R"("droppedAttributesCount":1,"events":[{"timeUnixNano":"5","name":"e"}],"droppedEventsCount":2,)"
      R"("links":[{"traceId":"00000000000000000000000000000009","spanId":"0000000000000009"}],"droppedLinksCount":3,)"
      R"("status":{"code":2,"message":"429"},"service":"shop","resource":0,"scope":0}],"logs":[],"logs_truncated":false})");
}

TEST(Rest, AModelCallHasItsUsageAndItsCost) {
  FakeSpan span;
  span.attributes = {{"gen_ai.operation.name", 's', "chat"},
                     {"gen_ai.provider.name", 's', "openai"},
                     {"gen_ai.request.model", 's', "gpt-4o-2024-08-06"},
                     {"gen_ai.usage.input_tokens", 'i', "1200"},
                     {"gen_ai.usage.cache_read.input_tokens", 'i', "1000"},
                     {"gen_ai.usage.output_tokens", 'i', "300"}};
  AskedFace ask;
  ask.engine.Answer(SpanRows({span}));
  const std::string body = ask.Rest("/api/v1/traces/1").body;
  EXPECT_TRUE(body.contains(R"("call":{"kind":"llm",)")) << body;
  EXPECT_TRUE(body.contains(
      R"("input_tokens":1200,"output_tokens":300,"total_tokens":1500,"cache_read_tokens":1000,)"))
      << body;
  // 200 x 2.50 + 1,000 x 1.25 + 300 x 10.00 dollars a million.
  EXPECT_TRUE(body.contains(R"("cost":{"status":"computed","total":0.00475,"currency":"USD",)")) << body;
  EXPECT_TRUE(
      body.contains(R"({"kind":"cache_read","tokens":1000,"price_per_million":1.25,"amount":0.00125})"))
      << body;
  EXPECT_TRUE(body.contains(R"("totals":{"calls":1,"errors":0,"input_tokens":1200,"output_tokens":300,)"))
      << body;
  EXPECT_TRUE(body.contains(R"("cost":{"total":0.00475,"currency":"USD","computed_calls":1,)")) << body;
}

TEST(Rest, ACallOfAnUnknownModelIsUnpricedAndNotZero) {
  FakeSpan span;
  span.attributes = {{"gen_ai.operation.name", 's', "chat"},
                     {"gen_ai.provider.name", 's', "openai"},
                     {"gen_ai.request.model", 's', "no-such-model"},
                     {"gen_ai.usage.input_tokens", 'i', "1"},
                     {"gen_ai.usage.output_tokens", 'i', "1"}};
  AskedFace ask;
  ask.engine.Answer(SpanRows({span}));
  const std::string body = ask.Rest("/api/v1/traces/1").body;
  EXPECT_TRUE(body.contains(R"("cost":{"status":"unpriced","reason":"model_unknown",)")) << body;
  EXPECT_TRUE(body.contains(
      R"("cost":{"total":null,"currency":"USD","computed_calls":0,"reported_calls":0,"unpriced_calls":1,)"))
      << body;
}

TEST(Rest, ASmallSpanLeavesOutWhatItDoesNotHave) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({{.resource = "", .scope = "{}", .kind = 0}}));
  const HttpResponse response = ask.Rest("/api/v1/traces/1");
  EXPECT_NE(response.body.find(
                R"("resources":[{}],"scopes":[{}],"spans":[{"traceId":"00000000000000000000000000000001",)"
                R"("spanId":"0000000000000001","parentSpanId":"","name":"GET /cart","kind":0,)"
                R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000",)"
                R"("attributes":[],"status":{"code":0},"service":"shop","resource":0,"scope":0}])"),
            std::string::npos)
      << response.body;
}

TEST(Rest, ASpanThatEndsBeforeItStartsKeepsTheEndThatWasSent) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({{.start = 1'000, .duration = -400}}));
  const HttpResponse response = ask.Rest("/api/v1/traces/1");
  EXPECT_NE(response.body.find(R"("startTimeUnixNano":"1000","endTimeUnixNano":"600")"), std::string::npos);
  EXPECT_NE(response.body.find(R"("duration_nano":"0")"), std::string::npos);
}

TEST(Rest, ATraceThatDoesNotExistIs404) {
  AskedFace ask;
  const HttpResponse response = ask.Rest("/api/v1/traces/abc");
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(
      response.body.find(R"({"code":"not_found","message":"find trace 00000000000000000000000000000abc: )"),
      std::string::npos)
      << response.body;
}

TEST(Rest, APageOfTracesSumsThemUp) {
  AskedFace ask;
  ask.engine.Answer(Rows().Bytes(IdOf<16>(1)).Number<int64_t>(100).Bytes(IdOf<16>(2)).Number<int64_t>(90));
  Rows summary;
  summary.Bytes(IdOf<16>(1))
      .String("web")
      .Number<uint64_t>(2)
      .Number<uint64_t>(1)
      .Number<int64_t>(100)
      .Number<int64_t>(175);
  summary.String("GET /").Number<uint8_t>(2).Number<uint8_t>(1).Number<int64_t>(100).Number<int64_t>(175);
  ask.engine.Answer(summary);
  Rows sums;
  sums.Bytes(IdOf<16>(1)).Number<uint64_t>(3).Number<uint64_t>(1);
  for (const int64_t tokens : {500, 60, 0, 0, 0}) sums.Number<int64_t>(tokens);
  sums.Number<uint64_t>(1);
  // The cost is 128 bits wide: one and a half dollars.
  sums.Number<uint64_t>(1'500'000'000'000).Number<uint64_t>(0);
  for (const uint64_t calls : {2, 0, 0, 1}) sums.Number<uint64_t>(calls);
  ask.engine.Answer(sums);
  const HttpResponse response = ask.Rest("/api/v1/traces?limit=1&start=0&end=200");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.starts_with(
      R"({"items":[{"trace_id":"00000000000000000000000000000001","service":"web","name":"GET /","root_missing":false,)"
      R"("start_unix_nano":"100","duration_nano":"75","span_count":2,"error_count":1,"status":"error",)"
      R"("services":[{"name":"web","span_count":2,"error_count":1}],)"
      R"("totals":{"calls":3,"errors":1,"input_tokens":500,"output_tokens":60,"cache_read_tokens":0,)"
      R"("cache_write_tokens":0,"reasoning_tokens":0,"calls_without_usage":1,"cost":{"total":1.5,"currency":"USD",)"
      R"("computed_calls":2,"reported_calls":0,"unpriced_calls":0,"no_usage_calls":1}}}],"next":"A)"))
      << response.body;
}

TEST(Rest, WithoutTimesTheLastDayIsSearched) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/traces").body, R"({"items":[],"next":null})");
  ASSERT_EQ(ask.engine.asked.size(), 1u);
  EXPECT_EQ(ParametersOf(ask.engine.asked[0]), "start=1699913700000000000 end=1700000100000000000");
}

TEST(Rest, ARangeThatEndsBeforeItStartsHoldsNothingAndAsksNothing) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/traces?start=200&end=100").body, R"({"items":[],"next":null})");
  EXPECT_TRUE(ask.engine.asked.empty());
}

TEST(Rest, EveryFilterReachesTheStore) {
  AskedFace ask;
  ask.engine.Answer(Rows().Number<uint8_t>(0).Number<uint8_t>(0));
  const HttpResponse response = ask.Rest(
      "/api/v1/"
      "traces?service=a&operation=b&status=unset&min_duration=1ms&max_duration=2s&attribute=k%3Dv%3Dw&"
      "attribute=x"
      "&start=5&end=6");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ParametersOf(ask.engine.asked[1]),
            "start=5 end=6 service=a operation=b status=0 duration_min=1000000 duration_max=2000000000"
            " attribute0_key=k attribute0_value=v=w attribute1_key=x");
}

struct Refusal {
  std::string target;
  std::string message;
};

TEST(Rest, ARefusalNamesTheParameterAndTheValue) {
  for (const Refusal& refusal : std::vector<Refusal>{
           {"/api/v1/traces?limit=1001", "parameter limit: 1001: not a number from 1 to 1000"},
           {"/api/v1/traces?status=bad", "parameter status: bad: not a status"},
           {"/api/v1/traces?min_duration=soon", "parameter min_duration: soon: not a duration"},
           {"/api/v1/traces?start=noon", "parameter start: noon: not a time"},
           {"/api/v1/traces?attribute==v", "parameter attribute: =v: has no key"},
           {"/api/v1/traces?cursor=x", "parameter cursor: x: not a cursor of this list"},
           {"/api/v1/traces?servce=a", "parameter servce: a: unknown parameter"},
           {"/api/v1/traces/xyz", "parameter trace_id: xyz: not a trace id"},
           {"/api/v1/operations", "parameter service: : is required"},
           {"/api/v1/stats?x=1", "parameter x: 1: this path takes no parameters"}}) {
    AskedFace ask;
    const HttpResponse response = ask.Rest(refusal.target);
    EXPECT_EQ(response.status, 400) << refusal.target;
    EXPECT_NE(response.body.find("\"message\":\"" + refusal.message + "\""), std::string::npos)
        << response.body;
    EXPECT_TRUE(ask.engine.asked.empty());
  }
}

TEST(Rest, AnErrorOfTheStoreHasItsCodeAndStatus) {
  AskedFace ask;
  ask.engine.AnswerError({ErrorCode::kOverLimit, "query: too slow", ""});
  EXPECT_EQ(ask.Rest("/api/v1/services").status, 422);
  ask.engine.AnswerError({ErrorCode::kUnavailable, "query: no space", ""});
  const HttpResponse unavailable = ask.Rest("/api/v1/services");
  EXPECT_EQ(unavailable.status, 503);
  EXPECT_EQ(unavailable.headers.Get("Retry-After"), "1");
  EXPECT_EQ(unavailable.body, R"({"code":"unavailable","message":"query: no space","hint":""})");
}

TEST(Rest, ListsAreItemsOnOnePage) {
  AskedFace ask;
  ask.engine.Answer(Rows().String("a").Number<uint64_t>(3).Number<uint64_t>(1).Number<int64_t>(9));
  EXPECT_EQ(
      ask.Rest("/api/v1/services").body,
      R"({"items":[{"name":"a","span_count":3,"error_count":1,"last_seen_unix_nano":"9"}],"next":null})");
  ask.engine.Answer(Rows().String("op").Number<uint8_t>(3).Number<uint64_t>(7));
  EXPECT_EQ(ask.Rest("/api/v1/operations?service=a").body,
            R"({"items":[{"name":"op","kind":3,"span_count":7}],"next":null})");
  ask.engine.Answer(Rows().Length(1).String("k").Length(0));
  EXPECT_EQ(ask.Rest("/api/v1/attribute_keys").body, R"({"items":[{"key":"k"}],"next":null})");
}

TEST(Rest, StatsJoinTheStoreAndTheServer) {
  AskedFace ask;
  ask.state = {.uptime_seconds = 1.5,
               .log_bytes = 10,
               .log_lag_bytes = 4,
               .memory_bytes = 99,
               .otlp_grpc = "127.0.0.1:4317"};
  ask.engine.Answer(Rows().Number<uint64_t>(5).Number<uint64_t>(700));
  ask.engine.Answer(Rows().Number<int64_t>(1).Number<int64_t>(2));
  EXPECT_EQ(
      ask.Rest("/api/v1/stats").body,
      R"({"version":"1.2.3","uptime_seconds":1.5,"spans_stored":5,"traces":null,"disk_bytes":700,"log_bytes":10,)"
      R"("log_lag_bytes":4,"oldest_unix_nano":"1","newest_unix_nano":"2","memory_bytes":99,)"
      R"("receivers":{"otlp_grpc":"127.0.0.1:4317"}})");
}

TEST(Rest, APathThatDoesNotExistIsAJsonError) {
  AskedFace ask;
  const HttpResponse response = ask.Rest("/api/v1/nothing");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.Get("Content-Type"), "application/json");
}

TEST(Rest, ExplainsTheCallsOfABody) {
  AskedFace ask;
  const HttpResponse response = ask.PostRest(
      "/api/v1/explain",
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10",)"
      R"("spanId":"0102030405060708","name":"chat","attributes":[{"key":"gen_ai.request.model",)"
      R"("value":{"stringValue":"gpt-4"}}]}]}]}]})");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(
      response.body.find(
          R"("call":{"kind":"llm","dialect":"otel-genai","provider":"openai","request":{"model":"gpt-4"}})"),
      std::string::npos)
      << response.body;
  EXPECT_NE(
      response.body.find(R"({"field":"request.model","from":"gen_ai.request.model","rule":"otel-genai"})"),
      std::string::npos);
}

TEST(Rest, ExplainsByTheMappingThatIsSentAlong) {
  AskedFace ask;
  const std::string request =
      R"("request":{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090a0b0c0d0e0f10",)"
      R"("spanId":"0102030405060708","name":"step","attributes":[{"key":"acme.model",)"
      R"("value":{"stringValue":"gpt-4"}}]}]}]}]}})";
  const auto told = ask.PostRest(
      "/api/v1/explain",
      R"({"mapping":"[[dialect]]\nname='acme'\n[dialect.attributes]\n'acme.model'='request.model'",)" +
          request);
  EXPECT_EQ(told.status, 200);
  EXPECT_NE(told.body.find(R"({"field":"request.model","from":"acme.model","rule":"acme"})"),
            std::string::npos)
      << told.body;

  const auto refused = ask.PostRest(
      "/api/v1/explain", R"({"mapping":"[[dialect]]\n[dialect.attributes]\n'acme.model'='modl'",)" + request);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("line 3: acme.model: no field of that name: modl"), std::string::npos)
      << refused.body;
}

TEST(Rest, ExplainNeedsAnOtlpBody) {
  AskedFace ask;
  EXPECT_EQ(ask.Rest("/api/v1/explain").status, 400);
  EXPECT_EQ(ask.PostRest("/api/v1/explain", "").status, 400);
  EXPECT_EQ(ask.PostRest("/api/v1/explain", "hello").status, 400);
}

}  // namespace
}  // namespace telltale
