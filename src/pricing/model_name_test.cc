#include "pricing/model_name.h"

#include <gtest/gtest.h>

namespace telltale {
namespace {

// "name how" for each, the closest first.
std::vector<std::string> Listed(std::string_view provider, std::string_view model) {
  std::vector<std::string> listed;
  for (const ModelName& name : NamesOf(provider, model).names) {
    listed.push_back(name.name + " " + std::string(PriceMatchName(name.how)) +
                     (name.newest_snapshot ? " newest" : ""));
  }
  return listed;
}

using Names = std::vector<std::string>;

TEST(ModelNames, OfAPlainNameAreItselfInLowerCase) {
  EXPECT_EQ(Listed("openai", "GPT-4o"), Names({"gpt-4o exact"}));
}

TEST(ModelNames, LoseADate) {
  EXPECT_EQ(Listed("openai", "gpt-4o-2024-08-06"), Names({"gpt-4o-2024-08-06 exact", "gpt-4o snapshot"}));
  EXPECT_EQ(Listed("anthropic", "claude-x-20250929"),
            Names({"claude-x-20250929 exact", "claude-x snapshot"}));
  EXPECT_EQ(Listed("openai", "gpt-4-0613"), Names({"gpt-4-0613 exact", "gpt-4 snapshot"}));
}

TEST(ModelNames, KeepANumberThatIsNoDate) {
  EXPECT_EQ(Listed("mistral_ai", "mistral-large-2407"), Names({"mistral-large-2407 exact"}));
  EXPECT_EQ(Listed("openai", "model-9999"), Names({"model-9999 exact"}));
  EXPECT_EQ(Listed("openai", "x-2024-13-01"), Names({"x-2024-13-01 exact"}));
}

TEST(ModelNames, LoseTheirOwnProvidersPrefixOnly) {
  EXPECT_EQ(Listed("openai", "openai/gpt-4o"), Names({"openai/gpt-4o exact", "gpt-4o prefix"}));
  EXPECT_EQ(Listed("openai", "anthropic/claude"), Names({"anthropic/claude exact"}));
  EXPECT_EQ(Listed("openrouter", "openai/gpt-4o"), Names({"openai/gpt-4o exact"}));
  EXPECT_EQ(Listed("gcp.gemini", "models/gemini"), Names({"models/gemini exact", "gemini prefix"}));
}

TEST(ModelNames, OfVertexPathsAreTheirLastPart) {
  const auto names = Listed("gcp.vertex_ai", "projects/p/locations/l/publishers/google/models/gemini");
  EXPECT_EQ(names, Names({"projects/p/locations/l/publishers/google/models/gemini exact", "gemini prefix",
                          "google/gemini prefix"}));
  EXPECT_EQ(Listed("gcp.vertex_ai", "projects/p/locations/l/endpoints/123").size(), 1u);
}

TEST(ModelNames, OfBedrockLoseRegionAndArn) {
  const auto names =
      Listed("aws.bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.x-v1:0");
  EXPECT_EQ(names[1], "us.anthropic.x-v1:0 prefix");
  EXPECT_EQ(names[2], "anthropic.x-v1:0 region");
}

TEST(ModelNames, OfAFineTuneKeepTheirFt) {
  const ModelNames names = NamesOf("openai", "ft:gpt-4o-mini-2024-07-18:acme::id");
  EXPECT_TRUE(names.fine_tune);
  for (const ModelName& name : names.names) EXPECT_TRUE(name.name.starts_with("ft:")) << name.name;
  EXPECT_EQ(names.names.back().name, "ft:gpt-4o-mini-2024-07-18");
  EXPECT_TRUE(NamesOf("azure.ai.openai", "gpt-4o-mini-2024-07-18.ft-0e20").fine_tune);
  EXPECT_TRUE(NamesOf("gcp.gemini", "tunedModels/mine").fine_tune);
}

TEST(ModelNames, OfLatestMeanTheNewestSnapshot) {
  EXPECT_EQ(Listed("anthropic", "claude-x-latest"),
            Names({"claude-x-latest exact", "claude-x latest", "claude-x latest newest"}));
}

}  // namespace
}  // namespace telltale
