// The part of a text that a search shows: around its first match, with every match in it.
//
//   const TextSnippet snippet = MakeSnippet(message, matches);
//   snippet.text          // "…she asked for a refund of her order, and …"
//   snippet.matches[0]    // {19, 25}: in UTF-16 code units, as texts of JavaScript are counted
//
// Of JSON the string is shown that has the match, as it reads without its escapes.
//
// Thread safety  Free functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/text_query.h"

namespace telltale {

struct TextSnippet {
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };
  std::string text;  // UTF-8; an ellipsis where it was cut
  std::vector<Range> matches;
};

// REQUIRES: matches in order, at least one.
TextSnippet MakeSnippet(std::string_view text, std::span<const TextMatch> matches);

// The "role" of the JSON object around text[at], the innermost that has one; empty: none.
std::string_view RoleAt(std::string_view text, size_t at);

}  // namespace telltale
