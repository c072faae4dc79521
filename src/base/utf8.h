// Where characters of UTF-8 begin, for texts that are cut.
//
//   json.String(CutUtf8(text, 1'000));
//
// Ownership      What is given back points into `text`.
// Thread safety  Free functions.
// Failure        None: bytes that are no UTF-8 are cut anywhere.
#pragma once

#include <cstddef>
#include <string_view>

namespace telltale {

// The most of `text` that `bytes_max` holds without cutting a character of UTF-8 in two; where
// the text is no UTF-8 at that place, just so many bytes.
std::string_view CutUtf8(std::string_view text, size_t bytes_max);
// Where the character begins that the byte at `offset` belongs to.
size_t StartOfCharacter(std::string_view text, size_t offset);
bool IsUtf8(std::string_view text);

}  // namespace telltale
