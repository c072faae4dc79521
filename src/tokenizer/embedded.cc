#include "tokenizer/embedded.h"

#include <cstddef>

// Declared by the assembly file that holds the bytes.
#define TELLTALE_VOCABULARY(symbol, name) extern "C" const char symbol[], symbol##_end[];
#include "tokenizer/vocabularies.inc"
#undef TELLTALE_VOCABULARY

namespace telltale {

std::string_view EmbeddedVocabulary([[maybe_unused]] std::string_view wanted) {
#define TELLTALE_VOCABULARY(symbol, name) \
  if (wanted == name) return {symbol, static_cast<size_t>(symbol##_end - symbol)};
#include "tokenizer/vocabularies.inc"
#undef TELLTALE_VOCABULARY
  return {};
}

}  // namespace telltale
