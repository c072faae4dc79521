#include "simulate/embedding.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/bytes.h"
#include "simulate/dice.h"

namespace telltale {
namespace {

// Of a very long text the first words are enough to place it.
constexpr size_t kWordsMax = 256;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

void AddWord(std::string word, uint64_t seed, std::vector<float>& vector) {
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  // Short words are mostly grammar and say little about the theme.
  const float weight = word.size() < 4 ? 0.3f : 1.0f;
  Dice dice(HashText(seed, word));
  for (float& value : vector) value += weight * static_cast<float>(dice.Unit() * 2 - 1);
}

}  // namespace

std::vector<float> EmbedText(std::string_view text, size_t dimensions, uint64_t seed) {
  std::vector<float> vector(dimensions, 0.0f);
  std::string word;
  size_t words = 0;
  for (size_t i = 0; i <= text.size() && words < kWordsMax; ++i) {
    if (i < text.size() && IsWordByte(text[i])) {
      word += text[i];
    } else if (!word.empty()) {
      AddWord(std::move(word), seed, vector);
      word.clear();
      ++words;
    }
  }
  if (words == 0) AddWord("", seed, vector);
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  const auto scale = static_cast<float>(square > 0 ? 1 / std::sqrt(square) : 0);
  for (float& value : vector) value *= scale;
  return vector;
}

std::string EmbeddingBase64(const std::vector<float>& vector) {
  std::string bytes;
  bytes.reserve(vector.size() * 4);
  for (const float value : vector) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  std::string text;
  AppendBase64(bytes, text);
  return text;
}

}  // namespace telltale
