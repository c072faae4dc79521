#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/counters.h"
#include "otlp/testing/dump.h"
#include "otlp/testing/reference.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

using testing::DumpBatch;

constexpr std::string_view kIds =
    R"("traceId":"30313233343536373839616263646566","spanId":"4142434445464748")";
constexpr std::string_view kDumpedSpan =
    "resource\nscope\nspan 30313233343536373839616263646566 4142434445464748";

struct Decoded {
  std::string dump;
  uint64_t refused = 0;
  std::string reason;
};

Decoded Decode(std::string_view json) {
  Batch batch;
  const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(json, batch);
  if (!refused) return {.dump = "error: " + refused.error().message};
  return {.dump = DumpBatch(batch), .refused = refused->count, .reason = refused->reason};
}

std::string RequestOf(std::string_view spans) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + std::string(spans) + "]}]}]}";
}

// A span with its ids and these further members.
Decoded DecodeSpan(std::string_view members) {
  return Decode(
      RequestOf("{" + std::string(kIds) + (members.empty() ? "" : ",") + std::string(members) + "}"));
}

// What follows the ids in the dump of a span with these members.
std::string DumpOf(std::string_view members) {
  const Decoded decoded = DecodeSpan(members);
  return decoded.dump.starts_with(kDumpedSpan) ? decoded.dump.substr(kDumpedSpan.size()) : decoded.reason;
}

std::string DumpOfValue(std::string_view any_value) {
  return DumpOf(R"("attributes":[{"key":"k","value":)" + std::string(any_value) + "}]");
}

std::string WithAttribute(std::string_view line) {
  return "\n  \"k\": " + std::string(line) + "\n";
}

constexpr std::string_view kEveryField = R"({
  "resourceSpans": [{
    "resource": {
      "attributes": [
        {"key": "service.name", "value": {"stringValue": "planner"}},
        {"key": "caf\u00e9 \ud83d\ude00", "value": {"stringValue": "\"quoted\" \\ \n"}}
      ],
      "droppedAttributesCount": 1,
      "entityRefs": [
        {"schemaUrl": "https://entity", "type": "service", "idKeys": ["service.name", "caf\u00e9"],
         "descriptionKeys": ["service.version"]},
        {},
        {"description_keys": [""], "idKeys": [], "type": null}
      ]
    },
    "scopeSpans": [{
      "scope": {"name": "http", "version": "1.2", "droppedAttributesCount": 2,
                "attributes": [{"key": "scoped", "value": {"boolValue": true}}]},
      "spans": [{
        "traceId": "30313233343536373839616263646566", "spanId": "4142434445464748",
        "parentSpanId": "6162636465666768", "traceState": "vendor=1", "flags": 257, "name": "GET /", "kind": 2,
        "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "9223372036854775807",
        "attributes": [
          {"key": "n", "value": {"intValue": "-3"}},
          {"key": "e", "value": {}},
          {"key": "a", "value": {"arrayValue": {"values": [{"doubleValue": 1.5}, {}, {"bytesValue": "/wA="}]}}},
          {"key": "m", "value": {"kvlistValue": {"values": [
              {"key": "x\"", "value": {"kvlistValue": {"values": []}}}, {"key": "y", "value": {}}]}}}
        ],
        "droppedAttributesCount": 3,
        "events": [
          {"timeUnixNano": "5", "name": "first", "droppedAttributesCount": 6,
           "attributes": [{"key": "ev", "value": {"doubleValue": 0.5}}]},
          {"name": "second"}
        ],
        "droppedEventsCount": 7,
        "links": [{"traceId": "66656463626139383736353433323130", "spanId": "3132333435363738", "traceState": "l=1",
                   "flags": 8, "attributes": [{"key": "li", "value": {"bytesValue": "AP8="}}],
                   "droppedAttributesCount": 9}],
        "droppedLinksCount": 10,
        "status": {"code": 2, "message": "timeout"}
      }],
      "schemaUrl": "https://scope"
    }],
    "schemaUrl": "https://resource"
  }]
})";

