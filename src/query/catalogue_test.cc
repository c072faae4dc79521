#include "query/catalogue.h"

#include <gtest/gtest.h>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

TEST(Catalogue, AttributeKeysComeFromSpansAndResourcesSortedAndOnce) {
  FakeEngine engine;
  Rows rows;
  rows.Length(2).String("user.id").String("host.name");
  rows.Length(3).String(
      R"({"attributes":[{"key":"host.name","value":{}},{"key":"a\"b","value":{"intValue":"1"}}]})");
  rows.String("{}").String("not json");
  engine.Answer(rows);
  EXPECT_EQ(*ListAttributeKeys(engine, "", {}), (std::vector<std::string>{"a\"b", "host.name", "user.id"}));
}

TEST(Catalogue, AnEmptyStoreHasNoOldestSpan) {
  FakeEngine engine;
  engine.Answer(Rows().Number<uint64_t>(0).Number<uint64_t>(0));
  engine.Answer(Rows().Number<int64_t>(0).Number<int64_t>(0));
  const auto stats = ReadStoreStats(engine);
  EXPECT_EQ(stats->spans, 0u);
  EXPECT_FALSE(stats->oldest_unix_nano);
}

TEST(Catalogue, ServicesAreReadRowByRow) {
  FakeEngine engine;
  engine.Answer(Rows()
                    .String("a")
                    .Number<uint64_t>(3)
                    .Number<uint64_t>(1)
                    .Number<int64_t>(9)
                    .String("b")
                    .Number<uint64_t>(1)
                    .Number<uint64_t>(0)
                    .Number<int64_t>(8));
  const auto services = ListServices(engine, {.start_unix_nano = 5, .end_unix_nano = 10});
  ASSERT_EQ(services->size(), 2u);
  EXPECT_EQ((*services)[0].errors, 1u);
  EXPECT_EQ((*services)[1].last_seen_unix_nano, 8);
  EXPECT_EQ(ParametersOf(engine.asked[0]), "start=5 end=10");
}

}  // namespace
}  // namespace telltale
