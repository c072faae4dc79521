#include "query/traceql/row_sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "trace/call.h"
#include "trace/cost.h"
#include "traceql/parse.h"

namespace telltale::traceql {
namespace {

TEST(FieldSql, WordsOfCallsStandAtTheirNumberInTheStore) {
  EXPECT_TRUE(std::ranges::equal(WordsOf(WordSet::kCallKind), kCallKindNames));
  const auto words = WordsOf(WordSet::kCostStatus);
  for (size_t i = 0; i < words.size(); ++i) EXPECT_EQ(words[i], CostStatusName(static_cast<CostStatus>(i)));
}

TEST(FieldSql, EveryFieldOfACallIsReadFromItsRow) {
  for (const CallFieldInfo& info : CallFields()) {
    SqlParameters parameters;
    FieldSql fields(RowSource::kCall, parameters, nullptr);
    const auto reading = fields.Read(CallFieldReference{.field = info.field});
    ASSERT_TRUE(reading) << info.name;
    EXPECT_FALSE(reading->there.empty()) << info.name;
    EXPECT_FALSE(reading->typed.empty()) << info.name;
    if (IsNumber(info.type) || WordSetOf(info.type)) EXPECT_FALSE(reading->number.empty()) << info.name;
    if (info.type == ValueType::kString) EXPECT_FALSE(reading->text.empty()) << info.name;
    if (info.type == ValueType::kBoolean) EXPECT_FALSE(reading->boolean.empty()) << info.name;
  }
}

// What a walk numbers has no column.
TEST(FieldSql, EveryIntrinsicIsReadFromARowWithItsTraceBeside) {
  for (const IntrinsicInfo& info : Intrinsics()) {
    for (const bool of_parent : {false, true}) {
      if (of_parent && !info.of_parent) continue;
      SqlParameters parameters;
      FieldSql fields(RowSource::kJoined, parameters, nullptr);
      const auto reading = fields.Read(IntrinsicField{.intrinsic = info.intrinsic, .of_parent = of_parent});
      const bool is_of_walk =
          info.intrinsic == Intrinsic::kNestedSetLeft || info.intrinsic == Intrinsic::kNestedSetRight;
      EXPECT_EQ(reading.has_value(), !is_of_walk) << info.text << of_parent;
    }
  }
}

TEST(SqlPieces, ARangeIsWidenedForTheRestOfATraceAndEndsAtTheEdges) {
  Statement sql("WHERE 1");
  AddText("\x01 OR\x02", {.start_unix_nano = 100'000'000'000'000, .end_unix_nano = 100'000'000'000'001}, sql);
  EXPECT_EQ(sql.Take("").sql,
            "WHERE 1 AND start >= fromUnixTimestamp64Nano(100000000000000, 'UTC') AND start < "
            "fromUnixTimestamp64Nano(100000000000001, 'UTC') OR AND start >= "
            "fromUnixTimestamp64Nano(13600000000000, 'UTC') AND start < "
            "fromUnixTimestamp64Nano(186400000000001, 'UTC')");
  Statement all("WHERE 1");
  AddText("\x02", {}, all);
  EXPECT_EQ(all.Take("").sql, "WHERE 1");
}

}  // namespace
}  // namespace telltale::traceql
