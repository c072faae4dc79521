// Sixty-four bytes of text as bit masks: bit i is about byte i.
//
//   const AsciiBlock block(p);                        // reads p[0] .. p[63]
//   uint64_t words = block.Letters() & ~(block.Letters() << 1);   // where letters begin
//
// Cost  Each mask is a dozen instructions; ask once.
#pragma once

#include <cstddef>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace telltale {

constexpr size_t kBlockSize = 64;

#if defined(__SSE2__)

class AsciiBlock {
 public:
  explicit AsciiBlock(const char* p) {
    for (int i = 0; i < 4; ++i) bytes_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p) + i);
  }

  uint64_t Uppers() const {
    return Mask([](__m128i bytes) { return InRange(bytes, 'A', 'Z'); });
  }
  uint64_t Letters() const {
    return Mask([](__m128i bytes) { return InRange(_mm_or_si128(bytes, _mm_set1_epi8(0x20)), 'a', 'z'); });
  }
  uint64_t Digits() const {
    return Mask([](__m128i bytes) { return InRange(bytes, '0', '9'); });
  }
  // Tab to carriage return: the white space that is no space.
  uint64_t Controls() const {
    return Mask([](__m128i bytes) { return InRange(bytes, '\t', '\r'); });
  }
  uint64_t Bytes(char byte) const {
    return Mask([byte](__m128i bytes) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)); });
  }
  uint64_t NonAscii() const {
    return Mask([](__m128i bytes) { return bytes; });
  }

 private:
  template <typename Test>
  uint64_t Mask(Test test) const {
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(test(bytes_[i])))) << (16 * i);
    }
    return mask;
  }
  // Shifted so that the range begins at the smallest signed byte: one compare then does.
  static __m128i InRange(__m128i bytes, char first, char last) {
    const __m128i moved = _mm_add_epi8(bytes, _mm_set1_epi8(static_cast<char>(-128 - first)));
    return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + (last - first + 1))));
  }

  __m128i bytes_[4];
};

#else

class AsciiBlock {
 public:
  explicit AsciiBlock(const char* p) : p_(p) {}

  uint64_t Uppers() const {
    return Mask([](uint8_t c) { return c >= 'A' && c <= 'Z'; });
  }
  uint64_t Letters() const {
    return Mask([](uint8_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  }
  uint64_t Digits() const {
    return Mask([](uint8_t c) { return c >= '0' && c <= '9'; });
  }
  uint64_t Controls() const {
    return Mask([](uint8_t c) { return c >= '\t' && c <= '\r'; });
  }
  uint64_t Bytes(char byte) const {
    return Mask([byte](uint8_t c) { return c == static_cast<uint8_t>(byte); });
  }
  uint64_t NonAscii() const {
    return Mask([](uint8_t c) { return c >= 0x80; });
  }

 private:
  template <typename Test>
  uint64_t Mask(Test test) const {
    uint64_t mask = 0;
    for (size_t i = 0; i < kBlockSize; ++i) {
      mask |= static_cast<uint64_t>(test(static_cast<uint8_t>(p_[i]))) << i;
    }
    return mask;
  }

  const char* p_;
};

#endif

}  // namespace telltale
