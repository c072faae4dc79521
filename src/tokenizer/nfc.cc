#include "tokenizer/nfc.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "base/check.h"

namespace telltale {
namespace {

// Characters of common scripts that are what they are in every normal form C: no mark, and
// none that a normal form writes otherwise. Those that are not listed are looked at closely.
struct Range {
  char32_t first;
  char32_t last;
};
constexpr Range kPlain[] = {
    {0x0000, 0x02FF},    // Latin
    {0x0400, 0x0482},    // Cyrillic
    {0x048A, 0x052F},    // ... further
    {0x2010, 0x2027},    // dashes and quotes
    {0x2500, 0x25FF},    // boxes
    {0x3000, 0x3029},    // CJK punctuation
    {0x3041, 0x3096},    // Hiragana
    {0x309B, 0x30FF},    // Katakana
    {0x4E00, 0x9FFF},    // Chinese characters
    {0xAC00, 0xD7A3},    // Hangul syllables
    {0xFF01, 0xFF5E},    // wide forms
    {0x1F300, 0x1FAFF},  // emoji
};

bool IsPlain(char32_t character) {
  const auto* after = std::ranges::upper_bound(kPlain, character, {}, &Range::first);
  return after != std::begin(kPlain) && character <= std::prev(after)->last;
}

// The first character that a normal form might change, or the end.
const char* FirstDoubtful(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p != end;) {
    // What begins with CB or less lies below U+0300.
    if (static_cast<uint8_t>(*p) <= 0xCB) {
      ++p;
      continue;
    }
    utf8proc_int32_t character = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(p), end - p, &character);
    TELLTALE_CHECK(size > 0, "normalizing what is no UTF-8");
    if (!IsPlain(static_cast<char32_t>(character))) return p;
    p += size;
  }
  return end;
}

}  // namespace

std::string_view ComposedNfc(std::string_view text, std::string& composed) {
  if (FirstDoubtful(text) == text.data() + text.size()) return text;
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, &std::free);
  TELLTALE_CHECK(size >= 0, utf8proc_errmsg(size));
  composed.assign(reinterpret_cast<const char*>(out), static_cast<size_t>(size));
  return composed;
}

}  // namespace telltale
