#include <gtest/gtest.h>

#include "api/jaeger_filter.h"
#include "api/testing/ask.h"

namespace telltale {
namespace {

constexpr std::string_view kEnvelopeEnd = R"(],"total":0,"limit":0,"offset":0,"errors":null})";

std::string DataOf(const HttpResponse& response) {
  const std::string start = "{\"data\":[";
  EXPECT_TRUE(response.body.starts_with(start)) << response.body;
  EXPECT_TRUE(response.body.ends_with(kEnvelopeEnd)) << response.body;
  return response.body.substr(start.size(), response.body.size() - start.size() - kEnvelopeEnd.size());
}

TEST(Jaeger, ATraceIsWhatJaegersUiReads) {
  FakeSpan root{.span_id = IdOf<8>(1), .start = 1'700'000'000'000'001'999, .duration = 2'000'900};
  root.trace_id.bytes[0] = 0xab;
  root.attributes = {
      {"http.route", 's', "/cart"},
      {"n", 'i', "7"},
      {"big", 'i', "9007199254740993"},
      {"ratio", 'd', "0.5"},
      {"yes", 'b', "true"},
      {"raw", 'y', "AP8="},
      {"list", 'a',
       R"({"arrayValue":{"values":[{"stringValue":"a"},{"intValue":"1"},{"doubleValue":0.5},{}]}})"},
      {"map", 'm',
       R"({"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}},{"key":"l","value":{"arrayValue":{}}}]}})"},
      {"none", 'n', ""}};
  root.trace_state = "a=b";
  root.flags = 257;
  root.status = 1;
  root.resource =
      R"({"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"cpus","value":{"intValue":"4"}}]})";
  FakeSpan child{
      .span_id = IdOf<8>(2), .parent_id = IdOf<8>(1), .start = 1'700'000'000'000'005'000, .duration = -1};
  child.trace_id = root.trace_id;
  child.name = "chat";
  child.status = 2;
  child.status_message = "429";
  child.kind = 3;
  child.resource_hash = 2;
  child.service = "unknown_service";
  child.resource = "{}";
  child.scope_hash = 2;
  child.scope = "{}";
  child.events =
      R"([{"timeUnixNano":"1700000000000006000","name":"exception","attributes":[{"key":"attempt","value":{"intValue":"2"}}]},)"
      R"({"timeUnixNano":"1700000000000007000","name":"hidden","attributes":[{"key":"event","value":{"stringValue":"own"}}]},)"
      R"({"timeUnixNano":"1700000000000008000"}])";
  child.links =
      R"([{"traceId":"ab000000000000000000000000000001","spanId":"0000000000000001","attributes":[{"key":"opentracing.ref_type","value":{"stringValue":"follows_from"}}]},)"
      R"({"traceId":"00000000000000000000000000000005","spanId":"0000000000000006","attributes":[{"key":"opentracing.ref_type","value":{"stringValue":"child_of"}}]}])";
  AskedFace ask;
  ask.engine.Answer(SpanRows({root, child}));
  const HttpResponse response = ask.Jaeger("/api/traces/ab000000000000000000000000000001");
  EXPECT_EQ(
      DataOf(response),
      R"({"traceID":"ab000000000000000000000000000001","spans":[)"
      R"({"traceID":"ab000000000000000000000000000001","spanID":"0000000000000001","flags":1,"operationName":"GET /cart",)"
      R"("references":[],"startTime":1700000000000001,"duration":2000,"tags":[)"
      R"({"key":"otel.scope.name","type":"string","value":"http"},{"key":"otel.scope.version","type":"string","value":"1.2"},)"
      R"({"key":"http.route","type":"string","value":"/cart"},{"key":"n","type":"int64","value":7},)"
      R"({"key":"big","type":"int64","value":"9007199254740993"},{"key":"ratio","type":"float64","value":0.5},)"
      R"({"key":"yes","type":"bool","value":true},{"key":"raw","type":"binary","value":"AP8="},)"
      R"({"key":"list","type":"string","value":"[\"a\",1,0.5,null]"},{"key":"map","type":"string","value":"{\"k\":true,\"l\":[]}"},)"
      R"({"key":"none","type":"string","value":""},{"key":"span.kind","type":"string","value":"server"},)"
      R"({"key":"otel.status_code","type":"string","value":"OK"},{"key":"w3c.tracestate","type":"string","value":"a=b"}],)"
      R"("logs":[],"processID":"p1","warnings":null},)"
      R"({"traceID":"ab000000000000000000000000000001","spanID":"0000000000000002","operationName":"chat",)"
      R"("references":[{"refType":"FOLLOWS_FROM","traceID":"ab000000000000000000000000000001","spanID":"0000000000000001"},)"
      R"({"refType":"CHILD_OF","traceID":"0000000000000005","spanID":"0000000000000006"}],)"
      R"("startTime":1700000000000005,"duration":0,"tags":[{"key":"span.kind","type":"string","value":"client"},)"
      R"({"key":"otel.status_code","type":"string","value":"ERROR"},{"key":"error","type":"bool","value":true},)"
      R"({"key":"otel.status_description","type":"string","value":"429"}],)"
      R"("logs":[{"timestamp":1700000000000006,"fields":[{"key":"event","type":"string","value":"exception"},)"
      R"({"key":"attempt","type":"int64","value":2}]},)"
      R"({"timestamp":1700000000000007,"fields":[{"key":"event","type":"string","value":"own"}]},)"
      R"({"timestamp":1700000000000008,"fields":[]}],"processID":"p2",)"
      R"("warnings":["the span ends 1 ns before it starts; shown with a duration of 0"]}],)"
      R"("processes":{"p1":{"serviceName":"shop","tags":[{"key":"cpus","type":"int64","value":4}]},)"
      R"("p2":{"serviceName":"unknown_service","tags":[]}},"warnings":null})");
}

