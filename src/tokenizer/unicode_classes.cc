#include "tokenizer/unicode_classes.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace telltale {
namespace {

constexpr uint32_t kRanges[] = {
#include "tokenizer/unicode_ranges.inc"
};
constexpr size_t kPageSize = 256;

}  // namespace

UnicodeClasses::UnicodeClasses() {
  const uint32_t* range = kRanges;
  std::array<CharClass, kPageSize> page;
  for (uint32_t first = 0; first < 0x110000; first += kPageSize) {
    for (uint32_t i = 0; i < kPageSize; ++i) {
      while (range + 1 != std::end(kRanges) && range[1] >> 4 <= first + i) ++range;
      page[i] = static_cast<CharClass>(*range & 15);
    }
    size_t number = 0;
    while (number * kPageSize < classes_.size() &&
           !std::equal(page.begin(), page.end(),
                       classes_.begin() + static_cast<ptrdiff_t>(number * kPageSize))) {
      ++number;
    }
    TELLTALE_CHECK(number <= UINT8_MAX, "more than 256 distinct pages of character classes");
    if (number * kPageSize == classes_.size()) classes_.insert(classes_.end(), page.begin(), page.end());
    pages_[first / kPageSize] = static_cast<uint8_t>(number);
  }
}

const UnicodeClasses& TheUnicodeClasses() {
  static const UnicodeClasses classes;
  return classes;
}

}  // namespace telltale