// The same request in protobuf's text format.
constexpr std::string_view kEveryFieldText = R"(
  resource_spans {
    resource {
      attributes { key: "service.name" value { string_value: "planner" } }
      attributes { key: "caf\303\251 \360\237\230\200" value { string_value: "\"quoted\" \\ \n" } }
      dropped_attributes_count: 1
      entity_refs { schema_url: "https://entity" type: "service" id_keys: "service.name" id_keys: "caf\303\251"
                    description_keys: "service.version" }
      entity_refs {}
      entity_refs { description_keys: "" }
    }
    scope_spans {
      scope { name: "http" version: "1.2" dropped_attributes_count: 2
              attributes { key: "scoped" value { bool_value: true } } }
      spans {
        trace_id: "0123456789abcdef" span_id: "ABCDEFGH" parent_span_id: "abcdefgh"
        trace_state: "vendor=1" flags: 257 name: "GET /" kind: SPAN_KIND_SERVER
        start_time_unix_nano: 1700000000000000001 end_time_unix_nano: 9223372036854775807
        attributes { key: "n" value { int_value: -3 } }
        attributes { key: "e" value {} }
        attributes { key: "a" value { array_value {
          values { double_value: 1.5 } values {} values { bytes_value: "\377\000" } } } }
        attributes { key: "m" value { kvlist_value {
          values { key: "x\"" value { kvlist_value {} } } values { key: "y" } } } }
        dropped_attributes_count: 3
        events { time_unix_nano: 5 name: "first" dropped_attributes_count: 6
                 attributes { key: "ev" value { double_value: 0.5 } } }
        events { name: "second" }
        dropped_events_count: 7
        links { trace_id: "fedcba9876543210" span_id: "12345678" trace_state: "l=1" flags: 8
                attributes { key: "li" value { bytes_value: "\000\377" } } dropped_attributes_count: 9 }
        dropped_links_count: 10
        status { code: STATUS_CODE_ERROR message: "timeout" }
      }
      schema_url: "https://scope"
    }
    schema_url: "https://resource"
  })";

TEST(TracesJson, GivesTheSameBatchAsTheSameRequestInProtobuf) {
  Batch from_protobuf;
  const std::string wire = testing::WireFromText(kEveryFieldText);
  ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, from_protobuf));
  EXPECT_EQ(Decode(kEveryField).dump, DumpBatch(from_protobuf));
}

TEST(TracesJson, KeepsNothingOfTheRequestsBytes) {
  std::string json(kEveryField);
  Batch batch;
  ASSERT_TRUE(DecodeTracesJsonUntrusted(json, batch));
  const std::string before = DumpBatch(batch);
  json.assign(json.size(), '#');
  Batch other;
  ASSERT_TRUE(DecodeTracesJsonUntrusted(RequestOf(""), other));  // The reader is used again.
  EXPECT_EQ(DumpBatch(batch), before);
}

TEST(TracesJson, AcceptsTheProtosOwnNamesToo) {
  EXPECT_EQ(Decode(R"({"resource_spans":[{"schema_url":"r","resource":{"dropped_attributes_count":1},
                       "scope_spans":[{"schema_url":"s","spans":[{
                         "trace_id":"30313233343536373839616263646566","span_id":"4142434445464748",
                         "parent_span_id":"6162636465666768","trace_state":"t","start_time_unix_nano":1,
                         "end_time_unix_nano":2,"dropped_attributes_count":3,"dropped_events_count":4,
                         "dropped_links_count":5,"events":[{"time_unix_nano":6}],
                         "attributes":[{"key":"k","value":{"string_value":"v"}},
                                       {"key":"n","value":{"array_value":{"values":[{"int_value":1}]}}}]}]}]}]})")
                .dump,
            R"(resource schema_url="r" dropped_attributes=1
scope schema_url="s"
span 30313233343536373839616263646566 4142434445464748 parent=6162636465666768 start=1 end=2 trace_state="t" dropped_attributes=3 dropped_events=4 dropped_links=5
  "k": s "v"
  "n": a {"arrayValue":{"values":[{"intValue":"1"}]}}
  event time=6
)");
}

TEST(TracesJson, AcceptsEmptyRequestsAndNullsForDefaults) {
  EXPECT_EQ(Decode("{}").dump, "");
  EXPECT_EQ(Decode(R"({"resourceSpans":null})").dump, "");
  EXPECT_EQ(Decode(R"({"resourceSpans":[{"scopeSpans":null},{"scopeSpans":[{"spans":null}]},{}]})").dump, "");
  EXPECT_EQ(DumpOf(R"("parentSpanId":null,"traceState":null,"name":null,"kind":null,"startTimeUnixNano":null,
                      "endTimeUnixNano":null,"attributes":null,"droppedAttributesCount":null,"events":null,
                      "links":null,"status":null,"flags":null)"),
            "\n");
  EXPECT_EQ(DumpOf(R"("status":{"code":null,"message":null},"parentSpanId":"")"), "\n");
  EXPECT_EQ(DumpOf(R"("parentSpanId":"0000000000000000")"), "\n");
}

