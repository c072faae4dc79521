#include "tokenizer/llama.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace telltale {
namespace {

// As long as Llama's: the 256 bytes, then `tokens`, then fillers that no test meets.
std::string FileWith(std::initializer_list<std::string_view> tokens, size_t count = 128'000) {
  std::string file;
  size_t id = 0;
  const auto add = [&](std::string_view token) {
    AppendBase64(token, file);
    file += ' ' + std::to_string(id++) + '\n';
  };
  for (int byte = 0; byte < 256; ++byte) add(std::string(1, static_cast<char>(byte)));
  for (const std::string_view token : tokens) add(token);
  while (id < count) add("\x01" + std::to_string(id));
  return file;
}

std::string WhyNot(std::string_view file) {
  const auto llama = LlamaTokenizer::ReadUntrusted(file);
  return llama ? "" : llama.error().message;
}

TEST(Llama, CountsWithTheFileAndLlamasRule) {
  const auto llama = LlamaTokenizer::ReadUntrusted(FileWith({"12", "123", "ab", "'s"}));
  ASSERT_TRUE(llama) << llama.error().message;
  std::vector<uint32_t> ids;
  (*llama)->tokenizer().Encode("ab's 12345", ids);
  EXPECT_EQ(ids, (std::vector<uint32_t>{258, 259, ' ', 257, '4', '5'}));
  EXPECT_EQ((*llama)->tokenizer().encoding(), "llama3");
  EXPECT_FALSE((*llama)->tokenizer().knows_chat());
}

TEST(Llama, SpecialTokensAreKnownByName) {
  const auto llama = LlamaTokenizer::ReadUntrusted(FileWith({}));
  ASSERT_TRUE(llama);
  EXPECT_EQ((*llama)->tokenizer().Count("<|eot_id|>", SpecialText::kToken), 1u);
  EXPECT_EQ((*llama)->tokenizer().Count("<|eot_id|>"), 10u);
}

TEST(Llama, OtherFilesAreRefused) {
  EXPECT_EQ(WhyNot(""), "read Llama's vocabulary: 0 tokens instead of 128000");
  EXPECT_EQ(WhyNot("\n\x0E\n\x05<unk>"),
            "read Llama's vocabulary: line 1: not base64, a space and the next id");
  EXPECT_EQ(WhyNot("YQ== 0\nYg== 2\n"),
            "read Llama's vocabulary: line 2: not base64, a space and the next id");
  EXPECT_EQ(WhyNot(FileWith({}, 127'999)), "read Llama's vocabulary: 127999 tokens instead of 128000");
  EXPECT_EQ(WhyNot(FileWith({}, 128'001)), "read Llama's vocabulary: more than 128000 tokens");
  EXPECT_EQ(WhyNot(FileWith({"a"})), "read Llama's vocabulary: open vocabulary: a token has two ids");
}

}  // namespace
}  // namespace telltale
