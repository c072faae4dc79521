#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

#include "base/counters.h"
#include "otlp/testing/dump.h"
#include "otlp/testing/reference.h"
#include "otlp/trace_decoder.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

using namespace std::string_view_literals;
using testing::DumpBatch;
using testing::WireFromText;

constexpr std::string_view kIds = R"(trace_id: "0123456789abcdef" span_id: "ABCDEFGH" )";
constexpr std::string_view kDumpedIds = "span 30313233343536373839616263646566 4142434445464748";

std::string WireOfSpan(std::string_view span) {
  return WireFromText("resource_spans { scope_spans { spans { " + std::string(span) + " } } }");
}

struct Decoded {
  std::string dump;
  uint64_t refused = 0;
  std::string reason;
};

Decoded Decode(std::string_view bytes) {
  Batch batch;
  const Result<RefusedItems> refused = DecodeTracesProtobufUntrusted(bytes, batch);
  if (!refused) return {.dump = "error: " + refused.error().message};
  return {.dump = DumpBatch(batch), .refused = refused->count, .reason = refused->reason};
}

Decoded DecodeSpan(std::string_view span) {
  return Decode(WireOfSpan(span));
}

// The dump of a span with these attributes, in protobuf's text format.
std::string DumpOfValue(std::string_view any_value) {
  return DecodeSpan(std::string(kIds) + "attributes { key: 'k' value { " + std::string(any_value) + " } }")
      .dump;
}

std::string WithAttribute(std::string_view line) {
  return "resource\nscope\n" + std::string(kDumpedIds) + "\n  \"k\": " + std::string(line) + "\n";
}

// Bytes of nested messages by hand, for what the text format cannot say.
std::string Nested(uint32_t field, std::string_view inner) {
  std::string out;
  AppendWireBytes(field, inner, out);
  return out;
}

std::string RawRequest(std::string_view span) {
  return Nested(1, Nested(2, Nested(2, span)));
}

std::string RawIds() {
  return Nested(1, "0123456789abcdef") + Nested(2, "ABCDEFGH");
}

TEST(TracesProtobuf, ReadsEveryFieldOfARequest) {
  const std::string wire = WireFromText(R"(
    resource_spans {
      resource {
        attributes { key: "service.name" value { string_value: "planner" } }
        attributes { key: "host" value { string_value: "app-1" } }
        dropped_attributes_count: 1
      }
      scope_spans {
        scope {
          name: "http" version: "1.2" dropped_attributes_count: 2
          attributes { key: "scoped" value { bool_value: true } }
        }
        spans {
          trace_id: "0123456789abcdef" span_id: "ABCDEFGH" parent_span_id: "abcdefgh"
          trace_state: "vendor=1" flags: 257 name: "GET /" kind: SPAN_KIND_SERVER
          start_time_unix_nano: 1700000000000000001 end_time_unix_nano: 9223372036854775807
          attributes { key: "n" value { int_value: -3 } }
          attributes { key: "e" }
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
    })");
  EXPECT_EQ(Decode(wire).dump,
            R"(resource schema_url="https://resource" dropped_attributes=1
  "service.name": s "planner"
  "host": s "app-1"
scope name="http" version="1.2" schema_url="https://scope" dropped_attributes=2
  "scoped": b {"boolValue":true}
span 30313233343536373839616263646566 4142434445464748 parent=6162636465666768 name="GET /" kind=2 start=1700000000000000001 end=9223372036854775807 status=2 status_message="timeout" trace_state="vendor=1" flags=257 dropped_attributes=3 dropped_events=7 dropped_links=10
  "n": i {"intValue":"-3"}
  "e": n {}
  event name="first" time=5 dropped_attributes=6
    "ev": d {"doubleValue":0.5}
  event name="second"
  link 66656463626139383736353433323130 3132333435363738 trace_state="l=1" flags=8 dropped_attributes=9
    "li": y "\x00\xff"
)");
}

TEST(TracesProtobuf, AcceptsAnEmptyRequestAndLeavesOutWhatHasNoSpans) {
  EXPECT_EQ(Decode("").dump, "");
  Batch batch;
  const std::string wire = WireFromText(R"(
    resource_spans { resource { attributes { key: "a" } } scope_spans { scope { attributes { key: "b" } } } })");
  ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, batch));
  EXPECT_TRUE(batch.resources.empty());
  EXPECT_TRUE(batch.scopes.empty());
  EXPECT_TRUE(batch.attributes.empty());
}