TEST(TracesJson, IgnoresUnknownKeys) {
  EXPECT_EQ(
      Decode(R"({"future":[{}],"resourceSpans":[{"entityRefs":1,"scopeSpans":[{"deprecated":{},"spans":[{)" +
             std::string(kIds) + R"(,"x":{"y":[1,2]},"status":{"z":1}}]}]}]})")
          .dump,
      std::string(kDumpedSpan) + "\n");
}

TEST(TracesJson, ReadsEveryTypeOfValueInEveryFormThatProtobufAllows) {
  EXPECT_EQ(DumpOfValue("null"), WithAttribute("n {}"));
  EXPECT_EQ(DumpOfValue("{}"), WithAttribute("n {}"));
  EXPECT_EQ(DumpOfValue(R"({"stringValue":null})"), WithAttribute("n {}"));
  EXPECT_EQ(DumpOfValue(R"({"stringValue":""})"), WithAttribute("s \"\""));
  EXPECT_EQ(DumpOfValue(R"({"boolValue":false})"), WithAttribute(R"(b {"boolValue":false})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":7})"), WithAttribute(R"(i {"intValue":"7"})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":1e3})"), WithAttribute(R"(i {"intValue":"1000"})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":"-1.5e1"})"), WithAttribute(R"(i {"intValue":"-15"})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":"-9223372036854775808"})"),
            WithAttribute(R"(i {"intValue":"-9223372036854775808"})"));
  EXPECT_EQ(DumpOfValue(R"({"doubleValue":3})"), WithAttribute(R"(d {"doubleValue":3})"));
  EXPECT_EQ(DumpOfValue(R"({"doubleValue":"0.25"})"), WithAttribute(R"(d {"doubleValue":0.25})"));
  EXPECT_EQ(DumpOfValue(R"({"doubleValue":"NaN"})"), WithAttribute(R"(d {"doubleValue":"NaN"})"));
  EXPECT_EQ(DumpOfValue(R"({"doubleValue":"-Infinity"})"), WithAttribute(R"(d {"doubleValue":"-Infinity"})"));
  EXPECT_EQ(DumpOfValue(R"({"bytesValue":"_w"})"), WithAttribute(R"(y "\xff")"));
  EXPECT_EQ(DumpOfValue(R"({"arrayValue":{}})"), WithAttribute(R"(a {"arrayValue":{"values":[]}})"));
  EXPECT_EQ(DumpOfValue(R"({"arrayValue":{"values":[null,{"intValue":1}]}})"),
            WithAttribute(R"(a {"arrayValue":{"values":[{},{"intValue":"1"}]}})"));
  EXPECT_EQ(DumpOfValue(R"({"kvlistValue":{"values":[{"value":{"boolValue":true},"key":"b"},{}]}})"),
            WithAttribute(R"(m {"kvlistValue":{"values":[{"key":"b","value":{"boolValue":true}},)"
                          R"({"key":"","value":{}}]}})"));
}

TEST(TracesJson, LetsTheLastOfSeveralMembersWin) {
  EXPECT_EQ(DumpOfValue(R"({"intValue":7,"stringValue":"s","boolValue":null})"), WithAttribute("s \"s\""));
  EXPECT_EQ(DumpOf(R"("name":"first","name":"last")"), " name=\"last\"\n");
}

TEST(TracesJson, KeepsIntegersBeyond64BitsAsDoublesAndCountsThem) {
  const uint64_t before = CounterValue(Counter::kJsonIntegersKeptAsDouble);
  EXPECT_EQ(DumpOfValue(R"({"intValue":1e22})"), WithAttribute(R"(d {"doubleValue":1e+22})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":"9223372036854775808"})"),
            WithAttribute(R"(d {"doubleValue":9223372036854775808})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":18446744073709551616})"),
            WithAttribute(R"(d {"doubleValue":18446744073709551616})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":18446744073709551615})"),
            WithAttribute(R"(d {"doubleValue":18446744073709551616})"));
  EXPECT_EQ(CounterValue(Counter::kJsonIntegersKeptAsDouble), before + 4);
}

