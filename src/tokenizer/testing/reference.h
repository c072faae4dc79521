// Byte pair encoding written down as it is defined, to hold the quick one against.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/split.h"
#include "tokenizer/vocabulary.h"

namespace telltale {

// Of one piece: merge the pair with the smallest id, the leftmost of equals, until none is
// a token. Quadratic.
inline std::vector<uint32_t> ReferenceMerge(const Vocabulary& vocabulary, std::string_view piece) {
  if (const uint32_t whole = vocabulary.Find(piece); whole != kNoToken) return {whole};
  std::vector<std::string> parts;
  for (const char c : piece) parts.emplace_back(1, c);
  while (true) {
    size_t best = parts.size();
    uint32_t best_id = kNoToken;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const uint32_t id = vocabulary.Find(parts[i] + parts[i + 1]);
      if (id < best_id) {
        best = i;
        best_id = id;
      }
    }
    if (best_id == kNoToken) break;
    parts[best] += parts[best + 1];
    parts.erase(parts.begin() + static_cast<ptrdiff_t>(best) + 1);
  }
  std::vector<uint32_t> ids;
  for (const std::string& part : parts) ids.push_back(vocabulary.Find(part));
  return ids;
}

// Of a text that is valid UTF-8.
inline std::vector<uint32_t> ReferenceEncode(const Vocabulary& vocabulary, SplitRule rule,
                                             std::string_view text) {
  std::vector<uint32_t> ids;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    const char* piece_end = internal::EndOfPiece(rule, p, end);
    for (const uint32_t id : ReferenceMerge(vocabulary, {p, static_cast<size_t>(piece_end - p)})) {
      ids.push_back(id);
    }
    p = piece_end;
  }
  return ids;
}

}  // namespace telltale