TEST(TracesProtobuf, AppendsToABatchThatHasSpans) {
  Batch batch;
  const std::string wire = WireOfSpan(std::string(kIds) + "attributes { key: 'k' }");
  ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, batch));
  ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, batch));
  ASSERT_EQ(batch.spans.size(), 2u);
  EXPECT_EQ(batch.spans[1].resource, 1u);
  EXPECT_EQ(batch.spans[1].scope, 1u);
  EXPECT_EQ(batch.spans[1].attributes.begin, 1u);
}

TEST(TracesProtobuf, ReadsEveryTypeOfValue) {
  EXPECT_EQ(DumpOfValue(""), WithAttribute("n {}"));
  EXPECT_EQ(DumpOfValue("string_value: ''"), WithAttribute("s \"\""));
  EXPECT_EQ(DumpOfValue("string_value: '\\377'"), WithAttribute("s \"\\xff\""));
  EXPECT_EQ(DumpOfValue("bool_value: false"), WithAttribute("b {\"boolValue\":false}"));
  EXPECT_EQ(DumpOfValue("int_value: -9223372036854775808"),
            WithAttribute("i {\"intValue\":\"-9223372036854775808\"}"));
  EXPECT_EQ(DumpOfValue("double_value: nan"), WithAttribute("d {\"doubleValue\":\"NaN\"}"));
  EXPECT_EQ(DumpOfValue("bytes_value: ''"), WithAttribute("y \"\""));
  EXPECT_EQ(DumpOfValue("array_value {}"), WithAttribute(R"(a {"arrayValue":{"values":[]}})"));
  EXPECT_EQ(DumpOfValue("kvlist_value {}"), WithAttribute(R"(m {"kvlistValue":{"values":[]}})"));
  EXPECT_EQ(DumpOfValue(R"(array_value {
                             values { string_value: "a\"" } values { int_value: 1 } values {}
                             values { array_value { values { bytes_value: "\377" } } } })"),
            WithAttribute(R"(a {"arrayValue":{"values":[{"stringValue":"a\""},{"intValue":"1"},{},)"
                          R"({"arrayValue":{"values":[{"bytesValue":"/w=="}]}}]}})"));
  EXPECT_EQ(
      DumpOfValue(R"(kvlist_value {
                             values { key: "x" value { double_value: 1 } } values { key: "empty" }
                             values { key: "in" value { kvlist_value { values { key: "y" value { bool_value: true } } } } }
                           })"),
      WithAttribute(
          R"(m {"kvlistValue":{"values":[{"key":"x","value":{"doubleValue":1}},{"key":"empty","value":{}},)"
          R"({"key":"in","value":{"kvlistValue":{"values":[{"key":"y","value":{"boolValue":true}}]}}}]}})"));
}

TEST(TracesProtobuf, RefusesOnlyTheSpanWhoseIdsAreWrongAndSaysWhy) {
  const uint64_t before = CounterValue(Counter::kSpansRefusedTraceId);
  const Decoded decoded = Decode(WireFromText(R"(resource_spans { scope_spans {
    spans { trace_id: "short" span_id: "ABCDEFGH" attributes { key: "gone" } events {} links {} }
    spans { trace_id: "0123456789abcdef" span_id: "\000\000\000\000\000\000\000\000" }
    spans { trace_id: "0123456789abcdef" span_id: "ABCDEFGH" name: "kept" attributes { key: "k" } }
    spans { trace_id: "0123456789abcdef" span_id: "ABCDEFGH" parent_span_id: "x" }
    spans { }
  } })"));
  EXPECT_EQ(decoded.dump, "resource\nscope\n" + std::string(kDumpedIds) + " name=\"kept\"\n  \"k\": n {}\n");
  EXPECT_EQ(decoded.refused, 4u);
  EXPECT_EQ(decoded.reason,
            "2 spans: trace id must be 16 bytes and not all zeros (first: span 1: 5 bytes); "
            "1 span: span id must be 8 bytes and not all zeros (first: span 2: 8 bytes); "
            "1 span: parent span id must be empty or 8 bytes (first: span 4: 1 bytes)");
  EXPECT_EQ(CounterValue(Counter::kSpansRefusedTraceId), before + 2);
}

