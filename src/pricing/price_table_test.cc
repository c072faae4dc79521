#include "pricing/price_table.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

PriceFile FileOf(std::string_view text) {
  auto file = ReadPriceFileUntrusted(text, "test.toml");
  EXPECT_TRUE(file) << file.error().message;
  return file ? *file : PriceFile();
}

// "rule how request|response", or why none.
std::string Found(const PriceTable& table, const PriceNames& names, uint64_t at = 1'785'000'000'000'000'000) {
  const FoundRule found = table.Find(names).At(at);
  if (found.rule == nullptr) return std::string(CostReasonName(found.reason));
  return found.rule->id + " " + std::string(PriceMatchName(found.match)) +
         (found.by_response_model ? " response" : " request");
}

std::string InBuiltIn(std::string_view provider, std::string_view request, std::string_view response = {}) {
  return Found(*PriceTable::BuiltIn(),
               {.provider = provider, .request_model = request, .response_model = response});
}

TEST(PriceTable, OfTheProgramIsDatedAndSourced) {
  const auto table = PriceTable::BuiltIn();
  EXPECT_GT(table->rules().size(), 1000u);
  EXPECT_EQ(table->version().size(), std::string("2026-07-24-0123456789ab").size());
  for (const PriceRule& rule : table->rules()) {
    EXPECT_TRUE(rule.source.starts_with("https://")) << rule.id;
    EXPECT_FALSE(rule.as_of.empty()) << rule.id;
  }
}

TEST(PriceTable, OfTheProgramHasNoCacheReadDearerThanInput) {
  for (const PriceRule& rule : PriceTable::BuiltIn()->rules()) {
    const PriceList& prices = rule.standard.prices;
    if (prices[CostPartKind::kInput] == 0) continue;
    EXPECT_LE(prices[CostPartKind::kCacheRead], prices[CostPartKind::kInput]) << rule.id;
  }
}

TEST(PriceTable, PrefersTheResponseModel) {
  EXPECT_EQ(InBuiltIn("openai", "gpt-4o", "gpt-4o-2024-08-06"), "openai/gpt-4o-2024-08-06 exact response");
  EXPECT_EQ(InBuiltIn("openai", "gpt-4o", "gpt-4o-2031-01-01"), "openai/gpt-4o snapshot response");
  EXPECT_EQ(InBuiltIn("openai", "gpt-4o", "a-name-of-a-gateway"), "openai/gpt-4o exact request");
}

TEST(PriceTable, NeverPricesAFineTuneAsItsBase) {
  EXPECT_EQ(InBuiltIn("openai", "", "ft:gpt-4o-mini-2024-07-18:acme::1"),
            "openai/ft:gpt-4o-mini-2024-07-18 fine_tune response");
  EXPECT_EQ(InBuiltIn("openai", "gpt-4o", "ft:gpt-9-2031-01-01:acme::1"), "fine_tune_unknown");
  EXPECT_EQ(InBuiltIn("azure", "gpt-4o", "gpt-4o-2024-08-06.ft-abc"), "fine_tune_unknown");
}

TEST(PriceTable, NeverLooksAtAnotherProvider) {
  EXPECT_EQ(InBuiltIn("openai", "claude-sonnet-4-5"), "model_unknown");
  EXPECT_EQ(InBuiltIn("my-gateway", "gpt-4o"), "provider_unknown");
  EXPECT_EQ(InBuiltIn("openai", ""), "model_not_told");
}

TEST(PriceTable, DoesNotTrustTheNameOfAnAzureDeployment) {
  EXPECT_EQ(InBuiltIn("azure.ai.openai", "gpt-4o"), "deployment");
  EXPECT_EQ(InBuiltIn("azure.ai.openai", "prod", "gpt-4o-2024-08-06"),
            "azure.ai.openai/gpt-4o-2024-08-06 exact response");
}

TEST(PriceTable, TakesTheMakersRuleWhereNoProviderIsTold) {
  EXPECT_EQ(InBuiltIn("", "gpt-4"), "openai/gpt-4 maker request");
  EXPECT_EQ(InBuiltIn("langchain", "claude-sonnet-4-5"), "anthropic/claude-sonnet-4-5 maker request");
  EXPECT_EQ(InBuiltIn("litellm", "groq/llama-3.1-8b-instant"), "groq/llama-3.1-8b-instant maker request");
  EXPECT_EQ(InBuiltIn("", "llama-3.1-8b"), "provider_unknown");
}

TEST(PriceTable, FindsBedrockIdsOfAnyRegion) {
  EXPECT_EQ(InBuiltIn("aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
            "aws.bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0 exact request");
  EXPECT_EQ(InBuiltIn("aws.bedrock", "apac.cohere.command-r-v1:0"),
            "aws.bedrock/cohere.command-r-v1:0 region request");
  EXPECT_EQ(InBuiltIn("aws.bedrock", "", "claude-sonnet-4-5-20250929"),
            "aws.bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0 version response");
}

TEST(PriceTable, TakesTheNewestSnapshotForLatest) {
  const auto table = PriceTable::Of({FileOf(R"(provider = "anthropic"
rule = [{ model = "claude-a-20250101", input = 1 }, { model = "claude-a-20250601", input = 2 }])")},
                                    {});
  EXPECT_EQ(Found(*table, {.provider = "anthropic", .request_model = "claude-a-latest"}),
            "anthropic/claude-a-20250601 latest request");
}

TEST(PriceTable, LetsTheUserWinWhereTheRuleHolds) {
  const auto table = PriceTable::Of({FileOf("provider = \"openai\"\nrule = [{ model = \"m\", input = 1 }]")},
                                    {FileOf(R"(provider = "openai"
rule = [{ model = "m", input = 2, from = 2026-01-01, until = 2027-01-01 }, { model = "deploy-*", input = 3 }, { model = "deploy-x*", input = 4 }])")});
  const auto day = [](std::string_view text) { return *UnixNanosOfDay(text); };
  EXPECT_EQ(Found(*table, {.provider = "openai", .request_model = "m"}, day("2025-12-31")),
            "openai/m exact request");
  EXPECT_EQ(Found(*table, {.provider = "openai", .request_model = "m"}, day("2026-01-01")),
            "user:openai/m@2026-01-01 exact request");
  EXPECT_EQ(Found(*table, {.provider = "openai", .request_model = "m"}, day("2027-01-01")),
            "openai/m exact request");
  EXPECT_EQ(Found(*table, {.provider = "openai", .request_model = "deploy-xy"}),
            "user:openai/deploy-x* pattern request");
  EXPECT_NE(table->version().find('+'), std::string::npos);
}

TEST(PriceTable, SaysWhenAModelsRulesHoldAtOtherTimes) {
  const auto table = PriceTable::Of(
      {FileOf("provider = \"p\"\nrule = [{ model = \"m\", input = 1, from = 2026-01-01 }]")}, {});
  EXPECT_EQ(Found(*table, {.provider = "p", .request_model = "m"}, *UnixNanosOfDay("2025-01-01")),
            "outside_dates");
}

}  // namespace
}  // namespace telltale
