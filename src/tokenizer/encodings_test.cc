#include "tokenizer/encodings.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace telltale {
namespace {

std::string_view NameFor(std::string_view model) {
  const Encoding* encoding = EncodingOfModel(model);
  return encoding == nullptr ? "none" : encoding->name;
}

TEST(Encodings, AModelIsFoundHoweverARequestNamesIt) {
  EXPECT_EQ(NameFor("gpt-4o"), "o200k_base");
  EXPECT_EQ(NameFor("gpt-4o-2024-08-06"), "o200k_base");
  EXPECT_EQ(NameFor("gpt-4o-mini"), "o200k_base");
  EXPECT_EQ(NameFor("openai/gpt-4o"), "o200k_base");
  EXPECT_EQ(NameFor("ft:gpt-4o-2024-08-06:acme::abc"), "o200k_base");
  EXPECT_EQ(NameFor("ft:gpt-4.1-mini-2025-04-14:acme::abc"), "o200k_base");
  EXPECT_EQ(NameFor("o3"), "o200k_base");
  EXPECT_EQ(NameFor("o3-mini"), "o200k_base");
  EXPECT_EQ(NameFor("gpt-5-nano"), "o200k_base");
  EXPECT_EQ(NameFor("gpt-oss-120b"), "o200k_harmony");
  EXPECT_EQ(NameFor("gpt-4-0613"), "cl100k_base");
  EXPECT_EQ(NameFor("gpt-35-turbo-16k"), "cl100k_base");
  EXPECT_EQ(NameFor("text-embedding-3-small"), "cl100k_base");
  EXPECT_EQ(NameFor("text-davinci-003"), "p50k_base");
  EXPECT_EQ(NameFor("davinci"), "r50k_base");
  EXPECT_EQ(NameFor("gpt2"), "gpt2");
}

TEST(Encodings, AModelThatNoRowFitsHasNone) {
  EXPECT_EQ(NameFor(""), "none");
  EXPECT_EQ(NameFor("claude-sonnet-4"), "none");
  EXPECT_EQ(NameFor("gpt-4x"), "none");
  // Distilled into models with vocabularies of their own.
  EXPECT_EQ(NameFor("deepseek-r1-distill-llama-70b"), "none");
  EXPECT_EQ(NameFor("deepseek-r1:8b"), "none");
  EXPECT_EQ(NameFor("mistral-large-2407"), "none");
  EXPECT_EQ(NameFor("qwen4"), "none");
  EXPECT_EQ(NameFor(std::string(10'000, 'q')), "none");
}

TEST(Encodings, OtherVendorsModelsAreFoundWithOrWithoutCapitals) {
  EXPECT_EQ(NameFor("Qwen/Qwen2.5-7B-Instruct"), "qwen2");
  EXPECT_EQ(NameFor("qwen3:8b"), "qwen2");
  EXPECT_EQ(NameFor("qwen-plus"), "qwen2");
  EXPECT_EQ(NameFor("Qwen/Qwen3.6-27B"), "qwen3.5");
  EXPECT_EQ(NameFor("open-mistral-nemo-2407"), "tekken");
  EXPECT_EQ(NameFor("mistralai/Mistral-Small-3.1-24B-Instruct-2503"), "tekken");
  EXPECT_EQ(NameFor("deepseek-chat"), "deepseek_v3");
  EXPECT_EQ(NameFor("deepseek-ai/DeepSeek-V3.1"), "deepseek_v3");
  EXPECT_EQ(NameFor("deepseek-r1-0528"), "deepseek_v3");
  EXPECT_EQ(NameFor("GPT-4o"), "o200k_base");
}

TEST(Encodings, EachIsFoundByItsName) {
  for (const Encoding& encoding : Encodings()) EXPECT_EQ(EncodingByName(encoding.name), &encoding);
  EXPECT_EQ(EncodingByName("o300k"), nullptr);
}

}  // namespace
}  // namespace telltale