TEST(TracesProtobuf, RefusesTheSpanWhoseTimesDoNotFitTheStore) {
  for (const char* field : {"start_time_unix_nano", "end_time_unix_nano"}) {
    const Decoded decoded = DecodeSpan(std::string(kIds) + field + ": 9223372036854775808");
    EXPECT_EQ(decoded.refused, 1u) << field;
    EXPECT_NE(decoded.reason.find("2262"), std::string::npos) << decoded.reason;
  }
}

TEST(TracesProtobuf, RefusesTheSpanWithMoreAttributesThanARequestMayHold) {
  std::string span = RawIds();
  for (size_t i = 0; i <= kAttributesMax; ++i) span += Nested(9, "");
  const Decoded decoded = Decode(RawRequest(span) + WireOfSpan(kIds));
  EXPECT_EQ(decoded.refused, 1u);
  EXPECT_NE(decoded.reason.find("too many attributes"), std::string::npos) << decoded.reason;
  EXPECT_NE(decoded.dump.find(kDumpedIds), std::string::npos) << "the good span is kept";
}

TEST(TracesProtobuf, TakesAParentOfZerosAsNoParent) {
  EXPECT_EQ(DecodeSpan(std::string(kIds) + R"(parent_span_id: "\000\000\000\000\000\000\000\000")").dump,
            "resource\nscope\n" + std::string(kDumpedIds) + "\n");
}

TEST(TracesProtobuf, DropsLinksWithWrongIdsAndCountsThemAsDropped) {
  const uint64_t before = CounterValue(Counter::kLinksDroppedBadId);
  const Decoded decoded = DecodeSpan(std::string(kIds) + R"(
    dropped_links_count: 4
    links { trace_id: "x" span_id: "12345678" attributes { key: "gone" } }
    links { trace_id: "fedcba9876543210" span_id: "12345678" attributes { key: "k" } }
    links { })");
  EXPECT_EQ(decoded.refused, 0u);
  EXPECT_EQ(decoded.dump, "resource\nscope\n" + std::string(kDumpedIds) +
                              " dropped_links=6\n  link 66656463626139383736353433323130 3132333435363738\n"
                              "    \"k\": n {}\n");
  EXPECT_EQ(CounterValue(Counter::kLinksDroppedBadId), before + 2);
}

TEST(TracesProtobuf, DoesNotOverflowTheCountOfDroppedLinks) {
  EXPECT_NE(DecodeSpan(std::string(kIds) + "dropped_links_count: 4294967295 links {}")
                .dump.find("dropped_links=4294967295"),
            std::string::npos);
}

TEST(TracesProtobuf, TurnsKindsAndStatusCodesOutsideTheEnumIntoZero) {
  std::string span = RawIds();
  AppendWireVarint(6, 6, span);
  std::string status;
  AppendWireVarint(3, 3, status);
  AppendWireBytes(15, status, span);
  EXPECT_EQ(Decode(RawRequest(span)).dump, "resource\nscope\n" + std::string(kDumpedIds) + "\n");

  span = RawIds();
  AppendWireVarint(6, UINT64_MAX, span);
  EXPECT_EQ(Decode(RawRequest(span)).dump, "resource\nscope\n" + std::string(kDumpedIds) + "\n");
}

