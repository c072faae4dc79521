#include <gtest/gtest.h>

#include "api/testing/ask.h"

namespace telltale {
namespace {

TEST(JaegerV3, ATraceIsOtlpJsonBySourceAndScope) {
  AskedFace ask;
  FakeSpan other{.span_id = IdOf<8>(3), .parent_id = IdOf<8>(1), .kind = 1, .status = 2};
  other.resource_hash = 2;
  other.resource = R"({"schemaUrl":"https://example.com/r"})";
  other.scope_hash = 2;
  other.scope = R"({"name":"llm","schemaUrl":"https://example.com/s"})";
  ask.engine.Answer(
      SpanRows({{.span_id = IdOf<8>(1)}, other, {.span_id = IdOf<8>(2), .parent_id = IdOf<8>(1)}}));
  const HttpResponse response = ask.JaegerV3("/api/v3/traces/1");
  EXPECT_EQ(response.status, 200);
  const std::string times =
      R"("startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000002000000","attributes":[],)";
  EXPECT_EQ(
      response.body,
      R"({"result":{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},)"
      R"("scopeSpans":[{"scope":{"name":"http","version":"1.2"},"spans":[)"
      R"({"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","name":"GET /cart","kind":2,)" +
          times +
          R"("status":{}},{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002",)"
          R"("parentSpanId":"0000000000000001","name":"GET /cart","kind":2,)" +
          times +
          R"("status":{}}]}]},{"resource":{},"schemaUrl":"https://example.com/r","scopeSpans":[{"scope":{"name":"llm"},)"
          R"("schemaUrl":"https://example.com/s","spans":[{"traceId":"00000000000000000000000000000001",)"
          R"("spanId":"0000000000000003","parentSpanId":"0000000000000001","name":"GET /cart","kind":1,)" +
          times + R"("status":{"code":2}}]}]}]}})");
}

TEST(JaegerV3, BothSpellingsOfAParameterAreOne) {
  for (const std::string& query :
       {"query.start_time_min=2023-11-14T22:13:20Z&query.start_time_max=2023-11-14T22:13:30Z&query.service_"
        "name=a"
        "&query.operation_name=b&query.duration_min=1s&query.duration_max=2s&query.num_traces=5",
        "query.startTimeMin=2023-11-14T22:13:20Z&query.startTimeMax=2023-11-14T22:13:30Z&query.serviceName=a"
        "&query.operationName=b&query.durationMin=1s&query.durationMax=2s&query.searchDepth=5"}) {
    AskedFace ask;
    EXPECT_EQ(ask.JaegerV3("/api/v3/trace-summaries?" + query).body, R"({"summaries":[]})");
    EXPECT_EQ(
        ParametersOf(ask.engine.asked[0]),
        "start=1700000000000000000 end=1700000010000000000 service=a operation=b duration_min=1000000000"
        " duration_max=2000000000");
  }
}

TEST(JaegerV3, NothingFoundIs404AsInJaeger) {
  AskedFace ask;
  const HttpResponse response = ask.JaegerV3("/api/v3/traces?query.startTimeMin=1&query.startTimeMax=2");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, R"({"error":{"httpCode":404,"message":"No traces found"}})");
}

TEST(JaegerV3, ErrorsAreThoseOfAGrpcGateway) {
  AskedFace ask;
  for (const char* target :
       {"/api/v3/traces", "/api/v3/trace-summaries?query.startTimeMin=1", "/api/v3/traces/xyz",
        "/api/v3/traces?query.startTimeMin=noon&query.startTimeMax=2", "/api/v3/operations",
        "/api/v3/traces?query.startTimeMin=1&query.startTimeMax=2&query.filter=%7B%7D",
        "/api/v3/traces?query.startTimeMin=1&query.startTimeMax=2&query.attributes=x"}) {
    const HttpResponse response = ask.JaegerV3(target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_TRUE(response.body.starts_with(R"({"error":{"httpCode":400,"message":"parameter )"))
        << response.body;
  }
}

TEST(JaegerV3, ListsAreObjects) {
  AskedFace ask;
  ask.engine.Answer(Rows().String("a").Number<uint64_t>(3).Number<uint64_t>(1).Number<int64_t>(9));
  EXPECT_EQ(ask.JaegerV3("/api/v3/services").body, R"({"services":["a"]})");
  ask.engine.Answer(Rows()
                        .String("x")
                        .Number<uint8_t>(0)
                        .Number<uint64_t>(7)
                        .String("x")
                        .Number<uint8_t>(3)
                        .Number<uint64_t>(1));
  EXPECT_EQ(ask.JaegerV3("/api/v3/operations?service=a&span_kind=internal").body,
            R"({"operations":[{"name":"x","spanKind":"internal"}]})");
  ask.engine.Answer(Rows().String("a").String("b").Number<uint64_t>(3));
  EXPECT_EQ(ask.JaegerV3("/api/v3/dependencies").body,
            R"({"dependencies":[{"parent":"a","child":"b","callCount":"3"}]})");
}

}  // namespace
}  // namespace telltale
