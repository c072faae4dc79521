// Text of any bytes as the valid UTF-8 that a tokenizer is defined for.
//
//   std::string repaired;
//   text = RepairedUtf8(text, repaired);   // `text` itself where nothing is wrong with it
//
// Each maximal part of a broken sequence becomes U+FFFD, as Python's
// bytes.decode("utf-8", errors="replace") and browsers do it.
//
// Ownership      The result points into `text` or into `repaired`.
// Thread safety  Any.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

std::string_view RepairedUtf8(std::string_view text, std::string& repaired);

}  // namespace telltale
