// Cuts a text into the pieces that are tokenized one by one.
//
//   Splitter splitter(SplitRule::kO200k, text);
//   std::array<const char*, 256> ends;
//   while (const size_t pieces = splitter.Next(ends)) { ... }  // each begins where the last ended
//
// The rules are the regular expressions that the encodings are published with, written out
// by hand: plain ASCII is cut 64 bytes at a time, everything else character by character.
//
// Ownership      The text must outlive the Splitter.
// Thread safety  One thread at a time.
// Failure        None. REQUIRES: the text is valid UTF-8 (utf8.h).
// Cost           Linear; each byte is looked at a fixed number of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace telltale {

enum class SplitRule : uint8_t {
  kR50k,      // gpt2, r50k_base, p50k_base
  kCl100k,    // cl100k_base
  kO200k,     // o200k_base, o200k_harmony
  kTekken,    // Mistral: as kO200k, but single digits and no English contractions
  kQwen2,     // Qwen 1 to 3: as kCl100k, but single digits
  kLlama3,    // Llama 3: as kQwen2, but numbers of three digits
  kQwen35,    // Qwen 3.5 and 3.6: as kQwen2, with marks in words
  kDeepSeek,  // DeepSeek V3, R1, V4
};

class Splitter {
 public:
  Splitter(SplitRule rule, std::string_view text);

  // Fills `ends` with where the next pieces end; how many they are, 0 after the last.
  size_t Next(std::span<const char*> ends);

 private:
  const SplitRule rule_;
  const char* position_;
  const char* const end_;
};

namespace internal {
// The end of the piece that begins at `begin`, found character by character only.
// The tests hold the fast way against this. REQUIRES: begin < end.
const char* EndOfPiece(SplitRule rule, const char* begin, const char* end);
}  // namespace internal

}  // namespace telltale
