// Costs computed by hand from the committed table, in dollars; the arithmetic stands above
// each case: tokens x dollars per million, a line each.
#include <gtest/gtest.h>

#include "pricing/money.h"
#include "pricing/pricer.h"

namespace telltale {
namespace {

struct Call {
  std::string_view provider;
  std::string_view model;
  Usage usage;
  std::string_view tier;
  bool batch = false;
};

Cost CostOf(const Call& call) {
  static const Pricer pricer(PriceTable::BuiltIn());
  return pricer.Price(call.usage, {.provider = call.provider,
                                   .response_model = call.model,
                                   .service_tier = call.tier,
                                   .batch = call.batch,
                                   .at_unix_nanos = 1'785'000'000'000'000'000});
}

std::string TotalOf(const Call& call) {
  const Cost cost = CostOf(call);
  return cost.status == CostStatus::kComputed
             ? FormatUsd(cost.total)
             : std::string(CostStatusName(cost.status)) + " " + std::string(CostReasonName(cost.reason));
}

Usage Tokens(int64_t input, int64_t output) {
  return {.input_tokens = input, .output_tokens = output};
}

TEST(OpenAiPrices, BillCachedInputApart) {
  // 600 x 2.50 = 0.0015; 400 cached x 1.25 = 0.0005; 200 x 10 = 0.002
  EXPECT_EQ(
      TotalOf({"openai", "gpt-4o", {.input_tokens = 1000, .output_tokens = 200, .cache_read_tokens = 400}}),
      "0.004");
}

TEST(OpenAiPrices, HaveReasoningInsideTheOutput) {
  // 1000 x 1.25 = 0.00125; 500 output x 10 = 0.005, 300 of them reasoning at the same price
  const Cost cost =
      CostOf({"openai", "gpt-5", {.input_tokens = 1000, .output_tokens = 500, .reasoning_tokens = 300}});
  EXPECT_EQ(FormatUsd(cost.total), "0.00625");
  ASSERT_EQ(cost.part_count, 3);
  EXPECT_EQ(cost.parts[1].tokens, 200);  // output
  EXPECT_EQ(cost.parts[2].tokens, 300);  // reasoning
}

TEST(OpenAiPrices, DependOnTheServiceTier) {
  const Usage usage = {.input_tokens = 1000, .output_tokens = 100, .cache_read_tokens = 200};
  // default:  800 x 1.25 = 0.001;  200 x 0.125 = 0.000025;   100 x 10 = 0.001
  EXPECT_EQ(TotalOf({"openai", "gpt-5", usage, "default"}), "0.002025");
  // flex:     800 x 0.625 = 0.0005; 200 x 0.0625 = 0.0000125; 100 x 5 = 0.0005
  EXPECT_EQ(TotalOf({"openai", "gpt-5", usage, "flex"}), "0.0010125");
  // priority: 800 x 2.5 = 0.002;   200 x 0.25 = 0.00005;      100 x 20 = 0.002
  EXPECT_EQ(TotalOf({"openai", "gpt-5", usage, "priority"}), "0.00405");
  // Nobody lists a price per token for bought capacity.
  EXPECT_EQ(TotalOf({"openai", "gpt-5", usage, "scale"}), "unpriced service_tier_unknown");
}

TEST(OpenAiPrices, OfABatchAreHalf) {
  // 1000 x 1.25 = 0.00125; 100 x 5 = 0.0005
  EXPECT_EQ(TotalOf({"openai", "gpt-4o-2024-08-06", Tokens(1000, 100), "", true}), "0.00175");
  // A batch has no cached price here: the 400 cached are billed as the batch's input.
  EXPECT_EQ(TotalOf({"openai",
                     "gpt-4o-2024-08-06",
                     {.input_tokens = 1000, .output_tokens = 100, .cache_read_tokens = 400},
                     "",
                     true}),
            "0.00175");
}

TEST(OpenAiPrices, OfALongContextHoldForTheWholeCall) {
  // 272,000 is not above 272,000: x 2.50 = 0.68; 1000 x 15 = 0.015
  EXPECT_EQ(TotalOf({"openai", "gpt-5.4", Tokens(272'000, 1000)}), "0.695");
  // 300,000 x 5 = 1.5; 1000 x 22.5 = 0.0225
  EXPECT_EQ(TotalOf({"openai", "gpt-5.4", Tokens(300'000, 1000)}), "1.5225");
}

TEST(OpenAiPrices, OfAudioAreApart) {
  // 200 text x 2.50 = 0.0005; 800 audio x 32 = 0.0256; 100 text x 10 = 0.001; 400 audio x 64 = 0.0256
  EXPECT_EQ(TotalOf({"openai",
                     "gpt-audio",
                     {.input_tokens = 1000,
                      .output_tokens = 500,
                      .audio_input_tokens = 800,
                      .audio_output_tokens = 400}}),
            "0.0527");
}

TEST(OpenAiPrices, OfAFineTuneAreItsOwn) {
  // 1000 x 0.30 = 0.0003; 100 x 1.20 = 0.00012; the base model would be half
  EXPECT_EQ(TotalOf({"openai", "ft:gpt-4o-mini-2024-07-18:acme::Abc123", Tokens(1000, 100)}), "0.00042");
}

TEST(OpenAiPrices, OfAnEmbeddingNeedNoOutput) {
  // 1,000,000 x 0.02
  EXPECT_EQ(TotalOf({"openai", "text-embedding-3-small", {.input_tokens = 1'000'000}}), "0.02");
  EXPECT_EQ(TotalOf({"openai", "text-embedding-3-small", Tokens(1'000'000, 0)}), "0.02");
  // batch: 1,000,000 x 0.01
  EXPECT_EQ(TotalOf({"openai", "text-embedding-3-small", {.input_tokens = 1'000'000}, "", true}), "0.01");
}

TEST(AnthropicPrices, BillCacheReadsAndWritesOfBothTimesToLive) {
  // 1000 fresh x 3 = 0.003; 5000 read x 0.30 = 0.0015; 2000 written (5 min) x 3.75 = 0.0075;
  // 1000 written (1 h) x 6 = 0.006; 500 x 15 = 0.0075
  EXPECT_EQ(TotalOf({"anthropic",
                     "claude-sonnet-4-5-20250929",
                     {.input_tokens = 9000,
                      .output_tokens = 500,
                      .cache_read_tokens = 5000,
                      .cache_write_tokens = 3000,
                      .cache_write_5m_tokens = 2000,
                      .cache_write_1h_tokens = 1000}}),
            "0.0255");
}

TEST(AnthropicPrices, TakeFiveMinutesWhereNoTimeToLiveIsTold) {
  // 1000 fresh x 5 = 0.005; 1000 written x 6.25 = 0.00625; 100 x 25 = 0.0025
  EXPECT_EQ(TotalOf({"anthropic",
                     "claude-opus-4-5",
                     {.input_tokens = 2000, .output_tokens = 100, .cache_write_tokens = 1000}}),
            "0.01375");
}

TEST(AnthropicPrices, RiseAbove200kTokensOfInputCachedOnesIncluded) {
  // 250,000 input: 50,000 x 6 = 0.3; 200,000 read x 0.60 = 0.12; 1000 x 22.5 = 0.0225
  EXPECT_EQ(TotalOf({"anthropic",
                     "claude-sonnet-4-5",
                     {.input_tokens = 250'000, .output_tokens = 1000, .cache_read_tokens = 200'000}}),
            "0.4425");
}

TEST(AnthropicPrices, OfABatchAreHalfOfEverything) {
  // 1000 x 1.5 = 0.0015; 1000 read x 0.15 = 0.00015; 100 x 7.5 = 0.00075
  EXPECT_EQ(TotalOf({"anthropic",
                     "claude-sonnet-4-5",
                     {.input_tokens = 2000, .output_tokens = 100, .cache_read_tokens = 1000},
                     "batch"}),
            "0.0024");
}

TEST(AnthropicPrices, CountWebSearches) {
  // 1000 x 3 = 0.003; 100 x 15 = 0.0015; 2 x 0.01 = 0.02
  EXPECT_EQ(TotalOf({"anthropic",
                     "claude-sonnet-4-5",
                     {.input_tokens = 1000, .output_tokens = 100, .web_searches = 2}}),
            "0.0245");
}

TEST(GooglePrices, HaveTwoContextBands) {
  // 200,000 x 1.25 = 0.25; 1000 x 10 = 0.01
  EXPECT_EQ(TotalOf({"gcp.gemini", "gemini-2.5-pro", Tokens(200'000, 1000)}), "0.26");
  // 200,001 x 2.50 = 0.5000025; 1000 x 15 = 0.015
  EXPECT_EQ(TotalOf({"gcp.gemini", "models/gemini-2.5-pro", Tokens(200'001, 1000)}), "0.5150025");
}

TEST(GooglePrices, OfAudioInputAreApart) {
  // 100 text x 0.30 = 0.00003; 900 audio x 1 = 0.0009; 100 x 2.50 = 0.00025
  EXPECT_EQ(TotalOf({"google",
                     "gemini-2.5-flash",
                     {.input_tokens = 1000, .output_tokens = 100, .audio_input_tokens = 900}}),
            "0.00118");
}

TEST(GooglePrices, OfPriorityRiseWithTheContextToo) {
  // 250,000 x 7.20 = 1.8; 1000 x 32.40 = 0.0324
  EXPECT_EQ(TotalOf({"gemini", "gemini-3-pro-preview", Tokens(250'000, 1000), "priority"}), "1.8324");
}

TEST(VertexPrices, KnowClaudeByEitherSpellingOfItsDate) {
  // 1000 x 3 = 0.003; 100 x 15 = 0.0015
  EXPECT_EQ(TotalOf({"vertex_ai", "claude-sonnet-4-5@20250929", Tokens(1000, 100)}), "0.0045");
  EXPECT_EQ(TotalOf({"vertex_ai", "claude-sonnet-4-5-20250929", Tokens(1000, 100)}), "0.0045");
}

TEST(BedrockPrices, DifferByRegionWhereTheTableSaysSo) {
  // 1000 x 3 = 0.003; 100 x 15 = 0.0015
  EXPECT_EQ(TotalOf({"aws.bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", Tokens(1000, 100)}),
            "0.0045");
  // us.: 1000 x 3.30 = 0.0033; 100 x 16.50 = 0.00165
  EXPECT_EQ(TotalOf({"aws.bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", Tokens(1000, 100)}),
            "0.00495");
}

TEST(BedrockPrices, OfAmazonsOwnModels) {
  // 10,000 x 0.80 = 0.008; 1000 x 3.20 = 0.0032
  EXPECT_EQ(TotalOf({"bedrock", "amazon.nova-pro-v1:0", Tokens(10'000, 1000)}), "0.0112");
}

TEST(AzurePrices, GoByTheModelThatAnswered) {
  // 500 x 2.50 = 0.00125; 500 cached x 1.25 = 0.000625; 100 x 10 = 0.001
  EXPECT_EQ(TotalOf({"azure.ai.openai",
                     "gpt-4o-2024-08-06",
                     {.input_tokens = 1000, .output_tokens = 100, .cache_read_tokens = 500}}),
            "0.002875");
}

TEST(MistralPrices, OfChatAndEmbeddings) {
  // 10,000 x 0.50 = 0.005; 1000 x 1.50 = 0.0015
  EXPECT_EQ(TotalOf({"mistral_ai", "mistral-large-latest", Tokens(10'000, 1000)}), "0.0065");
  // 10,000 x 0.10
  EXPECT_EQ(TotalOf({"mistral", "mistral-embed", {.input_tokens = 10'000}}), "0.001");
}

TEST(DeepSeekPrices, TellCacheHitsFromMisses) {
  // 2000 missed x 0.28 = 0.00056; 8000 hit x 0.028 = 0.000224; 1000 x 0.42 = 0.00042
  EXPECT_EQ(TotalOf({"deepseek",
                     "deepseek-chat",
                     {.input_tokens = 10'000, .output_tokens = 1000, .cache_read_tokens = 8000}}),
            "0.001204");
}

TEST(XAiPrices, OfGrok) {
  // 9000 x 0.30 = 0.0027; 1000 cached x 0.075 = 0.000075; 1000 x 0.50 = 0.0005
  EXPECT_EQ(
      TotalOf(
          {"xai", "grok-3-mini", {.input_tokens = 10'000, .output_tokens = 1000, .cache_read_tokens = 1000}}),
      "0.003275");
}

TEST(GroqPrices, OfFlexAreTheStandardOnes) {
  // 10,000 x 0.15 = 0.0015; 1000 x 0.60 = 0.0006
  EXPECT_EQ(TotalOf({"groq", "openai/gpt-oss-120b", Tokens(10'000, 1000), "on_demand"}), "0.0021");
  EXPECT_EQ(TotalOf({"groq", "openai/gpt-oss-120b", Tokens(10'000, 1000), "flex"}), "0.0021");
}

TEST(CoherePrices, OfChatAndOfARerankByTheRequest) {
  // 10,000 x 2.50 = 0.025; 1000 x 10 = 0.01
  EXPECT_EQ(TotalOf({"cohere", "command-a-03-2025", Tokens(10'000, 1000)}), "0.035");
  // One request x 0.002, whatever tokens were told.
  EXPECT_EQ(TotalOf({"cohere", "rerank-v3.5", {}}), "0.002");
  EXPECT_EQ(TotalOf({"cohere", "rerank-v3.5", Tokens(5000, 0)}), "0.002");
}

TEST(PerplexityPrices, HaveReasoningAtItsOwnPrice) {
  // 1000 x 2 = 0.002; 500 x 8 = 0.004; 1500 reasoning x 3 = 0.0045; 10 searches x 0.005 = 0.05
  EXPECT_EQ(
      TotalOf({"perplexity",
               "sonar-deep-research",
               {.input_tokens = 1000, .output_tokens = 2000, .reasoning_tokens = 1500, .web_searches = 10}}),
      "0.0605");
}

TEST(DashScopePrices, RiseAbove256kTokens) {
  // 256,000 x 0.05 = 0.0128; 1000 x 0.40 = 0.0004
  EXPECT_EQ(TotalOf({"dashscope", "qwen-flash", Tokens(256'000, 1000)}), "0.0132");
  // 300,000 x 0.25 = 0.075; 1000 x 2 = 0.002
  EXPECT_EQ(TotalOf({"dashscope", "qwen-flash", Tokens(300'000, 1000)}), "0.077");
}

TEST(OpenRouterPrices, OfFreeModelsAreATrueZero) {
  EXPECT_EQ(TotalOf({"openrouter", "meta-llama/anything:free", Tokens(1000, 100)}), "0.00");
}

}  // namespace
}  // namespace telltale