TEST(Jaeger, ServicesAndOperationsAreNames) {
  AskedFace ask;
  ask.engine.Answer(Rows().String("a").Number<uint64_t>(3).Number<uint64_t>(1).Number<int64_t>(9));
  EXPECT_EQ(ask.Jaeger("/api/services").body,
            R"({"data":["a"],"total":1,"limit":0,"offset":0,"errors":null})");
  const Rows operations = Rows()
                              .String("x")
                              .Number<uint8_t>(2)
                              .Number<uint64_t>(7)
                              .String("x")
                              .Number<uint8_t>(3)
                              .Number<uint64_t>(1);
  ask.engine.Answer(operations);
  EXPECT_EQ(ask.Jaeger("/api/services/my%2Fshop/operations").body,
            R"({"data":["x"],"total":1,"limit":0,"offset":0,"errors":null})");
  EXPECT_EQ(ParametersOf(ask.engine.asked.back()), "service=my/shop");
  ask.engine.Answer(operations);
  EXPECT_EQ(ask.Jaeger("/api/operations?service=a&spanKind=client").body,
            R"({"data":[{"name":"x","spanKind":"client"}],"total":1,"limit":0,"offset":0,"errors":null})");
}

TEST(Jaeger, WhatTheUiSendsBecomesAFilter) {
  AskedFace ask;
  ask.engine.Answer(Rows().Number<uint8_t>(0));  // resources that match
  ask.engine.Answer(Rows().Number<uint8_t>(0));  // scopes, events and links that match
  const HttpResponse response = ask.Jaeger(
      "/api/"
      "traces?end=1700000000000000&limit=20&lookback=1h&maxDuration=&minDuration=1.5s&operation=GET%20%2F&"
      "service=shop"
      "&start=1699996400000000&tags=%7B%22http.route%22%3A%22%2Fcart%22%2C%22error%22%3A%22true%22%7D&tag="
      "span.kind:client");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ParametersOf(ask.engine.asked[2]),
            "start=1699996400000000000 end=1700000000000000000 service=shop operation=GET / status=2 kind=3"
            " duration_min=1500000000 attribute0_key=http.route attribute0_value=/cart");
}

TEST(Jaeger, WithoutStartTheLookbackCountsFromTheEnd) {
  AskedFace ask;
  ask.Jaeger("/api/traces?service=a&lookback=1h");
  EXPECT_EQ(ParametersOf(ask.engine.asked.back()),
            "start=1699996500000000000 end=1700000100000000000 service=a");
}