TEST(TracesJson, RefusesOnlyTheSpanWithANumberThatItsFieldCannotHold) {
  const std::string good = "{" + std::string(kIds) + "}";
  for (const std::string_view members : {
           R"("startTimeUnixNano":18446744073709551616)",
           R"("droppedEventsCount":-99999999999999999999)",
           R"("attributes":[{"key":"k","value":{"intValue":1.5}}])",
           R"("attributes":[{"key":"k","value":{"doubleValue":1e999}}])",
           R"("attributes":[{"key":"k","value":{"stringValue":1e999}}])",
           R"("attributes":[{"key":"k","value":1e999}])",
           R"("attributes":1e999)",
           R"("links":-1e999)",
           R"("status":1e999)",
       }) {
    const Decoded decoded =
        Decode(RequestOf(good + ",{" + std::string(kIds) + "," + std::string(members) + "}," + good));
    EXPECT_EQ(decoded.refused, 1u) << members << decoded.dump;
    EXPECT_EQ(decoded.dump, std::string(kDumpedSpan) + "\n" + std::string(kDumpedSpan.substr(15)) + "\n")
        << members;
  }
  EXPECT_EQ(DumpOf(R"("from_the_future":1e999,"unknown":99999999999999999999)"), "\n");
}

TEST(TracesJson, KeepsTheSignOfADoublesZero) {
  EXPECT_EQ(DumpOfValue(R"({"doubleValue":-0})"), WithAttribute(R"(d {"doubleValue":-0})"));
  EXPECT_EQ(DumpOfValue(R"({"doubleValue": -0.0 })"), WithAttribute(R"(d {"doubleValue":-0})"));
  EXPECT_EQ(DumpOfValue(R"({"intValue":-0})"), WithAttribute(R"(i {"intValue":"0"})"));
  EXPECT_EQ(DumpOf(R"("startTimeUnixNano":-0,"kind":-0)"), "\n");
  EXPECT_EQ(DumpOf(R"("name":"-0, -0")"), " name=\"-0, -0\"\n");
}

TEST(TracesJson, ReadsNumbersAsProtobufsOwnReaderDoes) {
  for (const std::string_view value : {
           R"({"doubleValue":123456789012345678901234567890})",
           R"({"doubleValue":-99999999999999999999})",
           R"({"doubleValue":1e-999})",
           R"({"doubleValue":"1e3"})",
           R"({"intValue":1e3})",
           R"({"intValue":-9223372036854775808})",
           R"({"intValue":"9223372036854775807"})",
       }) {
    const std::string json = RequestOf("{" + std::string(kIds) + R"(,"attributes":[{"key":"k","value":)" +
                                       std::string(value) + "}]}");
    const auto wire = testing::ReferenceWireFromJson(json);
    ASSERT_TRUE(wire) << value;
    EXPECT_EQ(Decode(json).dump, DumpBatch(testing::ReferenceDecode(*wire)->batch)) << value;
  }
}

TEST(TracesJson, RefusesEntityRefsOfTheWrongShape) {
  for (const std::string_view refs :
       {"{}", "[5]", R"([{"type":5}])", R"([{"idKeys":"k"}])", R"([{"idKeys":[null]}])"}) {
    const Decoded decoded =
        Decode(R"({"resourceSpans":[{"resource":{"entityRefs":)" + std::string(refs) + "}}]}");
    EXPECT_TRUE(decoded.dump.starts_with("error")) << refs << decoded.dump;
  }
}

TEST(TracesJson, ReadsEnumsAsNumbersAndAsNames) {
  EXPECT_EQ(DumpOf(R"("kind":"SPAN_KIND_CONSUMER","status":{"code":"STATUS_CODE_ERROR"})"),
            " kind=5 status=2\n");
  EXPECT_EQ(DumpOf(R"("kind":"3","status":{"code":1.0})"), " kind=3 status=1\n");
  EXPECT_EQ(DumpOf(R"("kind":6,"status":{"code":-1})"), "\n");
  EXPECT_EQ(DumpOf(R"("kind":"SPAN_KIND_OF_THE_FUTURE")"), "\n");
}

TEST(TracesJson, ReadsTimesAsStringsAndAsNumbers) {
  EXPECT_EQ(DumpOf(R"("startTimeUnixNano":1700000000000000001,"endTimeUnixNano":1.7e18)"),
            " start=1700000000000000001 end=1700000000000000000\n");
}

