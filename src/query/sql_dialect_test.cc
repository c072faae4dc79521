#include "query/sql_dialect.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "query/sql_token.h"

namespace telltale {
namespace {

std::string Read(std::string_view canonical, const std::vector<SqlParameter>& parameters = {}) {
  auto statement = ReadClientStatementUntrusted(canonical, parameters, {.version = "1.2.3"});
  if (!statement) return statement.error().message;
  return statement->sql + (statement->format.empty() ? "" : " | " + statement->format);
}

TEST(SqlDialect, TakesTheFormatOffTheEnd) {
  EXPECT_EQ(Read("SELECT 1 FORMAT JSON\n"), "SELECT 1 | JSON");
  EXPECT_EQ(Read("SELECT 1 FORMAT `Null`"), "SELECT 1 | Null");
  EXPECT_EQ(Read("SHOW TABLES FORMAT Native"),
            "SELECT name FROM system_tables WHERE database = 'default' ORDER BY name | Native");
}

TEST(SqlDialect, LeavesWhatOnlyLooksLikeAFormat) {
  EXPECT_EQ(Read("SELECT 1 AS FORMAT ORDER BY FORMAT ASC"), "SELECT 1 AS FORMAT ORDER BY FORMAT ASC");
  EXPECT_EQ(Read("SELECT 1 AS FORMAT"), "SELECT 1 AS FORMAT");
  EXPECT_EQ(Read("SELECT 'x FORMAT JSON'"), "SELECT 'x FORMAT JSON'");
  EXPECT_EQ(Read("SELECT `x FORMAT JSON`"), "SELECT `x FORMAT JSON`");
  EXPECT_EQ(Read("SELECT 1 FORMAT JSON SETTINGS max_threads = 1"),
            "SELECT 1 FORMAT JSON SETTINGS max_threads = 1");
}

TEST(SqlDialect, NamesTheViewsWithoutTheirDatabase) {
  EXPECT_EQ(Read("SELECT * FROM default.spans"), "SELECT * FROM spans");
  EXPECT_EQ(Read("SELECT telltale.spans.name FROM `telltale`.`spans` AS s"),
            "SELECT spans.name FROM `spans` AS s");
  EXPECT_EQ(Read("SELECT * FROM telltale.content"), "SELECT * FROM telltale.content");
  EXPECT_EQ(Read("SELECT * FROM default.`/etc/passwd`"), "SELECT * FROM default.`/etc/passwd`");
  EXPECT_EQ(Read("SELECT 'default.spans', `default.spans`"), "SELECT 'default.spans', `default.spans`");
}

TEST(SqlDialect, NamesOurViewsOfSystemTables) {
  EXPECT_EQ(Read("SELECT * FROM system.tables WHERE name = 'x'"),
            "SELECT * FROM system_tables AS `tables` WHERE name = 'x'");
  EXPECT_EQ(Read("SELECT t.name FROM system.columns AS t"), "SELECT t.name FROM system_columns AS t");
  EXPECT_EQ(Read("SELECT system.tables.name FROM INFORMATION_SCHEMA.TABLES"),
            "SELECT tables.name FROM information_schema_tables AS `TABLES`");
  EXPECT_EQ(Read("SELECT * FROM system.processes"), "SELECT * FROM system.processes");
}

TEST(SqlDialect, AnswersWhatTheServerIs) {
  EXPECT_EQ(Read("SELECT version(), currentDatabase() AS d"),
            "SELECT ('1.2.3' AS `version()`), ('default' AS `currentDatabase()`) AS d");
  EXPECT_EQ(Read("SELECT version(1), t.version(), version"), "SELECT version(1), t.version(), version");
}

TEST(SqlDialect, PutsPlainNamesIntoTheirPlaces) {
  const std::vector<SqlParameter> parameters = {{"t", "spans"}, {"d", "default"}, {"bad", "x`y"}};
  EXPECT_EQ(Read("SELECT {x:UInt8} FROM {d:Identifier}.{t:Identifier}", parameters),
            "SELECT {x:UInt8} FROM `spans`");
  EXPECT_EQ(Read("SELECT {bad:Identifier}", parameters),
            "check the statement: the value of the parameter 'bad' is not a plain name");
  EXPECT_EQ(Read("SELECT {no:Identifier}", parameters),
            "check the statement: the parameter 'no' has no value");
}

TEST(SqlDialect, ShowsWhatThereIs) {
  EXPECT_EQ(Read("SHOW DATABASES LIKE 'd%' LIMIT 3"),
            "SELECT name FROM system_databases WHERE 1 AND name LIKE 'd%' ORDER BY name LIMIT 3");
  EXPECT_EQ(Read("SHOW TABLES FROM telltale NOT LIKE 's%'"),
            "SELECT name FROM system_tables WHERE database = 'default' AND name NOT LIKE 's%' ORDER BY name");
  EXPECT_EQ(Read("EXISTS TABLE default.spans"), "SELECT toUInt8(1) AS result");
  EXPECT_EQ(Read("EXISTS TABLE nothing"), "SELECT toUInt8(0) AS result");
  EXPECT_EQ(Read("EXISTS DATABASE `other`"), "SELECT toUInt8(0) AS result");
  EXPECT_TRUE(Read("DESCRIBE TABLE spans").ends_with("AND table = 'spans' ORDER BY position"));
  EXPECT_TRUE(Read("SHOW CREATE TABLE spans").starts_with("SELECT 'CREATE TABLE default.spans\n("));
  EXPECT_EQ(Read("DESCRIBE TABLE nothing"), "Unknown table expression identifier 'nothing'");
}

TEST(SqlDialect, LeavesToTheGatesWhatItDoesNotKnow) {
  for (const char* sql : {"DESCRIBE TABLE file('/etc/passwd')", "SHOW PROCESSLIST", "SHOW GRANTS",
                          "SHOW TABLES FROM x INTO OUTFILE 'y'", "DROP TABLE spans", "USE default"})
    EXPECT_EQ(Read(sql), sql);
}

TEST(SqlDialect, SeesTotals) {
  const ClientFacts facts{.version = "1"};
  EXPECT_TRUE(ReadClientStatementUntrusted("SELECT 1 GROUP BY 1 WITH TOTALS", {}, facts)->has_totals);
  EXPECT_FALSE(ReadClientStatementUntrusted("SELECT 'WITH TOTALS'", {}, facts)->has_totals);
}

TEST(SqlTokens, AreAsTheEngineHasThem) {
  std::string kinds;
  for (const SqlToken& token :
       ReadSqlTokensUntrusted("a.b `c\\`d` 'e\\'f' 1.5e-3 t.1.2 {x:Enum8('}' = 1)} +"))
    kinds += "[" + std::string(token.text) + "]";
  EXPECT_EQ(kinds, "[a][.][b][`c\\`d`]['e\\'f'][1.5e-3][t][.][1][.][2][{x:Enum8('}' = 1)}][+]");
}

}  // namespace
}  // namespace telltale
