#include "otlp/stored_json.h"

#include <gtest/gtest.h>

#include "otlp/wire_writer.h"

namespace telltale {
namespace {

std::string KeyValue(std::string_view key, std::string_view value) {
  std::string any;
  AppendWireBytes(1, value, any);
  std::string pair;
  AppendWireBytes(1, key, pair);
  AppendWireBytes(2, any, pair);
  return pair;
}

TEST(StoredJson, AResourceIsAMessageAndItsSchemaUrlStandsOutside) {
  StoredJson stored;
  std::string out;
  const std::string url = stored.AppendResource(
      1,
      R"({"attributes":[{"key":"a","value":{"stringValue":"b"}}],"droppedAttributesCount":2,"schemaUrl":"u"})",
      out);
  std::string resource;
  AppendWireBytes(1, KeyValue("a", "b"), resource);
  AppendWireVarint(2, 2, resource);
  std::string expected;
  AppendWireBytes(1, resource, expected);
  EXPECT_EQ(out, expected);
  EXPECT_EQ(url, "u");
}

TEST(StoredJson, EventsAndLinksAreAFieldEach) {
  StoredJson stored;
  std::string out;
  stored.AppendEvents(11, R"([{"timeUnixNano":"5","name":"e"},{"timeUnixNano":"6","name":"f"}])", out);
  std::string expected;
  for (const auto& [time, name] : {std::pair(5, "e"), std::pair(6, "f")}) {
    std::string event;
    AppendWireFixed64(1, static_cast<uint64_t>(time), event);
    AppendWireBytes(2, name, event);
    AppendWireBytes(11, event, expected);
  }
  EXPECT_EQ(out, expected);

  out.clear();
  stored.AppendLinks(13, R"([{"traceId":"01ff","spanId":"02","flags":1}])", out);
  std::string link;
  AppendWireBytes(1, "\x01\xff", link);
  AppendWireBytes(2, "\x02", link);
  AppendWireFixed32(6, 1, link);
  expected.clear();
  AppendWireBytes(13, link, expected);
  EXPECT_EQ(out, expected);
}

TEST(StoredJson, NestedValuesKeepTheirTypes) {
  StoredJson stored;
  std::string out;
  stored.AppendAnyValue(2, R"({"arrayValue":{"values":[{"intValue":"-1"},{"boolValue":true}]}})", out);
  std::string list;
  std::string one;
  AppendWireVarint(3, static_cast<uint64_t>(-1), one);
  AppendWireBytes(1, one, list);
  one.clear();
  AppendWireVarint(2, 1, one);
  AppendWireBytes(1, one, list);
  std::string any;
  AppendWireBytes(5, list, any);
  std::string expected;
  AppendWireBytes(2, any, expected);
  EXPECT_EQ(out, expected);
}

TEST(StoredJson, WhatIsNotJsonIsAnEmptyMessageOrNone) {
  StoredJson stored;
  for (const char* text : {"", "{", "[1]", "\"x\""}) {
    std::string out;
    EXPECT_EQ(stored.AppendScope(1, text, out), "") << text;
    EXPECT_EQ(out, std::string("\x0a\x00", 2)) << text;
    out.clear();
    stored.AppendEvents(11, text, out);
    stored.AppendLinks(13, text, out);
    EXPECT_EQ(out, "") << text;
  }
}

}  // namespace
}  // namespace telltale