TEST(TracesJson, FindsEventsBeforeAttributesAndResourcesAfterSpans) {
  EXPECT_EQ(DumpOf(R"("events":[{"attributes":[{"key":"e"}]}],"attributes":[{"key":"k"}])"),
            "\n  \"k\": n {}\n  event\n    \"e\": n {}\n");
  EXPECT_EQ(Decode(R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + std::string(kIds) +
                   R"(}],"scope":{"name":"after"}}],"resource":{"attributes":[{"key":"r"}]}}]})")
                .dump,
            "resource\n  \"r\": n {}\nscope name=\"after\"\n" +
                std::string(kDumpedSpan.substr(kDumpedSpan.find("span"))) + "\n");
}

TEST(TracesJson, RefusesOnlyTheSpanWhoseIdsAreWrong) {
  const Decoded decoded = Decode(RequestOf(R"(
      {"traceId":"MDEyMzQ1Njc4OWFiY2RlZg==","spanId":"4142434445464748"},
      {"traceId":"30313233343536373839616263646566","spanId":"0000000000000000"},
      {"traceId":"30313233343536373839616263646566","spanId":"4142434445464748","parentSpanId":"61"},
      {"traceId":"30313233343536373839616263646566","spanId":"414243444546474G"},
      {"traceId":"30313233343536373839616263646566"},
      {)" + std::string(kIds) + R"(,"name":"kept"})"));
  EXPECT_EQ(decoded.dump, std::string(kDumpedSpan) + " name=\"kept\"\n");
  EXPECT_EQ(decoded.refused, 5u);
  EXPECT_EQ(
      decoded.reason,
      "1 span: trace id must be 16 bytes and not all zeros (first: span 1: 24 characters where hex digits "
      "belong); 3 spans: span id must be 8 bytes and not all zeros (first: span 2: 16 characters where hex "
      "digits belong); 1 span: parent span id must be empty or 8 bytes (first: span 3: 2 characters where "
      "hex "
      "digits belong)");
}

TEST(TracesJson, AcceptsHexOfEitherCase) {
  EXPECT_EQ(
      Decode(RequestOf(R"({"traceId":"ABCDEFabcdef00000000000000000001","spanId":"00000000000000Ff"})")).dump,
      "resource\nscope\nspan abcdefabcdef00000000000000000001 00000000000000ff\n");
}

TEST(TracesJson, DropsLinksWithWrongIdsAndCountsThemAsDropped) {
  EXPECT_EQ(DumpOf(R"("links":[{"traceId":"00","spanId":"11","attributes":[{"key":"gone"}]},
                               {"traceId":"66656463626139383736353433323130","spanId":"3132333435363738"}],
                      "droppedLinksCount":2)"),
            " dropped_links=3\n  link 66656463626139383736353433323130 3132333435363738\n");
}

TEST(TracesJson, RefusesOnlyTheSpanInWhichAMemberHasTheWrongType) {
  const std::string good = "{" + std::string(kIds) + "}";
  for (const std::string_view members : {
           R"("name":5)",
           R"("kind":true)",
           R"("kind":1.5)",
           R"("startTimeUnixNano":"soon")",
           R"("startTimeUnixNano":-1)",
           R"("endTimeUnixNano":1.5)",
           R"("endTimeUnixNano":1.9e19)",
           R"("flags":4294967296)",
           R"("attributes":{})",
           R"("attributes":[5])",
           R"("attributes":[{"key":5}])",
           R"("attributes":[{"key":"k","value":"text"}])",
           R"("attributes":[{"key":"k","value":{"stringValue":5}}])",
           R"("attributes":[{"key":"k","value":{"boolValue":"yes"}}])",
           R"("attributes":[{"key":"k","value":{"intValue":1.5}}])",
           R"("attributes":[{"key":"k","value":{"intValue":"0x10"}}])",
           R"("attributes":[{"key":"k","value":{"doubleValue":"fast"}}])",
           R"("attributes":[{"key":"k","value":{"doubleValue":"inf"}}])",
           R"("attributes":[{"key":"k","value":{"bytesValue":"?"}}])",
           R"("attributes":[{"key":"k","value":{"arrayValue":[]}}])",
           R"("attributes":[{"key":"k","value":{"arrayValue":{"values":{}}}}])",
           R"("attributes":[{"key":"k","value":{"kvlistValue":{"values":[{"key":1}]}}}])",
           R"("events":[null])",
           R"("events":[{"name":[]}])",
           R"("links":5)",
           R"("links":[{"flags":"x"}])",
           R"("status":"OK")",
           R"("status":{"message":1})",
       }) {
    const std::string bad = "{" + std::string(kIds) + "," + std::string(members) + "}";
    const Decoded decoded = Decode(RequestOf(bad + "," + good));
    EXPECT_EQ(decoded.dump, std::string(kDumpedSpan) + "\n") << members;
    EXPECT_EQ(decoded.refused, 1u) << members;
  }
  EXPECT_EQ(Decode(RequestOf("null,5," + good)).refused, 2u);
  EXPECT_EQ(DecodeSpan(R"("startTimeUnixNano":"soon")").reason,
            "1 span: malformed (first: span 1: startTimeUnixNano cannot be read)");
  EXPECT_EQ(DecodeSpan(R"("attributes":[{"key":"k","value":{"bytesValue":"?"}}])").reason,
            "1 span: malformed (first: span 1: bytesValue is not base64)");
}