TEST(Jaeger, TracesAreReadByTheirIdsInTheOrderAsked) {
  AskedFace ask;
  ask.engine.Answer(SpanRows({{.trace_id = IdOf<16>(2)}, {.trace_id = IdOf<16>(1)}}));
  const std::string data = DataOf(ask.Jaeger("/api/traces?traceID=1&traceID=2&traceID=1"));
  EXPECT_LT(data.find(R"({"traceID":"0000000000000001","spans")"),
            data.find(R"({"traceID":"0000000000000002","spans")"));
}

TEST(Jaeger, ErrorsHaveJaegersEnvelope) {
  AskedFace ask;
  EXPECT_EQ(
      ask.Jaeger("/api/traces").body,
      R"({"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":400,"msg":"parameter 'service' is required"}]})");
  EXPECT_EQ(
      ask.Jaeger("/api/traces/5").body,
      R"({"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":404,"msg":"trace not found"}]})");
  for (const char* target :
       {"/api/traces?service=a&limit=x", "/api/traces?service=a&tags=no", "/api/traces?service=a&tag=k",
        "/api/traces?service=a&minDuration=2s&maxDuration=1s", "/api/traces?service=a&start=2&end=1",
        "/api/traces?service=a&tags=%7B%22a%22%3A1%7D", "/api/operations", "/api/dependencies?endTs=now"}) {
    EXPECT_EQ(ask.Jaeger(target).status, 400) << target;
  }
}

TEST(Jaeger, DependenciesCountCallsAndCanBeOfOneService) {
  AskedFace ask;
  ask.engine.Answer(
      Rows().String("a").String("b").Number<uint64_t>(3).String("c").String("d").Number<uint64_t>(4));
  EXPECT_EQ(
      ask.Jaeger("/api/dependencies?endTs=1700000000000&lookback=1000&service=d").body,
      R"({"data":[{"parent":"c","child":"d","callCount":4}],"total":0,"limit":0,"offset":0,"errors":null})");
  EXPECT_EQ(ParametersOf(ask.engine.asked[0]), "start=1699999999000000000 end=1700000000000000000");
}

TEST(JaegerFilter, ATagThatIsAFieldOfTheSpanIsNotAnAttribute) {
  SpanFilter filter;
  ASSERT_TRUE(AddJaegerTagsUntrusted("tags", R"({"otel.status_code":"OK","span.kind":"server","error":"no"})",
                                     filter));
  EXPECT_EQ(filter.status, uint8_t{1});
  EXPECT_EQ(filter.kind, uint8_t{2});
  ASSERT_EQ(filter.attributes.size(), 1u);
  EXPECT_EQ(filter.attributes[0].key, "error");
  EXPECT_TRUE(filter.attributes[0].on_spans && filter.attributes[0].on_parts);
}

TEST(JaegerFilter, NamesOfFieldsAreThoseOfJaegerInAnyCase) {
  SpanFilter filter;
  ASSERT_TRUE(AddJaegerTagsUntrusted(
      "tags", R"({"span.status":"error","span.kind":"CLIENT","scope.name":"web","otel.scope.version":"3"})",
      filter));
  EXPECT_EQ(filter.status, uint8_t{2});
  EXPECT_EQ(filter.kind, uint8_t{3});
  EXPECT_EQ(filter.scope_name, "web");
  EXPECT_EQ(filter.scope_version, "3");
  EXPECT_TRUE(filter.attributes.empty());
}

TEST(JaegerFilter, AKeyThatBeginsWithResourceMeansTheProcessAlone) {
  SpanFilter filter;
  ASSERT_TRUE(AddJaegerTag("resource.host.name:h1", filter));
  ASSERT_EQ(filter.attributes.size(), 1u);
  EXPECT_EQ(filter.attributes[0].key, "host.name");
  EXPECT_TRUE(filter.attributes[0].on_resources);
  EXPECT_FALSE(filter.attributes[0].on_spans || filter.attributes[0].on_parts);
}

}  // namespace
}  // namespace telltale
