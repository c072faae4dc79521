#include "query/columns.h"

#include <gtest/gtest.h>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

constexpr std::string_view kSelect = "SELECT trace_id, start FROM spans WHERE 1";
constexpr std::string_view kNewest = " ORDER BY start DESC LIMIT 256";

std::string ConditionsOf(const QueryRequest& request) {
  std::string sql = request.sql;
  EXPECT_TRUE(sql.starts_with(kSelect)) << sql;
  EXPECT_TRUE(sql.ends_with(kNewest)) << sql;
  return sql.substr(kSelect.size(), sql.size() - kSelect.size() - kNewest.size());
}

TEST(Columns, AFilterWithoutConditionsAsksForEverySpan) {
  const QueryRequest request = MatchesStatement({}, {});
  EXPECT_EQ(ConditionsOf(request), "");
  EXPECT_EQ(ParametersOf(request), "");
}

TEST(Columns, EveryConditionIsAParameterAndNoneIsText) {
  SpanFilter filter;
  filter.service = "shop' OR 1 = 1 --";
  filter.operation = "GET /cart";
  filter.status = uint8_t{2};
  filter.kind = uint8_t{3};
  filter.duration_nano_min = 5;
  filter.duration_nano_max = 7;
  const QueryRequest request = MatchesStatement(
      filter, {.range = {.start_unix_nano = 10, .end_unix_nano = 20}, .not_these = {IdOf<16>(1)}});
  EXPECT_EQ(
      ConditionsOf(request),
      " AND start >= fromUnixTimestamp64Nano({start:Int64}, 'UTC')"
      " AND start < fromUnixTimestamp64Nano({end:Int64}, 'UTC')"
      " AND service = {service:String} AND name = {operation:String} AND status = {status:Int64}"
      " AND kind = {kind:Int64} AND duration >= {duration_min:Int64} AND duration <= {duration_max:Int64}"
      " AND trace_id NOT IN (unhex('00000000000000000000000000000001'))");
  EXPECT_EQ(ParametersOf(request),
            "start=10 end=20 service=shop' OR 1 = 1 -- operation=GET /cart status=2 kind=3 duration_min=5 "
            "duration_max=7");
}

TEST(Columns, AnAttributeOnSpansAloneLeavesTheIndexInForce) {
  SpanFilter filter;
  filter.attributes = {{.key = "user.id", .value = "7", .on_resources = false}};
  const QueryRequest request = MatchesStatement(filter, {});
  EXPECT_EQ(ConditionsOf(request), " AND (attrs[{attribute0_key:String}] = {attribute0_value:String})");
  EXPECT_EQ(ParametersOf(request), "attribute0_key=user.id attribute0_value=7");
}

TEST(Columns, AnAttributeOnResourcesIsLookedForInEveryTypeThatItsTextCanHave) {
  SpanFilter filter;
  filter.attributes = {{.key = "process.pid", .value = "42"}};
  const QueryRequest request = ResourceMatchesStatement(filter);
  EXPECT_EQ(request.sql,
            "SELECT max(position(resource, {attribute0_resource0:String}) > 0"
            " OR position(resource, {attribute0_resource1:String}) > 0"
            " OR position(resource, {attribute0_resource2:String}) > 0) FROM spans WHERE 1");
  EXPECT_EQ(ParametersOf(request),
            R"(attribute0_resource0={"key":"process.pid","value":{"stringValue":"42"}})"
            R"( attribute0_resource1={"key":"process.pid","value":{"intValue":"42"}})"
            R"( attribute0_resource2={"key":"process.pid","value":{"doubleValue":42}})");
}

TEST(Columns, AnEmptyValueIsNotAnAbsentKey) {
  SpanFilter filter;
  filter.attributes = {{.key = "note", .value = "", .on_resources = false}};
  EXPECT_EQ(ConditionsOf(MatchesStatement(filter, {})),
            " AND (mapContains(attrs, {attribute0_key:String}) AND attrs[{attribute0_key:String}] = "
            "{attribute0_value:String})");
}

TEST(Columns, AKeyWithoutValueAsksWhetherItExists) {
  SpanFilter filter;
  filter.attributes = {{.key = "say \"hi\"", .value = std::nullopt}};
  const QueryRequest request = MatchesStatement(filter, {});
  EXPECT_EQ(ConditionsOf(request),
            " AND (mapContains(attrs, {attribute0_key:String}) OR position(resource, "
            "{attribute0_resource0:String}) > 0)");
  EXPECT_EQ(ParametersOf(request),
            R"(attribute0_key=say "hi" attribute0_resource0={"key":"say \"hi\"","value":)");
}

TEST(Columns, ALaterPieceOfATraceBeginsAfterTheLastRowAndNamesTheTextsThatAreKnown) {
  const QueryRequest request = SpanRowsStatement(
      std::array{IdOf<16>(9)}, {.rows_max = 3,
                                .after = SpanRowsPage::After{.start_unix_nano = 5, .span_id = IdOf<8>(4)},
                                .known_resources = {11, 12},
                                .known_scopes = {}});
  EXPECT_NE(request.sql.find("if(has([11, 12]::Array(UInt64), resource_hash), '', resource)"),
            std::string::npos);
  EXPECT_NE(request.sql.find("WHERE trace_id IN (unhex('00000000000000000000000000000009'))"
                             " AND start >= fromUnixTimestamp64Nano({after:Int64}, 'UTC')"
                             " AND (start > fromUnixTimestamp64Nano({after:Int64}, 'UTC')"
                             " OR span_id > unhex('0000000000000004')) ORDER BY start, span_id LIMIT 3"),
            std::string::npos)
      << request.sql;
  EXPECT_EQ(ParametersOf(request), "after=5");
}

TEST(Columns, AttributesReadBackInOrderWithTheirTypes) {
  const Rows rows =
      SpanRows({{.attributes = {{"a", 's', "x"}, {"b", 'i', "-3"}, {"c", 'm', "{}"}}, .kind = 4}});
  RowReader reader(rows.bytes());
  const SpanRow row = ReadSpanRow(reader);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(row.kind, 4);
  std::string seen;
  AttributeReader attributes(row.attributes);
  StoredAttribute attribute;
  while (attributes.Next(attribute)) {
    seen.append(attribute.key)
        .append(1, static_cast<char>(attribute.type))
        .append(attribute.text)
        .append(" ");
  }
  EXPECT_EQ(seen, "asx bi-3 cm{} ");
}

}  // namespace
}  // namespace telltale
