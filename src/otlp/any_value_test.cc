#include "otlp/any_value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

namespace telltale {
namespace {

using namespace std::string_view_literals;

std::string Text(const Value& value) {
  std::string out;
  AppendAnyValueJson(value, out);
  return out;
}

Value Real(double number) {
  Value value{.type = ValueType::kDouble};
  value.real = number;
  return value;
}

Value Truth(bool truth) {
  Value value{.type = ValueType::kBool};
  value.boolean = truth;
  return value;
}

TEST(AnyValueJson, HasOneFormForEveryType) {
  EXPECT_EQ(Text(Value{}), "{}");
  EXPECT_EQ(Text(Value::String("say \"hi\"")), R"({"stringValue":"say \"hi\""})");
  EXPECT_EQ(Text(Truth(true)), R"({"boolValue":true})");
  EXPECT_EQ(Text(Truth(false)), R"({"boolValue":false})");
  EXPECT_EQ(Text({.type = ValueType::kInt, .integer = std::numeric_limits<int64_t>::min()}),
            R"({"intValue":"-9223372036854775808"})");
  EXPECT_EQ(Text(Real(0.5)), R"({"doubleValue":0.5})");
  EXPECT_EQ(Text(Real(std::numeric_limits<double>::infinity())), R"({"doubleValue":"Infinity"})");
  EXPECT_EQ(Text({.type = ValueType::kBytes, .text = "\xff\x00\x01"sv}), R"({"bytesValue":"/wAB"})");
  EXPECT_EQ(Text({.type = ValueType::kArray, .text = R"({"arrayValue":{"values":[]}})"}),
            R"({"arrayValue":{"values":[]}})");
}

TEST(AttributesJson, AreAListOfKeysAndValuesInTheOrderOfTheSender) {
  Batch batch;
  batch.attributes = {{"before", {}}, {"b", Value::String("x")}, {"a\n", {}}, {"after", {}}};
  std::string out;
  AppendAttributesJson(batch, {.begin = 1, .count = 2}, out);
  EXPECT_EQ(out, R"([{"key":"b","value":{"stringValue":"x"}},{"key":"a\n","value":{}}])");

  out.clear();
  AppendAttributesJson(batch, {}, out);
  EXPECT_EQ(out, "[]");
}

}  // namespace
}  // namespace telltale
