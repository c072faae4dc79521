// SQL of users on the real engine: the views, and each gate alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "query/sql.h"
#include "query/sql_system.h"
#include "query/sql_views.h"
#include "store/chdb.h"
#include "store/embedded_engine.h"
#include "store/row_reader.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// The engine allows one folder a process: the other tests of this program have closed theirs.
class StoreSqlTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!FindChdb()) return;
    std::string name = (fs::temp_directory_path() / "telltale-sql-XXXXXX").string();
    folder_ = new fs::path(::mkdtemp(name.data()));
    auto opened = EmbeddedEngine::Open({.folder = *folder_ / "a & b" / "store"});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = opened->release();
    ASSERT_TRUE(Migrate(*engine_));
    const Status created = CreateSqlViews(*engine_);
    ASSERT_TRUE(created) << created.error().message;
  }
  static void TearDownTestSuite() {
    delete engine_;
    engine_ = nullptr;
    if (folder_ != nullptr) fs::remove_all(*folder_);
    delete folder_;
    folder_ = nullptr;
  }
  void SetUp() override {
    if (engine_ == nullptr) GTEST_SKIP() << FindChdb().error().message;
  }

  inline static fs::path* folder_ = nullptr;
  inline static Engine* engine_ = nullptr;
};

TEST_F(StoreSqlTest, ViewsAreMadeAgainAtEveryStart) {
  EXPECT_TRUE(CreateSqlViews(*engine_));
  auto rows = engine_->Query({.sql = "SELECT count() FROM system.tables WHERE database = 'telltale_sql'"});
  ASSERT_TRUE(rows);
  constexpr uint64_t kSystemViews = 9;
  EXPECT_EQ(RowReader(rows->bytes).Number<uint64_t>(), SqlViews().size() + kSystemViews);
}

// A column that has the name of such a function hides it from the check: `user` stands for a
// function that says who the engine's user is, `database` for one that says where its views are,
// which are no secrets.
TEST_F(StoreSqlTest, NoColumnHasTheNameOfAFunctionThatIsNotAvailable) {
  auto rows = engine_->Query({.sql = "SELECT lower(name) FROM system.functions"});
  ASSERT_TRUE(rows);
  std::set<std::string> hidden;
  size_t functions = 0;
  for (RowReader row(rows->bytes); !row.done(); ++functions) {
    const std::string name(row.String());
    if ((IsSqlColumn(name) || IsSqlSystemColumn(name)) && !IsSqlFunction(name)) hidden.insert(name);
  }
  EXPECT_GT(functions, 1500u);
  EXPECT_EQ(hidden, (std::set<std::string>{"database", "user"}));
}

TEST_F(StoreSqlTest, NoFunctionThatIsAvailableDependsOnMoreThanItsArguments) {
  auto rows = engine_->Query(
      {.sql = "SELECT name FROM system.functions WHERE name IN (SELECT name FROM system.table_functions)"});
  ASSERT_TRUE(rows);
  for (RowReader row(rows->bytes); !row.done();) {
    const std::string name(row.String());
    EXPECT_TRUE(name == "format" || !IsSqlFunction(name)) << name;
  }
  for (const char* name :
       {"file", "url", "sleep", "dictGet", "joinGet", "getSetting", "catboostEvaluate", "hostName",
        "addressToLine", "arrayReduce", "initializeAggregation", "evalMLMethod", "formatQuery"}) {
    EXPECT_FALSE(IsSqlFunction(name)) << name;
  }
}

// The third gate alone: what the rights of a reader stop, without any look at the statement.
TEST_F(StoreSqlTest, AReaderHasNoRightsBeyondTheViews) {
  const auto run = [&](std::string_view sql) -> std::string {
    auto reader = engine_->OpenReader({.seconds_max = 5, .rows_max = 10});
    if (!reader) return reader.error().message;
    const auto read = (*reader)->Stream({.sql = sql, .format = "TSV"}, [](std::string_view) { return true; });
    return read ? "ran" : read.error().message;
  };
  EXPECT_EQ(run("SELECT * FROM spans"), "ran");
  EXPECT_EQ(run("SELECT * FROM conversations"), "ran");
  for (const char* sql : {
           "SELECT * FROM telltale.spans",
           "SELECT * FROM telltale.content",
           "SELECT * FROM file('/etc/hostname', 'LineAsString')",
           "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
           "SELECT * FROM remote('127.0.0.1', system.one)",
           "INSERT INTO telltale.spans (name) VALUES ('x')",
           "CREATE TABLE x (a Int8) ENGINE = Memory",
           "DROP TABLE telltale.spans",
           "ALTER TABLE telltale.spans DELETE WHERE 1",
           "SET max_memory_usage = 0",
           "SELECT 1 SETTINGS max_execution_time = 1000",
       }) {
    const std::string said = run(sql);
    // Access denied, a setting that may not change, or not a SELECT.
    EXPECT_TRUE(said.contains("Code: 497") || said.contains("Code: 164") ||
                said.contains("Streaming query is not"))
        << sql << ": " << said;
  }
}

TEST_F(StoreSqlTest, AReaderKeepsItsLimits) {
  const auto run = [&](const SqlReaderLimits& limits, std::string_view sql) {
    auto reader = engine_->OpenReader(limits);
    if (!reader) return reader.error();
    const auto read = (*reader)->Stream({.sql = sql, .format = "TSV"}, [](std::string_view) { return true; });
    return read ? Error{ErrorCode::kInternal, "ran", {}} : read.error();
  };
  const Error slow = run({.seconds_max = 0.2}, "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)");
  EXPECT_EQ(slow.code, ErrorCode::kOverLimit) << slow.message;
  const Error large =
      run({.memory_bytes_max = 20'000'000}, "SELECT groupArray(number) FROM numbers(1000000000)");
  EXPECT_EQ(large.code, ErrorCode::kOverLimit) << large.message;
  const Error gone = run({.seconds_max = 60, .cancelled = [] { return true; }},
                         "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)");
  EXPECT_EQ(gone.code, ErrorCode::kOverLimit) << gone.message;
  EXPECT_TRUE(gone.message.contains("QUERY_WAS_CANCELLED")) << gone.message;
}

TEST_F(StoreSqlTest, AnswersAndStopsAtItsLimits) {
  Sql sql(*engine_);
  auto some = sql.Ask({.text = "SELECT number AS n, 'a' AS t FROM numbers(10);", .rows_max = 2});
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_EQ(some->rows, R"(["0", "a"],["1", "a"])");
  EXPECT_EQ(some->row_count, 2u);
  EXPECT_TRUE(some->truncated);
  ASSERT_EQ(some->columns.size(), 2u);
  EXPECT_EQ(some->columns[0].name, "n");
  EXPECT_EQ(some->columns[0].type, "UInt64");

  auto none = sql.Ask({.text = "SELECT name FROM spans"});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->rows, "");
  EXPECT_FALSE(none->truncated);
  EXPECT_EQ(none->columns.size(), 1u);

  auto small = sql.Ask({.text = "SELECT repeat('x', 100) FROM numbers(10)", .bytes_max = 350});
  ASSERT_TRUE(small) << small.error().message;
  EXPECT_EQ(small->row_count, 3u);
  EXPECT_TRUE(small->truncated);

  auto zero = sql.Ask({.text = std::string("SELECT 1\0, 2", 12)});
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().message, "check the statement: it has a zero byte");
}

}  // namespace
}  // namespace telltale