TEST(TracesJson, RefusesTheSpanWhoseValueIsNestedTooDeep) {
  const auto nested = [](int depth) {
    std::string value = R"({"boolValue":true})";
    for (; depth > 1; --depth) value = R"({"arrayValue":{"values":[)" + value + "]}}";
    return R"("attributes":[{"key":"k","value":)" + value + "}]";
  };
  EXPECT_EQ(DecodeSpan(nested(kValueDepthMax)).refused, 0u);
  EXPECT_EQ(DecodeSpan(nested(kValueDepthMax + 1)).reason,
            "1 span: malformed (first: span 1: an attribute value is nested too deep)");
}

TEST(TracesJson, RefusesTheWholeRequestWhenItIsNotJsonOrNotOtlp) {
  for (const std::string_view json : {
           "",
           " ",
           "null",
           "[]",
           "5",
           "{",
           R"({"resourceSpans":[}])",
           R"({"resourceSpans":[]} x)",
           R"({"a":tru})",
           R"({"resourceSpans":{}})",
           R"({"resourceSpans":[null]})",
           R"({"resourceSpans":[{"resource":[]}]})",
           R"({"resourceSpans":[{"resource":{"attributes":5}}]})",
           R"({"resourceSpans":[{"schemaUrl":5}]})",
           R"({"resourceSpans":[{"scopeSpans":5}]})",
           R"({"resourceSpans":[{"scopeSpans":[5]}]})",
           R"({"resourceSpans":[{"scopeSpans":[{"scope":5}]}]})",
           R"({"resourceSpans":[{"scopeSpans":[{"spans":{}}]}]})",
           "{\"resourceSpans\":[],\"\xff\":1}",
       }) {
    Batch batch;
    const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(json, batch);
    ASSERT_FALSE(refused) << json;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  }
  EXPECT_EQ(Decode(R"({"resourceSpans":{}})").dump,
            "error: read an OTLP trace request: 20 bytes: resourceSpans is not a list");
}

TEST(TracesJson, RefusesDeepNestingWithoutFollowingIt) {
  const std::string deep(100'000, '[');
  EXPECT_TRUE(Decode(deep).dump.starts_with("error: "));
  EXPECT_TRUE(Decode("{\"a\":" + deep + std::string(100'000, ']') + "}").dump.starts_with("error: "));
}

TEST(TracesJson, ReplacesHalvesOfSurrogatePairsAndKeepsWholeOnes) {
  const uint64_t before = CounterValue(Counter::kJsonTextRepaired);
  EXPECT_EQ(DumpOf(R"("name":"a\ud83d")"), R"( name="a\xef\xbf\xbd")"
                                           "\n");
  EXPECT_EQ(DumpOf(R"("name":"\ude00\ud83d\ud83d\ude00 \\ud83d \uD83Dx")"),
            R"( name="\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80 \x5cud83d \xef\xbf\xbdx")"
            "\n");
  EXPECT_EQ(CounterValue(Counter::kJsonTextRepaired), before + 2);
  EXPECT_TRUE(Decode(R"({"a":"\ud83)").dump.starts_with("error: "));
  EXPECT_TRUE(Decode(R"({"a":"\x"})").dump.starts_with("error: "));
}

}  // namespace
}  // namespace telltale
