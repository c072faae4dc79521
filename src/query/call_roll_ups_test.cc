// Sums with roll-ups against sums without, on the real engine, over calls made at random: late ones,
// corrected ones, new prices, days that are gone.
#include "query/call_roll_ups.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "query/calls.h"
#include "store/chdb.h"
#include "store/embedded_engine.h"
#include "store/retention.h"
#include "store/schema/migrations.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kFirst = 1'763'942'400'000'000'000;  // 2025-11-24
const std::string kToday = "2025-12-01";

TEST(RollUpPlan, TakesWholeHoursAndDays) {
  const TimeRange range{.start_unix_nano = kFirst + 1, .end_unix_nano = kFirst + 3 * kDay + 5};
  const RollUpPlan plan = RollUpPlanOf(range, 0);
  EXPECT_EQ(plan.hours.start_unix_nano, kFirst + kHour);
  EXPECT_EQ(plan.hours.end_unix_nano, kFirst + 3 * kDay);
  EXPECT_EQ(plan.days.start_unix_nano, kFirst + kDay);
  EXPECT_EQ(plan.days.end_unix_nano, kFirst + 3 * kDay);
  const RollUpPlan steps = RollUpPlanOf(range, kHour);
  EXPECT_EQ(steps.days.start_unix_nano, steps.days.end_unix_nano) << "steps of an hour are no days";
  const RollUpPlan little = RollUpPlanOf({.start_unix_nano = kFirst + 1, .end_unix_nano = kFirst + 2}, 0);
  EXPECT_GE(little.hours.start_unix_nano, little.hours.end_unix_nano);
  const TimeRange all;
  EXPECT_EQ(RollUpPlanOf(all, 0).hours.start_unix_nano, all.start_unix_nano);
  EXPECT_EQ(RollUpPlanOf(all, 0).hours.end_unix_nano, all.end_unix_nano);
}

TEST(RollUpPlan, IsNotForWhatIsNotSummedBy) {
  EXPECT_TRUE(MayRollUp({.by = {CallDimension::kModel}}));
  EXPECT_TRUE(MayRollUp({.step_nano = kDay}));
  EXPECT_FALSE(MayRollUp({.step_nano = kHour / 2}));
  EXPECT_FALSE(MayRollUp({.by = {CallDimension::kUser}}));
  EXPECT_FALSE(MayRollUp({.filter = {.conversation = "c"}}));
}

