#include "query/sql_settings.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace telltale {
namespace {

bool Takes(std::string_view name, std::string_view value) {
  return FindSqlSettingRule(name)->Check(value).has_value();
}

TEST(SqlSettings, OfEachNameThereIsOneAndItsOwnValueIsRight) {
  std::set<std::string_view> names;
  for (const SqlSettingRule& rule : SqlSettingRules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(rule.Check(rule.value)) << rule.name;
    EXPECT_FALSE(rule.about.empty()) << rule.name;
  }
}

TEST(SqlSettings, RefuseValuesThatAreNotOfTheirType) {
  EXPECT_TRUE(Takes("max_execution_time", "0.5"));
  EXPECT_FALSE(Takes("max_execution_time", "-1"));
  EXPECT_FALSE(Takes("max_execution_time", "1e9"));
  EXPECT_FALSE(Takes("max_result_rows", "1 OR 1"));
  EXPECT_FALSE(Takes("max_result_rows", ""));
  EXPECT_TRUE(Takes("session_timezone", "America/Port-au-Prince"));
  EXPECT_FALSE(Takes("session_timezone", "UTC' --"));
  EXPECT_FALSE(Takes("format_csv_delimiter", ";;"));
  EXPECT_FALSE(Takes("output_format_bool_as_number", "2"));
}

TEST(SqlSettings, HaveNothingThatOpensSomething) {
  for (const char* name : {"allow_ddl", "allow_introspection_functions", "format_schema", "max_parser_depth",
                           "additional_table_filters", "output_format_schema", "join_use_nulls", "database"})
    EXPECT_EQ(FindSqlSettingRule(name), nullptr) << name;
}

}  // namespace
}  // namespace telltale
