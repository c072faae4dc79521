// What the simulated model says: short paragraphs, verses and lists on many themes,
// composed from parts that we wrote. No text comes from a real model.
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulate/dice.h"

namespace telltale {

// The theme is found from words of the prompt; the form (prose, verse, list, summary,
// code, one word of sentiment) from what the prompt asks for.
std::string ComposeAnswer(std::string_view prompt, Dice& dice);

// About four characters are one token, as in English prose; an empty text has none.
uint64_t EstimateTokens(std::string_view text);

// The longest beginning of `text` that is at most `tokens_max` tokens, cut between
// words where it can be and never inside a character.
std::string_view CutToTokens(std::string_view text, uint64_t tokens_max);

// Pieces of about one token that joined give `text` again: what a stream sends.
std::vector<std::string_view> SplitIntoTokens(std::string_view text);

}  // namespace telltale
