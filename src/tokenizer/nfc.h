// Text in Unicode's normal form C, in which some vocabularies take theirs.
//
//   std::string composed;
//   text = ComposedNfc(text, composed);   // `text` itself where it is in that form
//
// REQUIRES: valid UTF-8 (utf8.h).
//
// Ownership      The result points into `text` or into `composed`.
// Thread safety  Any.
// Cost           A look at each character; only where one of them may be changed is the text
//                normalized, at some 50 MB/s.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

std::string_view ComposedNfc(std::string_view text, std::string& composed);

}  // namespace telltale
