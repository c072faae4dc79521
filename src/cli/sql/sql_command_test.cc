#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "cli/canned_server.h"
#include "cli/commands.h"
#include "cli/sql/sql_answer.h"
#include "cli/test_terminal.h"

namespace telltale {
namespace {

constexpr const char* kAnswer =
    R"json({"columns":[{"name":"model","type":"LowCardinality(String)"},{"name":"calls","type":"UInt64"},)json"
    R"json({"name":"cost","type":"Nullable(Float64)"},{"name":"attributes","type":"Map(String, String)"}],)json"
    R"json("rows":[["gpt-4o, mini","12",0.25,{"z":"1","a":"2"}],["o3","7",null,{}]],)json"
    R"json("statistics":{"rows_read":1234,"bytes_read":99,"elapsed_seconds":0.0123},"truncated":true})json";

class SqlCommand : public testing::Test {
 protected:
  int Run(SqlOptions options, const std::string& input = "") {
    options.server = server.url();
    std::istringstream in(input);
    return RunSql(options, in, test.terminal);
  }

  CannedServer server;
  TestTerminal test{0};
};

TEST_F(SqlCommand, PrintsATableAndSaysHowItWent) {
  server.AnswerJson("/api/v1/sql", kAnswer);
  EXPECT_EQ(Run({.query = "SELECT 1", .limit = 2, .timeout_seconds = 5}), kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
model         calls  cost  attributes
gpt-4o, mini     12  0.25  {"z":"1","a":"2"}
o3                7  NULL  {}
)");
  EXPECT_EQ(test.err.str(),
            "2 rows in 12.3 ms, 1234 rows read\n"
            "there are more rows: --limit shows more\n");
  EXPECT_EQ(server.bodies().at(0), R"({"query":"SELECT 1","limit":2,"timeout_seconds":5})");
}

TEST_F(SqlCommand, PrintsCsvWithAnEmptyFieldForNull) {
  server.AnswerJson("/api/v1/sql", kAnswer);
  EXPECT_EQ(Run({.query = "SELECT 1", .csv = true}), kExitOk);
  EXPECT_EQ(test.out.str(),
            "model,calls,cost,attributes\r\n"
            "\"gpt-4o, mini\",12,0.25,\"{\"\"z\"\":\"\"1\"\",\"\"a\"\":\"\"2\"\"}\"\r\n"
            "o3,7,,{}\r\n");
}

TEST_F(SqlCommand, PrintsTheApisAnswerAsJson) {
  server.AnswerJson("/api/v1/sql", kAnswer);
  EXPECT_EQ(Run({.query = "SELECT 1", .json = true}), kExitOk);
  EXPECT_EQ(test.out.str(), std::string(kAnswer) + "\n");
  EXPECT_EQ(test.err.str(), "");
}

TEST_F(SqlCommand, ReadsTheStatementFromTheInput) {
  server.AnswerJson("/api/v1/sql", kAnswer);
  EXPECT_EQ(Run({}, "SELECT\n2\n"), kExitOk);
  EXPECT_TRUE(server.bodies().at(0).starts_with(R"({"query":"SELECT\n2\n",)")) << server.bodies().at(0);
}

TEST_F(SqlCommand, ShowsTheServersRefusal) {
  server.Answer("/api/v1/sql",
                HttpResponse::Json(400, R"({"code":"invalid_input","message":"check it: no","hint":"h"})"));
  EXPECT_EQ(Run({.query = "DROP"}), kExitUsage);
  EXPECT_EQ(test.err.str(), "error: check it: no\nhint: h\n");
  EXPECT_EQ(test.out.str(), "");
}

TEST_F(SqlCommand, ShowsTheSchema) {
  server.AnswerJson(
      "/api/v1/sql/schema",
      R"json({"items":[{"name":"spans","about":"A row for every span.","columns":[)json"
      R"json({"name":"start","type":"DateTime64(9, 'UTC')","about":"When it began."}]}],"next":null})json");
  EXPECT_EQ(Run({.schema = true}), kExitOk);
  EXPECT_EQ("\n" + test.out.str(), R"(
spans  A row for every span.

column  type                  what it is
start   DateTime64(9, 'UTC')  When it began.
)");
}

TEST_F(SqlCommand, RefusesFlagsThatDoNotGoTogether) {
  EXPECT_EQ(Run({.query = "SELECT 1", .json = true, .csv = true}), kExitUsage);
  EXPECT_EQ(Run({.query = "SELECT 1", .timeout_seconds = 0}), kExitUsage);
  EXPECT_EQ(Run({.csv = true, .schema = true}), kExitUsage);
  EXPECT_TRUE(server.bodies().empty());
}

TEST(SqlAnswerText, RefusesWhatIsNotTheAnswer) {
  for (const char* body : {"", "[]", "{}", R"({"columns":[],"rows":[[1]]})"})
    EXPECT_FALSE(ReadSqlRowsUntrusted(body)) << body;
  EXPECT_FALSE(ReadSqlSchemaUntrusted("{}"));
}

}  // namespace
}  // namespace telltale
