#include "pricing/pricer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace telltale {
namespace {

std::shared_ptr<const PriceTable> TableOf(std::string_view price) {
  auto file = ReadPriceFileUntrusted(
      "provider = \"p\"\nrule = [{ model = \"m\", input = " + std::string(price) + ", output = 0 }]",
      "t.toml");
  EXPECT_TRUE(file);
  std::vector<PriceFile> files;
  files.push_back(std::move(*file));
  return PriceTable::Of(std::move(files), {});
}

constexpr PriceQuestion kQuestion = {.provider = "p", .request_model = "m"};

TEST(Pricer, SaysByWhichRuleOfWhichTable) {
  const Pricer pricer(TableOf("1"));
  const Cost cost = pricer.Price({.input_tokens = 7, .output_tokens = 1}, kQuestion);
  EXPECT_EQ(cost.total, 7'000'000);
  EXPECT_EQ(cost.rule_id, "p/m");
  EXPECT_EQ(cost.match, PriceMatch::kExact);
  EXPECT_FALSE(cost.by_response_model);
  EXPECT_EQ(cost.table_version, pricer.table()->version());
}

TEST(Pricer, ForgetsWhatItRememberedWithATable) {
  Pricer pricer(TableOf("1"));
  EXPECT_EQ(pricer.Price({.input_tokens = 1, .output_tokens = 0}, kQuestion).total, 1'000'000);
  pricer.Use(TableOf("2"));
  EXPECT_EQ(pricer.Price({.input_tokens = 1, .output_tokens = 0}, kQuestion).total, 2'000'000);
}

TEST(Pricer, TellsNoUsageFromNoPrice) {
  const Pricer pricer(TableOf("1"));
  EXPECT_EQ(pricer.Price({}, kQuestion).status, CostStatus::kNoUsage);
  EXPECT_EQ(pricer.Price({}, {.provider = "q", .request_model = "m"}).status, CostStatus::kNoUsage);
  const Cost unpriced = pricer.Price({.input_tokens = 1}, {.provider = "p", .request_model = "other"});
  EXPECT_EQ(unpriced.status, CostStatus::kUnpriced);
  EXPECT_EQ(unpriced.reason, CostReason::kModelUnknown);
  EXPECT_EQ(unpriced.total, Cost::kNotTold);
}

TEST(Pricer, AnswersForMoreNamesThanItRemembers) {
  const Pricer pricer(TableOf("1"));
  for (int i = 0; i < 70'000; ++i) {
    const std::string model = "m" + std::to_string(i);
    EXPECT_EQ(pricer.Price({.input_tokens = 1}, {.provider = "p", .request_model = model}).status,
              CostStatus::kUnpriced);
  }
  const std::string long_name(10'000, 'm');
  EXPECT_EQ(pricer.Price({.input_tokens = 1}, {.provider = "p", .request_model = long_name}).reason,
            CostReason::kModelUnknown);
  EXPECT_EQ(pricer.Price({.input_tokens = 1, .output_tokens = 0}, kQuestion).total, 1'000'000);
}

TEST(Pricer, UsesOneTableForOneCallWhileAnotherThreadChangesIt) {
  const auto one = TableOf("1");
  const auto two = TableOf("2");
  Pricer pricer(one);
  std::atomic<bool> stop = false;
  std::thread changer([&] {
    while (!stop) {
      pricer.Use(two);
      pricer.Use(one);
    }
  });
  for (int i = 0; i < 20'000; ++i) {
    const Cost cost = pricer.Price({.input_tokens = 1, .output_tokens = 0}, kQuestion);
    ASSERT_EQ(cost.total, cost.table_version == one->version() ? 1'000'000 : 2'000'000);
  }
  stop = true;
  changer.join();
}

TEST(ReportedCost, IsWhatTheSenderTold) {
  EXPECT_EQ(ReportedCost(0.0048).total, 4'800'000'000);
  EXPECT_EQ(ReportedCost(0.0048).status, CostStatus::kReported);
  EXPECT_EQ(ReportedCost(-1).status, CostStatus::kNoUsage);
  EXPECT_EQ(ReportedCost(std::nan("")).status, CostStatus::kNoUsage);
  EXPECT_EQ(ReportedCost(1e300).total, Cost::kNotTold);
}

}  // namespace
}  // namespace telltale