class RollUps : public testing::Test {
 protected:
  void SetUp() override {
    if (!FindChdb()) GTEST_SKIP() << FindChdb().error().message;
    std::string name = (fs::temp_directory_path() / "telltale-rollups-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto opened = EmbeddedEngine::Open({.folder = folder_ / "store"});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    ASSERT_TRUE(Migrate(*engine_));
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }

  void Run(const std::string& sql) {
    const Status done = engine_->Execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  // `count` calls, from `number` on, that arrived on a day; a tenth of them started up to two days before.
  void Insert(int day, int number, int count, int revision = 1, int price = 1000) {
    const std::string received = std::to_string(kFirst / 1'000'000 + day * (kDay / 1'000'000) + 1000);
    Run("INSERT INTO calls (trace_id, span_id, start, duration, service, name, kind, provider, "
        "request_model, "
        "response_model, failed, user, prompt, time_to_first_token, input_tokens, output_tokens, "
        "cache_read_tokens, "
        "cache_write_tokens, reasoning_tokens, counts, cost, cost_status, revision, received) SELECT "
        "toFixedString(toString(number), 16), toFixedString(toString(number % 7), 8), "
        "fromUnixTimestamp64Nano(" +
        std::to_string(kFirst + day * kDay) + " + number % 4 * " + std::to_string(6 * kHour) +
        " + toInt64(sipHash64(number) % " + std::to_string(kHour) + ") - if(number % 10 = 0, " +
        std::to_string(2 * kDay) +
        ", 0), 'UTC'), toInt64(sipHash64(number, 1) % 3000000000) - 1000, ['a', 'b', 'c'][number % 3 + 1], "
        "'chat', "
        "[1, 3, 4, 5][number % 4 + 1], 'p', ['m1', 'm2'][number % 2 + 1], if(number % 4 = 0, '', 'm1-2025'), "
        "number % 12 = 0, toString(number % 100), if(number % 6 = 0, 'greet', ''), if(number % 3 = 0, nan, "
        "(number % "
        "500) / 100), if(number % 13 = 0, -1, toInt64(number % 5000)), if(number % 13 = 0, -1, "
        "toInt64(number % 300)), "
        "toInt64(number % 50) - 1, -1, toInt64(number % 9) - 1, number % 17 != 0, toInt64(number) * " +
        std::to_string(price) + ", number % 4, " + std::to_string(revision) + ", fromUnixTimestamp64Milli(" +
        received + ", 'UTC') FROM numbers(" + std::to_string(number) + ", " + std::to_string(count) + ")");
  }

  void Build() {
    // A day is summed once it was seen unchanged.
    for (int i = 0; i < 2; ++i) {
      const Status built = roll_ups_->Build(kToday, ++now_ms_);
      ASSERT_TRUE(built) << built.error().message;
    }
  }

  std::string Text(const CallSumQuery& query, bool with_roll_ups) {
    if (!with_roll_ups) Run("RENAME TABLE call_sum_days TO hidden");
    if (!with_roll_ups) Run("CREATE TABLE call_sum_days AS hidden ENGINE = MergeTree ORDER BY day");
    const auto rows = SumCalls(*engine_, query);
    if (!with_roll_ups) Run("DROP TABLE call_sum_days SYNC");
    if (!with_roll_ups) Run("RENAME TABLE hidden TO call_sum_days");
    EXPECT_TRUE(rows) << rows.error().message;
    std::string text;
    for (const CallSumRow& row : *rows) {
      for (const std::string& key : row.key) text += key + " ";
      const CallTotals& tokens = row.sums.tokens;
      const CostTotals& cost = row.sums.cost;
      for (const auto number :
           {row.step_start_unix_nano, static_cast<int64_t>(tokens.calls), static_cast<int64_t>(tokens.errors),
            tokens.input_tokens, tokens.output_tokens, tokens.cache_read_tokens, tokens.cache_write_tokens,
            tokens.reasoning_tokens, static_cast<int64_t>(tokens.calls_without_usage), cost.total,
            static_cast<int64_t>(cost.computed_calls), static_cast<int64_t>(cost.reported_calls),
            static_cast<int64_t>(cost.unpriced_calls), static_cast<int64_t>(cost.no_usage_calls)})
        text += std::to_string(number) + " ";
      const Quantiles first = row.time_to_first_token.value_or(Quantiles{});
      for (const double number : {row.duration_nano.p50, row.duration_nano.p95, row.duration_nano.p99,
                                  first.p50, first.p95, first.p99, row.output_tokens_per_second.value_or(-1)})
        text += std::to_string(number) + " ";
      text += "\n";
    }
    return text;
  }

  // Questions at random say the same with sums and without.
  void Compare(const std::string& when) {
    using enum CallDimension;
    const std::vector<std::vector<CallDimension>> by = {
        {}, {kModel}, {kService, kKind}, {kPrompt, kProvider}, {kUser}, {kCostStatus}, {kOperation, kAgent}};
    for (int i = 0; i < 12; ++i) {
      CallSumQuery query{.by = by[random_() % by.size()],
                         .step_nano = std::array<int64_t, 4>{0, 0, kDay, 6 * kHour}[random_() % 4],
                         .order = static_cast<SumOrder>(random_() % 5),
                         .limit = 10'000};
      if (random_() % 4 != 0) {
        query.filter.range.start_unix_nano = kFirst - kDay + static_cast<int64_t>(random_() % (4 * kDay));
        query.filter.range.end_unix_nano =
            query.filter.range.start_unix_nano + static_cast<int64_t>(random_() % (6 * kDay));
      }
      if (random_() % 3 == 0) query.filter.model = "m1-2025";
      if (random_() % 3 == 0) query.filter.failed = random_() % 2 == 0;
      if (random_() % 5 == 0) query.filter.cost_status = CostStatus::kComputed;
      if (random_() % 5 == 0) query.filter.kind = CallKind::kLlm;
      ASSERT_EQ(Text(query, true), Text(query, false))
          << when << ", question " << i << ", status " << query.filter.cost_status.has_value() << " kind "
          << query.filter.kind.has_value() << " failed " << query.filter.failed.has_value() << " range "
          << query.filter.range.start_unix_nano << " " << query.filter.range.end_unix_nano << " step "
          << query.step_nano;
    }
  }

  fs::path folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<CallRollUps> roll_ups_;
  uint64_t now_ms_ = 1'764'547'200'000;
  std::mt19937_64 random_{7};
};

TEST_F(RollUps, SayWhatTheCallsSayWhateverHappensToThem) {
  roll_ups_ = std::make_unique<CallRollUps>(*engine_);
  Build();
  EXPECT_TRUE(ReadRollUpDays(*engine_)->empty()) << "an empty store";
  for (int day = 0; day < 5; ++day) Insert(day, day * 3000, 3000);
  Compare("before there are sums");
  Build();
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 5u);
  Compare("of whole days");

  Insert(2, 100'000, 500);
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 4u) << "a late call takes its day's sums away";
  Compare("with a late call");
  Build();
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 5u);
  Compare("summed again");

  Insert(1, 3000, 1500, 2, 7000);
  Compare("with corrections and new prices");
  Run("OPTIMIZE TABLE calls PARTITION '2025-11-25' FINAL");
  Compare("with corrections, merged");
  Build();
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 5u);
  Run("OPTIMIZE TABLE calls FINAL");
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 5u) << "a merge changes nothing";
  Compare("merged");

  Run("ALTER TABLE calls DROP PARTITION '2025-11-24'");
  EXPECT_EQ(ReadRollUpDays(*engine_)->size(), 4u);
  Compare("without the first day");
  Build();
  const auto left =
      engine_->Query({.sql = "SELECT countDistinct(day), countDistinct(generation) FROM call_sums"});
  RowReader rows(left->bytes);
  EXPECT_EQ(rows.Number<uint64_t>(), 4u) << "its sums are dropped";
}

