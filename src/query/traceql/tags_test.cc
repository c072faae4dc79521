#include "query/traceql/tags.h"

#include <gtest/gtest.h>

#include "query/testing/fake_engine.h"
#include "traceql/parse.h"

namespace telltale {
namespace {

using Texts = std::vector<std::string>;

traceql::FieldExpression FieldOf(std::string_view name) {
  auto query = ParseTraceQl("{} | select(" + std::string(name) + ")");
  return std::move(std::get<traceql::Select>(query->stages[1].node).fields[0]);
}

// The statement that asks for the values of a field.
std::string Asked(std::string_view field, const TagQuestion& question = {.limit = 5}) {
  FakeEngine engine;
  EXPECT_TRUE(ListTagValues(engine, FieldOf(field), question));
  return engine.asked.empty() ? "" : engine.asked.back().sql;
}

TEST(Tags, NamesComeFromSpansResourcesScopesEventsAndLinks) {
  FakeEngine engine;
  engine.Answer(Rows()
                    .Length(2)
                    .String("a")
                    .String("b")
                    .Length(2)
                    .String(R"({"attributes":[{"key":"host","value":{}},{"key":"cluster","value":{}}]})")
                    .String("not json")
                    .Length(1)
                    .String(R"({"attributes":[{"key":"lib","value":{}}]})"));
  engine.Answer(Rows().Length(1).String("exception.type"));
  engine.Answer(Rows().Length(0));
  const auto names = ListTagNames(engine, {});
  EXPECT_EQ(names->span, (Texts{"a", "b"}));
  EXPECT_EQ(names->resource, (Texts{"cluster", "host"}));
  EXPECT_EQ(names->instrumentation, Texts{"lib"});
  EXPECT_EQ(names->event, Texts{"exception.type"});
  EXPECT_EQ(names->link, Texts{});
  for (const QueryRequest& asked : engine.asked)
    EXPECT_NE(asked.sql.find("ORDER BY start DESC LIMIT"), std::string::npos) << asked.sql;
}

TEST(Tags, ValuesOfSpansComeFromTheNewestThatHaveTheField) {
  const std::string sql = Asked("span.http.method");
  EXPECT_NE(sql.find("FROM spans WHERE mapContains(attrs, {v0:String}) ORDER BY start DESC LIMIT 50000"),
            std::string::npos)
      << sql;
  EXPECT_TRUE(sql.ends_with("GROUP BY typed ORDER BY count() DESC, typed LIMIT 5")) << sql;
}

TEST(Tags, ValuesOfResourcesComeFromDistinctTexts) {
  EXPECT_NE(Asked("resource.cluster").find("SELECT resource FROM spans WHERE 1 GROUP BY resource LIMIT"),
            std::string::npos);
  EXPECT_NE(Asked("resource.service.name").find("SELECT service FROM spans WHERE 1 GROUP BY service LIMIT"),
            std::string::npos);
  EXPECT_NE(Asked("name").find("SELECT name FROM spans WHERE 1 GROUP BY name LIMIT"), std::string::npos);
  EXPECT_NE(Asked("rootServiceName").find("parent_id = toFixedString('', 8)"), std::string::npos);
}

TEST(Tags, ValuesOfCallsComeFromCalls) {
  const TagQuestion question{.query = *TraceQuery::Parse("{ status = error }"), .limit = 5};
  const std::string sql = Asked("call.model", question);
  EXPECT_NE(sql.find("FROM calls WHERE"), std::string::npos) << sql;
  EXPECT_NE(sql.find("(trace_id, span_id) IN (SELECT trace_id, span_id FROM spans WHERE 1 AND"),
            std::string::npos)
      << sql;
}

TEST(Tags, AFilterMakesTheNewestSpansDo) {
  const TagQuestion question{.range = {.start_unix_nano = 1, .end_unix_nano = 9},
                             .query = *TraceQuery::Parse("{ status = error }"),
                             .limit = 5};
  const std::string sql = Asked("name", question);
  EXPECT_NE(sql.find("SELECT name FROM (SELECT name FROM spans WHERE 1 AND start >= "), std::string::npos)
      << sql;
}

TEST(Tags, WhatDiffersFromSpanToSpanHasNoValues) {
  for (const char* field : {"duration", "span:id", "trace:id", "nestedSetLeft", "status", "call.cost"})
    EXPECT_EQ(Asked(field), "") << field;
}

TEST(Tags, OfAnUnscopedNameBothPlacesAreAskedAndEachValueIsListedOnce) {
  FakeEngine engine;
  engine.Answer(Rows().String("sa").String("sb"));
  engine.Answer(Rows().String("sb").String("sc").String("sd"));
  EXPECT_EQ(*ListTagValues(engine, FieldOf(".x"), {.limit = 3}), (Texts{"sa", "sb", "sc"}));
  EXPECT_EQ(engine.asked.size(), 2u);
}

}  // namespace
}  // namespace telltale
