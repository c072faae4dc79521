#include "store/embedded_engine.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "store/chdb.h"
#include "store/retention.h"
#include "store/row_reader.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// The engine allows one folder a process, so all tests share one.
class EmbeddedEngineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!FindChdb()) return;
    std::string name = (fs::temp_directory_path() / "telltale-store-XXXXXX").string();
    folder_ = new fs::path(::mkdtemp(name.data()));
    auto opened = EmbeddedEngine::Open({.folder = *folder_ / "store"});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = opened->release();
  }
  static void TearDownTestSuite() {
    delete engine_;
    if (folder_ != nullptr) fs::remove_all(*folder_);
    delete folder_;
  }
  void SetUp() override {
    if (engine_ == nullptr) GTEST_SKIP() << FindChdb().error().message;
  }

  static Result<QueryResult> Ask(std::string sql, std::vector<QueryParameter> parameters = {}) {
    return engine_->Query({.sql = std::move(sql), .parameters = std::move(parameters)});
  }

  inline static fs::path* folder_ = nullptr;
  inline static Engine* engine_ = nullptr;
};

TEST_F(EmbeddedEngineTest, PassesParametersAsValuesWhateverTheyHold) {
  const std::string hostile = "'; DROP TABLE spans; --\t\n\\ \x01\xff" + std::string(1, '\0') + "end";
  auto result = Ask("SELECT {text:String}", {{"text", hostile}});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(RowReader(result->bytes).String(), hostile);
}

TEST_F(EmbeddedEngineTest, TellsABadStatementFromALimit) {
  auto bad = Ask("SELEC 1");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kInvalidInput);

  auto slow = engine_->Query(
      {.sql = "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 0", .seconds_max = 0.2});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, ErrorCode::kOverLimit);
}

TEST_F(EmbeddedEngineTest, MigratesOnceAndAgainIsNothing) {
  const std::string journal = "SELECT count(), uniqExact(number), max(number) FROM migrations";
  ASSERT_TRUE(Migrate(*engine_));
  const std::string once = Ask(journal)->bytes;
  RowReader row(once);
  const auto applied = row.Number<uint64_t>();
  EXPECT_EQ(row.Number<uint64_t>(), applied);
  EXPECT_EQ(row.Number<uint32_t>(), applied) << "numbered from 1 without a gap";
  ASSERT_TRUE(Migrate(*engine_));
  EXPECT_EQ(Ask(journal)->bytes, once);
}

TEST_F(EmbeddedEngineTest, RefusesASecondProcessOnTheSameFolder) {
  auto second = EmbeddedEngine::Open({.folder = *folder_ / "store"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(second.error().hint.empty());
}

class FixedClock final : public Clock {
 public:
  uint64_t UnixNanos() const override { return 1'767'312'000'000'000'000u; }  // 2026-01-02T00:00:00Z
  uint64_t MonotonicNanos() const override { return 0; }
};

TEST_F(EmbeddedEngineTest, RetentionDropsDaysThatAreTooOldAndKeepsTheRest) {
  ASSERT_TRUE(Migrate(*engine_));
  const auto insert = [](std::string day) -> Status {
    TELLTALE_RETURN_IF_ERROR(
        engine_->Execute("INSERT INTO spans (name, received) SELECT '" + day + "', '" + day + " 12:00:00'"));
    return engine_->Execute(
        "INSERT INTO content (stored, hash, bytes) SELECT toUnixTimestamp64Milli(toDateTime64('" + day +
        " 12:00:00', 3, 'UTC')), 1, '" + day + "'");
  };
  ASSERT_TRUE(insert("2025-12-28"));
  ASSERT_TRUE(insert("2025-12-31"));
  ASSERT_TRUE(insert("2026-01-01"));
  FixedClock clock;
  Retention retention({.days = 2, .interval_seconds = 0}, *engine_, clock);
  ASSERT_TRUE(retention.Enforce());
  auto left = Ask("SELECT name FROM spans ORDER BY name");
  ASSERT_TRUE(left);
  RowReader row(left->bytes);
  EXPECT_EQ(row.String(), "2025-12-31");
  EXPECT_EQ(row.String(), "2026-01-01");
  EXPECT_TRUE(row.done());
  const std::string kept = Ask("SELECT bytes FROM content ORDER BY stored")->bytes;
  RowReader content(kept);
  EXPECT_EQ(content.String(), "2025-12-31") << "content goes with the spans of its day";
  EXPECT_EQ(content.String(), "2026-01-01");
  EXPECT_TRUE(content.done());

  Retention small({.days = 0, .size_bytes_max = 1, .interval_seconds = 0}, *engine_, clock);
  ASSERT_TRUE(small.Enforce());
  auto rows = Ask("SELECT assumeNotNull((SELECT count() FROM spans) + (SELECT count() FROM content))");
  EXPECT_EQ(RowReader(rows->bytes).Number<uint64_t>(), 1u) << "the newest part stays";
}

TEST_F(EmbeddedEngineTest, RetentionToSizeTakesADayWhole) {
  ASSERT_TRUE(Migrate(*engine_));
  ASSERT_TRUE(engine_->Execute("TRUNCATE TABLE spans"));
  ASSERT_TRUE(engine_->Execute("TRUNCATE TABLE content"));
  for (const std::string day : {"2026-01-01", "2026-01-02"}) {
    ASSERT_TRUE(
        engine_->Execute("INSERT INTO spans (name, received) SELECT '" + day + "', '" + day + " 12:00:00'"));
    ASSERT_TRUE(engine_->Execute(
        "INSERT INTO content (stored, hash, bytes) SELECT toUnixTimestamp64Milli(toDateTime64('" + day +
        " 12:00:00', 3, 'UTC')), 1, randomPrintableASCII(100000)"));
  }
  auto size =
      Ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND "
          "table IN "
          "('spans', 'logs', 'metrics', 'content')");
  FixedClock clock;
  Retention retention(
      {.days = 0, .size_bytes_max = RowReader(size->bytes).Number<uint64_t>() - 1, .interval_seconds = 0},
      *engine_, clock);
  ASSERT_TRUE(retention.Enforce());
  auto left = Ask("SELECT groupArray(name), assumeNotNull((SELECT count() FROM content)) FROM spans");
  RowReader row(left->bytes);
  ASSERT_EQ(row.Length(), 1u);
  EXPECT_EQ(row.String(), "2026-01-02");
  EXPECT_EQ(row.Number<uint64_t>(), 1u);
}

}  // namespace
}  // namespace telltale
