// Sixteen bytes of text as bit masks: bit i is about byte i.
//
//   const AsciiWindow window(p);             // reads p[0] .. p[15]
//   size_t letters = LeadingOnes(window.Letters());
//
// Bits 16 and above are zero, so a run of ones never looks longer than the window.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace telltale {

constexpr size_t kWindowSize = 16;

inline size_t LeadingOnes(uint32_t mask) {
  return static_cast<size_t>(std::countr_one(mask));
}

#if defined(__SSE2__)

class AsciiWindow {
 public:
  explicit AsciiWindow(const char* p) : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))) {}

  uint32_t Uppers() const { return Mask(InRange(bytes_, 'A', 'Z')); }
  uint32_t Lowers() const { return Mask(InRange(bytes_, 'a', 'z')); }
  uint32_t Letters() const { return Mask(InRange(_mm_or_si128(bytes_, _mm_set1_epi8(0x20)), 'a', 'z')); }
  uint32_t Digits() const { return Mask(InRange(bytes_, '0', '9')); }
  uint32_t Spaces() const {
    return Mask(_mm_or_si128(InRange(bytes_, '\t', '\r'), _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(' '))));
  }
  uint32_t Newlines() const {
    return Mask(_mm_or_si128(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8('\n')),
                             _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('\r'))));
  }
  uint32_t NonAscii() const { return Mask(bytes_); }

 private:
  static uint32_t Mask(__m128i lanes) { return static_cast<uint32_t>(_mm_movemask_epi8(lanes)); }
  // Shifted so that the range begins at the smallest signed byte: one compare then does.
  static __m128i InRange(__m128i bytes, char first, char last) {
    const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + (last - first + 1))));
  }

  __m128i bytes_;
};

#else

class AsciiWindow {
 public:
  explicit AsciiWindow(const char* p) : p_(p) {}

  uint32_t Uppers() const {
    return Mask([](uint8_t c) { return c >= 'A' && c <= 'Z'; });
  }
  uint32_t Lowers() const {
    return Mask([](uint8_t c) { return c >= 'a' && c <= 'z'; });
  }
  uint32_t Letters() const { return Uppers() | Lowers(); }
  uint32_t Digits() const {
    return Mask([](uint8_t c) { return c >= '0' && c <= '9'; });
  }
  uint32_t Spaces() const {
    return Mask([](uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  }
  uint32_t Newlines() const {
    return Mask([](uint8_t c) { return c == '\n' || c == '\r'; });
  }
  uint32_t NonAscii() const {
    return Mask([](uint8_t c) { return c >= 0x80; });
  }

 private:
  template <typename Test>
  uint32_t Mask(Test test) const {
    uint32_t mask = 0;
    for (size_t i = 0; i < kWindowSize; ++i) {
      mask |= static_cast<uint32_t>(test(static_cast<uint8_t>(p_[i]))) << i;
    }
    return mask;
  }

  const char* p_;
};

#endif

}  // namespace telltale
