#include "otlp/log_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "base/counters.h"
#include "otlp/any_value.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

std::string BodyOf(const LogRecord& log) {
  std::string text;
  AppendAnyValueJson(log.body, text);
  return text;
}

// A request of one resource and one scope with these records.
std::string Request(const std::vector<std::string>& records) {
  std::string scope_logs;
  for (const std::string& record : records) AppendWireBytes(2, record, scope_logs);
  std::string resource_logs;
  AppendWireBytes(2, scope_logs, resource_logs);
  std::string request;
  AppendWireBytes(1, resource_logs, request);
  return request;
}

std::string Text(std::string_view text) {
  std::string value;
  AppendWireBytes(1, text, value);
  return value;
}

TEST(LogsProtobuf, ABodyInPiecesIsMergedAndStandsBesideOneRunOfAttributes) {
  std::string attribute;
  AppendWireBytes(1, "k", attribute);
  std::string list_of_a;
  AppendWireBytes(1, Text("a"), list_of_a);
  std::string list_of_b;
  AppendWireBytes(1, Text("b"), list_of_b);
  std::string first;
  AppendWireBytes(5, list_of_a, first);
  std::string second;
  AppendWireBytes(5, list_of_b, second);

  std::string record;
  AppendWireBytes(6, attribute, record);
  AppendWireBytes(5, first, record);
  AppendWireBytes(6, attribute, record);
  AppendWireBytes(5, second, record);
  Batch batch;
  const std::string wire = Request({record});
  const auto refused = DecodeLogsProtobufUntrusted(wire, batch);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->count, 0u);
  ASSERT_EQ(batch.logs.size(), 1u);
  EXPECT_EQ(batch.logs[0].attributes.count, 2u);
  EXPECT_EQ(BodyOf(batch.logs[0]), R"({"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}})");
}

TEST(LogsProtobuf, ARecordThatIsNotProtobufIsRefusedAndTheOthersAreKept) {
  std::string good;
  AppendWireBytes(3, "INFO", good);
  const std::string wire = Request({good, std::string("\x0a\x7f", 2), std::string("\0", 1), good});
  const uint64_t before = CounterValue(Counter::kLogsRefused);
  Batch batch;
  const auto refused = DecodeLogsProtobufUntrusted(wire, batch);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->count, 2u);
  EXPECT_EQ(refused->reason, "2 log records: malformed (first: log record 2: a field is not protobuf)");
  EXPECT_EQ(batch.logs.size(), 2u);
  EXPECT_EQ(CounterValue(Counter::kLogsRefused), before + 2);
}

TEST(LogsProtobuf, AResourceWithoutKeptRecordsIsLeftOut) {
  std::string wrong;
  AppendWireBytes(9, "short", wrong);
  Batch batch;
  ASSERT_TRUE(DecodeLogsProtobufUntrusted(Request({wrong}), batch));
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.resources.empty());
  EXPECT_TRUE(batch.scopes.empty());
}

TEST(LogsProtobuf, ARequestOfTwoByteRecordsTakesBoundedMemory) {
  std::string scope_logs;
  for (size_t i = 0; i < kLogRecordsMax + 5; ++i) AppendWireBytes(2, "", scope_logs);
  std::string resource_logs;
  AppendWireBytes(2, scope_logs, resource_logs);
  std::string request;
  AppendWireBytes(1, resource_logs, request);
  Batch batch;
  const auto refused = DecodeLogsProtobufUntrusted(request, batch);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->count, 5u);
  EXPECT_EQ(batch.logs.size(), kLogRecordsMax);
}

TEST(LogsProtobuf, ABodyThatIsNestedTooDeepIsRefused) {
  std::string value = Text("deep");
  for (int i = 0; i < kValueDepthMax + 1; ++i) {
    std::string list;
    AppendWireBytes(1, value, list);
    value.clear();
    AppendWireBytes(5, list, value);
  }
  std::string record;
  AppendWireBytes(5, value, record);
  Batch batch;
  const auto refused = DecodeLogsProtobufUntrusted(Request({record}), batch);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->count, 1u);
  EXPECT_NE(refused->reason.find("nested too deep"), std::string::npos) << refused->reason;
}

TEST(LogsJson, SeverityMayBeANameOrANumber) {
  Batch batch;
  const auto refused = DecodeLogsJsonUntrusted(
      R"({"resource_logs":[{"scope_logs":[{"log_records":[{"severity_number":"SEVERITY_NUMBER_WARN2"},)"
      R"({"severityNumber":24},{"severityNumber":99},{"severityNumber":"SEVERITY_NUMBER_NEW"}]}]}]})",
      batch);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->count, 0u) << refused->reason;
  ASSERT_EQ(batch.logs.size(), 4u);
  EXPECT_EQ(batch.logs[0].severity_number, 14);
  EXPECT_EQ(batch.logs[1].severity_number, 24);
  EXPECT_EQ(batch.logs[2].severity_number, 0);
  EXPECT_EQ(batch.logs[3].severity_number, 0);
}

TEST(LogsJson, TextsOutliveTheRequest) {
  Batch batch;
  {
    std::string json =
        R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"kept"}}]}]}]})";
    ASSERT_TRUE(DecodeLogsJsonUntrusted(json, batch));
    json.assign(json.size(), 'x');
  }
  EXPECT_EQ(BodyOf(batch.logs.at(0)), R"({"stringValue":"kept"})");
}

TEST(LogsJson, HalfASurrogatePairIsReplacedNotRefused) {
  Batch batch;
  const auto refused = DecodeLogsJsonUntrusted(
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"cut \ud83d"}}]}]}]})", batch);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(BodyOf(batch.logs.at(0)), "{\"stringValue\":\"cut \xef\xbf\xbd\"}");
}

TEST(LogsJson, WhatIsAroundTheRecordsMustBeOtlp) {
  for (const char* json :
       {"", "{", "[]", "7", R"({"resourceLogs":{}})", R"({"resourceLogs":[{"scopeLogs":7}]})",
        R"({"resourceLogs":[{"resource":{"attributes":[7]}}]})"}) {
    Batch batch;
    const auto refused = DecodeLogsJsonUntrusted(json, batch);
    ASSERT_FALSE(refused) << json;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(refused.error().message.starts_with("read an ExportLogsServiceRequest"))
        << refused.error().message;
  }
}

}  // namespace
}  // namespace telltale
