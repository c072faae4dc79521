#include "simulate/schema_value.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace telltale {
namespace {

nlohmann::json Value(std::string_view schema,
                     std::string_view prompt = "What is it like in Oslo in May 2026?") {
  Dice dice(1);
  return nlohmann::json::parse(SchemaValueUntrusted(schema, prompt, dice));
}

TEST(SchemaValue, FitsItsSchema) {
  const auto value = Value(R"({"type":"object","properties":{
    "city":{"type":"string"}, "unit":{"enum":["c","f"]}, "days":{"type":"integer","minimum":2,"maximum":5},
    "share":{"type":"number","minimum":0,"maximum":1}, "deep":{"$ref":"#/$defs/deep"},
    "tags":{"type":"array","items":{"type":"boolean"}}, "maybe":{"anyOf":[{"type":"null"},{"type":"string"}]}},
    "$defs":{"deep":{"type":"object","properties":{"fixed":{"const":7}}}}})");
  EXPECT_TRUE(value["unit"] == "c" || value["unit"] == "f");
  EXPECT_TRUE(value["days"] >= 2 && value["days"] <= 5);
  EXPECT_TRUE(value["share"] >= 0 && value["share"] <= 1);
  EXPECT_EQ(value["deep"]["fixed"], 7);
  EXPECT_TRUE(value["tags"][0].is_boolean());
  EXPECT_TRUE(value["maybe"].is_null());
}

TEST(SchemaValue, TakesAPlaceFromThePrompt) {
  EXPECT_EQ(Value(R"({"properties":{"city":{}}})", "how is the weather in Oslo today")["city"], "Oslo");
}

TEST(SchemaValue, ASchemaThatContainsItselfEnds) {
  const auto value = Value(R"({"$ref":"#/$defs/a","$defs":{"a":{"properties":{
    "l":{"$ref":"#/$defs/a"},"r":{"$ref":"#/$defs/a"},"m":{"$ref":"#/$defs/a"}}}}})");
  EXPECT_LT(value.dump().size(), 20'000u);
}

TEST(SchemaValue, WhatIsNoSchemaGivesAnEmptyObject) {
  for (const std::string_view schema : {"", "{", "[]", "5"})
    EXPECT_EQ(Value(schema), nlohmann::json::object());
}

}  // namespace
}  // namespace telltale
