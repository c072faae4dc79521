#include "query/trace_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

struct Match {
  uint8_t trace;
  int64_t start;
};

Rows Matches(const std::vector<Match>& matches) {
  Rows rows;
  for (const Match& match : matches) rows.Bytes(IdOf<16>(match.trace)).Number(match.start);
  return rows;
}

std::string FoundText(const FoundTraces& found) {
  std::string text;
  for (const MatchRow& trace : found.traces) {
    text += std::to_string(trace.trace_id.bytes.back()) + "@" + std::to_string(trace.start_unix_nano) + " ";
  }
  return text;
}

TraceSearch SearchOf(size_t limit) {
  TraceSearch search;
  search.filter.range = {.start_unix_nano = 0, .end_unix_nano = 64'000'000'000'000};
  search.limit = limit;
  return search;
}

TEST(TraceSearch, ATraceStandsWhereItsNewestMatchStands) {
  FakeEngine engine;
  engine.Answer(Matches({{1, 90}, {2, 80}, {1, 70}, {3, 60}}));
  const auto found = FindTraces(engine, SearchOf(2));
  EXPECT_EQ(FoundText(*found), "1@90 2@80 ");
  ASSERT_TRUE(found->next);
  EXPECT_EQ(found->next->last.start_unix_nano, 80);
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(TraceSearch, AsksForMoreRowsFurtherBackWhereTheFirstHoldTooFewTraces) {
  FakeEngine engine;
  std::vector<Match> rows;
  for (int64_t start = 1000; rows.size() < 256; --start) rows.push_back({1, start});
  engine.Answer(Matches(rows));
  engine.Answer(Matches({}));  // ties where the rows were cut
  engine.Answer(Matches({{2, 80}, {3, 70}}));
  const auto found = FindTraces(engine, SearchOf(10));
  EXPECT_EQ(FoundText(*found), "1@1000 2@80 3@70 ");
  EXPECT_FALSE(found->next);
  ASSERT_EQ(engine.asked.size(), 3u);
  EXPECT_TRUE(engine.asked[0].sql.ends_with("LIMIT 256")) << engine.asked[0].sql;
  EXPECT_EQ(ParametersOf(engine.asked[2]), "end=745");
  EXPECT_TRUE(engine.asked[2].sql.ends_with("LIMIT 1024")) << engine.asked[2].sql;
}

// Each match of an attribute may lie in a granule of its own.
TEST(TraceSearch, AsksForFewRowsFirstWhereAnAttributeIsLookedFor) {
  TraceSearch search = SearchOf(20);
  search.filter.attributes = {{.key = "a", .value = "1", .on_resources = false}};
  FakeEngine engine;
  engine.Answer(Rows().Number<uint8_t>(0));
  ASSERT_TRUE(FindTraces(engine, search));
  EXPECT_TRUE(engine.asked[1].sql.ends_with("LIMIT 42")) << engine.asked[1].sql;
}

TEST(TraceSearch, RowsThatWereCutAtOneTimeAreAskedForAgainByTrace) {
  FakeEngine engine;
  std::vector<Match> rows(256, Match{1, 50});
  engine.Answer(Matches(rows));
  engine.Answer(Matches({{9, 50}, {1, 50}}));
  engine.Answer(Matches({{2, 40}}));
  const auto found = FindTraces(engine, SearchOf(2));
  EXPECT_EQ(FoundText(*found), "9@50 1@50 ");
  EXPECT_TRUE(found->next);
  EXPECT_NE(engine.asked[1].sql.find("WHERE start = fromUnixTimestamp64Nano({at:Int64}, 'UTC')"),
            std::string::npos);
  EXPECT_NE(engine.asked[2].sql.find("NOT IN"), std::string::npos);
}

TEST(TraceSearch, APageAfterTheFirstLeavesOutTracesThatWereShown) {
  TraceSearch search = SearchOf(2);
  search.cursor =
      SearchCursor{.range = search.filter.range, .last = {.start_unix_nano = 80, .trace_id = IdOf<16>(2)}};
  FakeEngine engine;
  engine.Answer(Matches({}));                  // ties at 80
  engine.Answer(Matches({{1, 70}, {3, 60}}));  // older matches
  engine.Answer(Matches({{1, 90}}));           // of those, seen before
  const auto found = FindTraces(engine, search);
  EXPECT_EQ(FoundText(*found), "3@60 ");
  EXPECT_NE(engine.asked[2].sql.find("NOT (start ="), std::string::npos);
}

TEST(TraceSearch, ResourcesAreOnlySearchedWhenOneOfThemMatches) {
  TraceSearch search = SearchOf(1);
  search.filter.attributes = {{.key = "a", .value = "1"}, {.key = "b", .value = "2"}};
  FakeEngine engine;
  engine.Answer(Rows().Number<uint8_t>(0).Number<uint8_t>(1));
  ASSERT_TRUE(FindTraces(engine, search));
  EXPECT_EQ(engine.asked[1].sql.find("attribute0_resource"), std::string::npos);
  EXPECT_NE(engine.asked[1].sql.find("attribute1_resource"), std::string::npos);
}

TEST(TraceSearch, PartsOfSpansAreOnlySearchedWhenAskedForAndWhenOneMatches) {
  TraceSearch search = SearchOf(1);
  search.filter.attributes = {{.key = "a", .value = "1", .on_parts = true},
                              {.key = "event", .value = "2", .on_parts = true}};
  FakeEngine engine;
  engine.Answer(Rows().Number<uint8_t>(0).Number<uint8_t>(0));
  engine.Answer(Rows().Number<uint8_t>(0).Number<uint8_t>(1));
  ASSERT_TRUE(FindTraces(engine, search));
  EXPECT_EQ(engine.asked[2].sql.find("attribute0_events"), std::string::npos);
  EXPECT_NE(engine.asked[2].sql.find("position(events, {attribute1_events0:String}) > 0"), std::string::npos);
}

TEST(TraceSearch, AnAttributeThatCanBeNowhereMatchesNothing) {
  TraceSearch search = SearchOf(1);
  search.filter.attributes = {{.key = "a", .value = "1", .on_spans = false}};
  FakeEngine engine;
  engine.Answer(Rows().Number<uint8_t>(0));
  ASSERT_TRUE(FindTraces(engine, search));
  EXPECT_NE(engine.asked[1].sql.find(" AND 0"), std::string::npos);
}

TEST(TraceSearch, AnErrorOfTheEngineIsTheAnswer) {
  FakeEngine engine;
  engine.AnswerError({ErrorCode::kUnavailable, "no space", ""});
  EXPECT_EQ(FindTraces(engine, SearchOf(1)).error().code, ErrorCode::kUnavailable);
}

void AddServiceRow(const ServiceOfTraceRow& row, Rows& rows) {
  rows.Bytes(row.trace_id).String(row.service).Number(row.spans).Number(row.errors);
  rows.Number(row.start_unix_nano).Number(row.end_unix_nano).String(row.first.name).Number(row.first.status);
  rows.Number<uint8_t>(row.first.is_root).Number(row.first.start_unix_nano).Number(row.first.end_unix_nano);
}

const ServiceOfTraceRow kRootService = {
    .trace_id = IdOf<16>(1),
    .service = "web",
    .spans = 2,
    .errors = 1,
    .start_unix_nano = 100,
    .end_unix_nano = 200,
    .first = {.name = "GET /", .status = 2, .is_root = true, .start_unix_nano = 100, .end_unix_nano = 190}};
const ServiceOfTraceRow kChildService = {
    .trace_id = IdOf<16>(1),
    .service = "db",
    .spans = 3,
    .errors = 0,
    .start_unix_nano = 90,
    .end_unix_nano = 250,
    .first = {.name = "SELECT", .status = 0, .is_root = false, .start_unix_nano = 90, .end_unix_nano = 250}};

TEST(TraceSearch, ASummaryJoinsTheServicesOfATraceAndIsNamedByItsRoot) {
  FakeEngine engine;
  Rows rows;
  AddServiceRow(kChildService, rows);
  AddServiceRow(kRootService, rows);
  engine.Answer(rows);
  const auto summaries = SummariseTraces(engine, {{.trace_id = IdOf<16>(1), .start_unix_nano = 100}});
  ASSERT_EQ(summaries->size(), 1u);
  const TraceSummary& summary = summaries->front();
  EXPECT_EQ(summary.service, "web");
  EXPECT_EQ(summary.name, "GET /");
  EXPECT_EQ(summary.status, 2);
  EXPECT_FALSE(summary.root_missing);
  EXPECT_EQ(summary.spans, 5u);
  EXPECT_EQ(summary.errors, 1u);
  EXPECT_EQ(summary.start_unix_nano, 90);
  EXPECT_EQ(summary.end_unix_nano, 250);
  ASSERT_EQ(summary.services.size(), 2u);
  EXPECT_EQ(summary.services[0].name, "db");
  EXPECT_EQ(engine.asked.size(), 1u);
}

TEST(TraceSearch, ATraceWithoutRootIsReadAgainWithoutBoundsAndNamedByItsEarliestSpan) {
  FakeEngine engine;
  Rows rows;
  AddServiceRow(kChildService, rows);
  engine.Answer(rows);
  engine.Answer(rows);
  const auto summaries = SummariseTraces(engine, {{.trace_id = IdOf<16>(1), .start_unix_nano = 100}});
  EXPECT_TRUE(summaries->front().root_missing);
  EXPECT_EQ(summaries->front().name, "SELECT");
  ASSERT_EQ(engine.asked.size(), 2u);
  EXPECT_EQ(ParametersOf(engine.asked[1]), "");
}

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kWeek = 7 * 24 * kHour;

ServiceOfTraceRow RootServiceAt(int64_t start, int64_t end) {
  ServiceOfTraceRow row = kRootService;
  row.start_unix_nano = start;
  row.end_unix_nano = end;
  row.first.start_unix_nano = start;
  row.first.end_unix_nano = end;
  return row;
}

TEST(TraceSearch, ASummaryLooksForSpansADayToEitherSideOfTheMatches) {
  FakeEngine engine;
  engine.Answer(Rows());
  ASSERT_TRUE(SummariseTraces(engine, {{.trace_id = IdOf<16>(1), .start_unix_nano = kWeek}}));
  EXPECT_EQ(ParametersOf(engine.asked[0]),
            "start=" + std::to_string(kWeek - 24 * kHour) + " end=" + std::to_string(kWeek + 24 * kHour));
}

// | --- a day before the match --- match --- a day after --- |
// | hour |                                            | hour |
TEST(TraceSearch, ATraceWithSpansInTheOutermostHourIsReadAgainWithoutBounds) {
  for (const auto& [start, end, reads] :
       {std::tuple(kWeek - 23 * kHour, kWeek + 23 * kHour, 1u), std::tuple(kWeek - 23 * kHour - 1, kWeek, 2u),
        std::tuple(kWeek, kWeek + 23 * kHour + 1, 2u)}) {
    FakeEngine engine;
    Rows rows;
    AddServiceRow(RootServiceAt(start, end), rows);
    engine.Answer(rows);
    engine.Answer(rows);
    ASSERT_TRUE(SummariseTraces(engine, {{.trace_id = IdOf<16>(1), .start_unix_nano = kWeek}}));
    EXPECT_EQ(engine.asked.size(), reads);
  }
}

}  // namespace
}  // namespace telltale
