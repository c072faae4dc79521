// The vocabularies that were put into this binary, compressed.
//
//   std::string_view packed = EmbeddedVocabulary("o200k_base");   // empty: not built in
//
// Thread safety  Any.
#pragma once

#include <string_view>

namespace telltale {

std::string_view EmbeddedVocabulary(std::string_view name);

}  // namespace telltale
