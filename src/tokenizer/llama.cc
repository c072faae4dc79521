#include "tokenizer/llama.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "tokenizer/encodings.h"

namespace telltale {
namespace {

constexpr uint32_t kTokens = 128'000;
constexpr SpecialToken kSpecial[] = {
    {"<|begin_of_text|>", 128000},   {"<|end_of_text|>", 128001},   {"<|finetune_right_pad_id|>", 128004},
    {"<|start_header_id|>", 128006}, {"<|end_header_id|>", 128007}, {"<|eom_id|>", 128008},
    {"<|eot_id|>", 128009},          {"<|python_tag|>", 128010}};
constexpr Encoding kLlama3 = {.name = "llama3",
                              .vocabulary = {},
                              .ids_end = kTokens,
                              .rule = SplitRule::kLlama3,
                              .special = kSpecial,
                              .openai_chat = false};

std::unexpected<Error> Refuse(const std::string& why) {
  return Fail(ErrorCode::kInvalidInput, "read Llama's vocabulary: " + why,
              "it is the file tokenizer.model of Llama 3, 3.1, 3.2 or 3.3");
}

// The line as the token with the id `expected`: lines are in the order of their ids.
std::optional<std::string> ReadLine(std::string_view line, uint32_t expected) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::optional<std::string> token = ParseBase64(line.substr(0, space));
  uint32_t id = 0;
  const char* const end = line.data() + line.size();
  const auto [after, failed] = std::from_chars(line.data() + space + 1, end, id);
  if (failed != std::errc() || after != end || id != expected) return std::nullopt;
  if (!token || token->empty() || token->size() > UINT8_MAX) return std::nullopt;
  return token;
}

}  // namespace

Result<std::unique_ptr<const LlamaTokenizer>> LlamaTokenizer::ReadUntrusted(std::string_view file) {
  std::string packed;
  uint32_t tokens = 0;
  while (!file.empty()) {
    const std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(file.size(), line.size() + 1));
    if (line.empty()) continue;
    if (tokens == kTokens) return Refuse("more than 128000 tokens");
    const std::optional<std::string> token = ReadLine(line, tokens);
    if (!token) return Refuse("line " + std::to_string(tokens + 1) + ": not base64, a space and the next id");
    packed.push_back(static_cast<char>(token->size()));
    packed += *token;
    ++tokens;
  }
  if (tokens != kTokens) return Refuse(std::to_string(tokens) + " tokens instead of 128000");
  auto vocabulary = Vocabulary::Read(std::move(packed), kTokens);
  if (!vocabulary) return Refuse(vocabulary.error().message);
  return std::unique_ptr<const LlamaTokenizer>(new LlamaTokenizer(std::move(*vocabulary)));
}

LlamaTokenizer::LlamaTokenizer(std::unique_ptr<const Vocabulary> vocabulary)
    : vocabulary_(std::move(vocabulary)), tokenizer_(kLlama3, *vocabulary_) {}

}  // namespace telltale