TEST_F(RollUps, WaitForADayToBeOverAndQuiet) {
  roll_ups_ = std::make_unique<CallRollUps>(*engine_);
  Insert(7, 0, 1000);  // today
  Insert(1, 0, 1000);
  ASSERT_TRUE(roll_ups_->Build(kToday, ++now_ms_));
  EXPECT_TRUE(ReadRollUpDays(*engine_)->empty()) << "seen for the first time";
  Insert(1, 1000, 1000);
  ASSERT_TRUE(roll_ups_->Build(kToday, ++now_ms_));
  EXPECT_TRUE(ReadRollUpDays(*engine_)->empty()) << "it has changed since";
  ASSERT_TRUE(roll_ups_->Build(kToday, ++now_ms_));
  ASSERT_EQ(ReadRollUpDays(*engine_)->size(), 1u);
  EXPECT_EQ(ReadRollUpDays(*engine_)->front().day, "2025-11-25");
}

TEST_F(RollUps, LeaveADayAloneThatHasNothingInCommon) {
  roll_ups_ = std::make_unique<CallRollUps>(*engine_);
  Run("INSERT INTO calls (trace_id, span_id, start, name, kind, counts, input_tokens, received) SELECT "
      "toFixedString(toString(number), 16), '12345678', fromUnixTimestamp64Nano(" +
      std::to_string(kFirst) + " + number, 'UTC'), toString(number), 1, 1, 5, fromUnixTimestamp64Milli(" +
      std::to_string(kFirst / 1'000'000) + ", 'UTC') FROM numbers(1000)");
  Build();
  EXPECT_TRUE(ReadRollUpDays(*engine_)->empty());
  Compare("many names");
}

}  // namespace
}  // namespace telltale
