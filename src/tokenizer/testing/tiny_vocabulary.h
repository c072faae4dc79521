// A vocabulary of the 256 bytes and a few more tokens, for tests that need none of the
// published ones.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "tokenizer/vocabulary.h"

namespace telltale {

// The packed form: ids 0 .. 255 are the bytes, then come `tokens`.
inline std::string PackTiny(std::initializer_list<std::string_view> tokens) {
  std::string packed;
  for (int byte = 0; byte < 256; ++byte) packed.append(1, '\1').append(1, static_cast<char>(byte));
  for (const std::string_view token : tokens) packed.append(1, static_cast<char>(token.size())).append(token);
  return packed;
}

inline std::unique_ptr<const Vocabulary> TinyVocabulary(std::initializer_list<std::string_view> tokens) {
  return *Vocabulary::Read(PackTiny(tokens), kAllIds);
}

}  // namespace telltale