TEST(TracesProtobuf, RefusesOnlyTheSpanThatCannotBeRead) {
  const std::string good = Nested(2, RawIds());
  const std::string broken_attribute = Nested(2, RawIds() + Nested(9, "\x0a\x05k"));
  const std::string broken_span = Nested(2, RawIds() + "\x2a\x7fname");
  const std::string broken_event = Nested(2, RawIds() + Nested(9, "\x0a\x01k") + Nested(11, "\xff"));
  const std::string broken_link = Nested(2, RawIds() + Nested(13, "\x00"sv));
  const std::string broken_status = Nested(2, RawIds() + Nested(15, "\x18"));
  const std::string scope_spans =
      broken_attribute + good + broken_span + broken_event + broken_link + broken_status + good;
  const Decoded decoded = Decode(Nested(1, Nested(2, scope_spans)));
  const std::string span = std::string(kDumpedIds) + "\n";
  EXPECT_EQ(decoded.dump, "resource\nscope\n" + span + span);
  EXPECT_EQ(decoded.refused, 5u);
  EXPECT_EQ(decoded.reason, "5 spans: malformed (first: span 1: an attribute is not protobuf)");
}

TEST(TracesProtobuf, RefusesTheWholeRequestWhenItsOuterMessagesCannotBeRead) {
  const std::string span = Nested(2, RawIds());
  for (const std::string& bytes : {
           std::string("\x0a"),                                             // the request
           std::string("not protobuf at all"), Nested(1, "\x0a\x05x"),      // ResourceSpans
           Nested(1, Nested(2, span) + "\x12"),                             //   after its spans
           Nested(1, Nested(2, span) + Nested(1, "\x10")),                  // Resource
           Nested(1, Nested(1, Nested(1, "\x0a\x05k")) + Nested(2, span)),  //   its attribute
           Nested(1, Nested(2, span + "\x1a\x05x")),                        // ScopeSpans
           Nested(1, Nested(2, Nested(1, "\x0a") + span)),                  // InstrumentationScope
       }) {
    Batch batch;
    const Result<RefusedItems> refused = DecodeTracesProtobufUntrusted(bytes, batch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  }
  EXPECT_EQ(Decode("\x0a\x05x").dump,
            "error: read an ExportTraceServiceRequest: 3 bytes: not protobuf in the request, near byte 2");
}

TEST(TracesProtobuf, IgnoresUnknownFieldsAndKnownFieldsOfAnotherWireType) {
  std::string span = "\x0b\x0b\x0c\x0c" + RawIds();  // Field 1 as a group with a group inside.
  AppendWireVarint(5, 7, span);                      // The name as a number.
  AppendWireFixed64(6, 2, span);                     // The kind as a fixed64.
  AppendWireBytes(1000, "future", span);
  EXPECT_EQ(Decode(RawRequest(span)).dump, "resource\nscope\n" + std::string(kDumpedIds) + "\n");
}

TEST(TracesProtobuf, FindsResourceAndScopeWrittenAfterTheirSpans) {
  const std::string key = Nested(1, Nested(1, "r"));
  const std::string scope = Nested(1, "scope name");
  const std::string bytes =
      Nested(1, Nested(2, Nested(2, RawIds()) + Nested(1, scope) + Nested(3, "scope url")) + Nested(1, key));
  EXPECT_EQ(Decode(bytes).dump,
            "resource\n  \"r\": n {}\nscope name=\"scope name\" schema_url=\"scope url\"\n" +
                std::string(kDumpedIds) + "\n");
}

TEST(TracesProtobuf, MergesMessagesThatComeInPieces) {
  const std::string code = "\x18\x02";
  const std::string span = RawIds() + Nested(9, Nested(1, "a")) + Nested(11, Nested(2, "e1")) +
                           Nested(15, Nested(2, "m") + code) + Nested(9, Nested(1, "b")) + Nested(15, "") +
                           Nested(11, Nested(2, "e2")) + Nested(5, "first") + Nested(5, "last");
  const std::string resource_spans = Nested(1, Nested(1, Nested(1, "r1"))) + Nested(2, Nested(2, span)) +
                                     Nested(1, Nested(1, Nested(1, "r2")) + "\x10\x05");
  EXPECT_EQ(Decode(Nested(1, resource_spans)).dump,
            "resource dropped_attributes=5\n  \"r1\": n {}\n  \"r2\": n {}\nscope\n" +
                std::string(kDumpedIds) +
                " name=\"last\" status=2 status_message=\"m\"\n  \"a\": n {}\n  \"b\": n {}\n"
                "  event name=\"e1\"\n  event name=\"e2\"\n");
}

TEST(TracesProtobuf, MergesValuesAsOneofsDo) {
  const auto value_of = [](const std::string& pieces) {
    return Decode(RawRequest(RawIds() + Nested(9, Nested(1, "k") + pieces))).dump;
  };
  const std::string text = Nested(1, "text");
  const std::string number = "\x18\x07";
  const std::string one = Nested(5, Nested(1, number));
  const std::string two = Nested(5, Nested(1, text));
  const std::string map = Nested(6, Nested(1, Nested(1, "m")));
  EXPECT_EQ(value_of(Nested(2, text + number)), WithAttribute(R"(i {"intValue":"7"})"));
  EXPECT_EQ(value_of(Nested(2, number) + Nested(2, text)), WithAttribute("s \"text\""));
  EXPECT_EQ(value_of(Nested(2, text) + Nested(2, "")), WithAttribute("s \"text\""));
  // Arrays grow while nothing else comes between.
  EXPECT_EQ(value_of(Nested(2, one) + Nested(2, two)),
            WithAttribute(R"(a {"arrayValue":{"values":[{"intValue":"7"},{"stringValue":"text"}]}})"));
  EXPECT_EQ(value_of(Nested(2, one + map + two)),
            WithAttribute(R"(a {"arrayValue":{"values":[{"stringValue":"text"}]}})"));
  EXPECT_EQ(value_of(Nested(2, one + map)),
            WithAttribute(R"(m {"kvlistValue":{"values":[{"key":"m","value":{}}]}})"));
  // Inside another value as well.
  EXPECT_EQ(
      value_of(Nested(2, Nested(5, Nested(1, one + two)) + Nested(5, Nested(1, one + number)))),
      WithAttribute(
          R"(a {"arrayValue":{"values":[)"
          R"({"arrayValue":{"values":[{"intValue":"7"},{"stringValue":"text"}]}},{"intValue":"7"}]}})"));
}

TEST(TracesProtobuf, RefusesTheSpanWhoseValueIsNestedTooDeep) {
  std::string value = "\x10\x01";  // bool_value: true
  for (int depth = 1; depth < kValueDepthMax; ++depth) value = Nested(5, Nested(1, value));
  const auto span_with = [](const std::string& any_value) {
    return RawRequest(RawIds() + Nested(9, Nested(1, "k") + Nested(2, any_value)));
  };
  EXPECT_EQ(Decode(span_with(value)).refused, 0u);
  const Decoded decoded = Decode(span_with(Nested(5, Nested(1, value))));
  EXPECT_EQ(decoded.refused, 1u);
  EXPECT_EQ(decoded.reason, "1 span: malformed (first: span 1: an attribute value is nested too deep)");
}

TEST(TracesProtobuf, KeepsViewsIntoTheRequestForWhatIsText) {
  const std::string wire =
      WireOfSpan(std::string(kIds) + "name: 'n' attributes { key: 'k' value { string_value: 'v' } }");
  Batch batch;
  ASSERT_TRUE(DecodeTracesProtobufUntrusted(wire, batch));
  const auto points_into_wire = [&](std::string_view text) {
    return text.data() >= wire.data() && text.data() + text.size() <= wire.data() + wire.size();
  };
  EXPECT_TRUE(points_into_wire(batch.spans[0].name));
  EXPECT_TRUE(points_into_wire(batch.attributes[0].key));
  EXPECT_TRUE(points_into_wire(batch.attributes[0].value.text));
  EXPECT_EQ(batch.arena.size_bytes(), 0u);
}

}  // namespace
}  // namespace telltale
