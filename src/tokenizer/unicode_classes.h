// The classes of characters that the splitting rules speak of.
//
//   ClassOf(0x00E9);  // é: CharClass::kLower
//
// They are those of Unicode 16, the version of tiktoken's regex engine, from which
// tools/generate_unicode_classes.py read them.
//
// Thread safety  Any.
// Cost           Two loads from tables of 48 KB, which the first call fills.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace telltale {

enum class CharClass : uint8_t {
  kOther = 0,        // what no class below has: controls, formats, unassigned
  kUpper = 1,        // \p{Lu} \p{Lt}
  kLower = 2,        // \p{Ll}
  kBothCases = 3,    // \p{Lm} \p{Lo}
  kMark = 4,         // \p{M}
  kNumber = 5,       // \p{N}
  kNewline = 6,      // CR and LF
  kSpace = 7,        // \s without CR and LF
  kPunctuation = 8,  // \p{P} \p{S}
};

class UnicodeClasses {
 public:
  UnicodeClasses();
  // REQUIRES: code_point <= 0x10FFFF.
  CharClass Of(char32_t code_point) const {
    return classes_[static_cast<size_t>(pages_[code_point >> 8]) << 8 | (code_point & 0xFF)];
  }

 private:
  std::array<uint8_t, 0x1100> pages_ = {};
  std::vector<CharClass> classes_;  // pages of 256, each distinct page once
};

const UnicodeClasses& TheUnicodeClasses();

inline CharClass ClassOf(char32_t code_point) {
  return TheUnicodeClasses().Of(code_point);
}

}  // namespace telltale
