#include "content/word_groups.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "content/words.h"

namespace telltale {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr size_t kSlotsMin = 1024;
// What a list of numbers has none of within its first bytes.
constexpr size_t kLetterWithin = 256;
constexpr size_t kDecimalsMin = 6;

size_t SlotOf(uint32_t key, size_t slots) {
  return (key * 0x9E3779B1u >> 4) & (slots - 1);
}

}  // namespace

void KeySet::Clear() {
  keys_.clear();
  slots_.assign(kSlotsMin, 0);
}

bool KeySet::Has(uint32_t key) const {
  for (size_t at = SlotOf(key, slots_.size()); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at] == key + 1) return true;
  }
  return false;
}

bool KeySet::Add(uint32_t key) {
  size_t at = SlotOf(key, slots_.size());
  for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at] == key + 1) return false;
  }
  slots_[at] = key + 1;
  keys_.push_back(key);
  if (keys_.size() * 2 > slots_.size()) Grow();
  return true;
}

void KeySet::Grow() {
  slots_.assign(slots_.size() * 4, 0);
  for (const uint32_t key : keys_) {
    size_t at = SlotOf(key, slots_.size());
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = key + 1;
  }
}

bool HasWords(std::string_view text) {
  const auto is_letter = [](char c) {
    return static_cast<uint8_t>(c) >= 0x80 ||
           (static_cast<uint8_t>((c | 0x20) - 'a') < 26 && c != 'e' && c != 'E');
  };
  return std::ranges::any_of(text.substr(0, kLetterWithin), is_letter);
}

bool IsDecimals(std::string_view text, const Word& word) {
  return word.text.size() >= kDecimalsMin && word.begin > 0 && text[word.begin - 1] == '.' &&
         std::ranges::all_of(word.text, [](char c) { return c >= '0' && c <= '9'; });
}

void WordSet::Clear() {
  keys_.Clear();
  lately_.fill(0);
  text_bytes_ = 0;
}

void WordSet::Add(uint32_t key) {
  uint32_t& lately = lately_[key % lately_.size()];
  if (lately == key + 1) return;
  lately = key + 1;
  keys_.Add(key);
}

bool WordSet::AddWord(uint32_t key) {
  uint32_t& lately = lately_[key % lately_.size()];
  if (lately == key + 1) return false;
  lately = key + 1;
  return keys_.Add(key);
}

void WordSet::AddRead(std::string_view text, const Word& word) {
  if (IsDecimals(text, word)) {
    last_size_ = 0;
    return;
  }
  if (AddWord(KeyOfRead(word)) && !word.is_single) {
    if (const std::string_view prefix = PrefixOf(word.text); !prefix.empty()) Add(KeyOfPrefix(prefix));
  }
  if (!word.is_single) {
    last_size_ = 0;
    return;
  }
  if (last_size_ > 0) Add(KeyOfPair({last_, last_size_}, word.text));
  last_size_ = word.text.copy(last_, sizeof last_);
}

size_t WordSet::ReadFrom(std::string_view text, bool is_json, size_t begin, size_t end) {
  Word word;
  WordReader words(text, is_json, begin);
  while (words.Next(word)) {
    AddRead(text, word);
    if (const auto at = words.at(); at && *at >= end) return *at;
  }
  return text.size();
}

#if defined(__SSE2__)
namespace {

constexpr size_t kBlock = 64;

// One bit for each byte of a block.
struct BlockMasks {
  uint64_t words = 0;    // letters and digits
  uint64_t special = 0;  // what is read letter by letter
  size_t size = kBlock;  // less: an escape goes on behind the block
};

BlockMasks MasksOf(const char* block, bool is_json) {
  BlockMasks masks;
  uint64_t backslashes = 0, letters_u = 0;
  for (size_t i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
    const auto add = [&](int bits, uint64_t& mask) { mask |= uint64_t{static_cast<uint32_t>(bits)} << i; };
    add(static_cast<int>(internal::WordMask(bytes, internal::LowerOf(bytes))), masks.words);
    add(_mm_movemask_epi8(bytes), masks.special);
    add(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))), backslashes);
    add(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('u'))), letters_u);
  }
  if (backslashes == 0) return masks;
  if (!is_json) masks.special |= backslashes;
  if (backslashes >> (kBlock - 1) != 0) masks.size = kBlock - 1;
  // What stands behind a backslash is no word, unless it is \u or another backslash.
  const uint64_t behind = backslashes << 1;
  masks.special |= behind & (backslashes | letters_u);
  const uint64_t escapes = behind & masks.words;
  for (uint64_t left = escapes; left != 0; left &= left - 1) {
    if (!internal::EndsEscape(block[std::countr_zero(left)])) masks.special |= left & -left;
  }
  masks.words &= ~escapes;
  return masks;
}

// A word of less than 16 bytes in lower case.
struct ShortWord {
  uint64_t low;  // its first 8 bytes
  uint32_t key;
  uint32_t size;
};

ShortWord ShortWordAt(const char* word, size_t size) {
  const __m128i bytes =
      internal::Keep(internal::LowerOf(_mm_loadu_si128(reinterpret_cast<const __m128i*>(word))), size);
  const auto low = static_cast<uint64_t>(_mm_cvtsi128_si64(bytes));
  const auto high = static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(bytes, bytes)));
  return {.low = low, .key = KeyOfShortWord(low, high, size), .size = static_cast<uint32_t>(size)};
}

}  // namespace

size_t WordSet::ReadBlocks(std::string_view text, bool is_json) {
  // Reading first and looking up afterwards keeps the processor's guesses apart.
  std::array<ShortWord, kBlock / 2 + 1> read;
  size_t at = 0;
  // A word is read as 16 bytes from its first one on.
  while (at + kBlock + 16 <= text.size()) {
    BlockMasks masks = MasksOf(text.data() + at, is_json);
    if (masks.special != 0) {
      at = ReadFrom(text, is_json, at, at + kBlock);
      continue;
    }
    if (masks.words != 0) last_size_ = 0;
    size_t count = 0;
    while (masks.words != 0) {
      const auto begin = static_cast<size_t>(std::countr_zero(masks.words));
      const auto length = static_cast<size_t>(std::countr_one(masks.words >> begin));
      if (begin + length >= masks.size) {
        masks.size = begin;  // it may go on behind the block
        break;
      }
      masks.words &= masks.words + (uint64_t{1} << begin);
      const char first = text[at + begin];
      if (length >= 16 || (first <= '9' && length >= kDecimalsMin)) {
        ReadFrom(text.substr(0, at + begin + length), is_json, at + begin, 0);
      } else {
        read[count++] = ShortWordAt(text.data() + at + begin, length);
      }
    }
    for (const ShortWord& word : std::span(read).first(count)) {
      if (!AddWord(word.key) || word.size < kPrefixLetters) continue;
      char prefix[sizeof word.low];
      std::memcpy(prefix, &word.low, sizeof prefix);
      Add(KeyOfPrefix({prefix, kPrefixLetters}));
    }
    at = masks.size == 0 ? ReadFrom(text, is_json, at, at + 1) : at + masks.size;
  }
  return at;
}
#else
size_t WordSet::ReadBlocks(std::string_view, bool) {
  return 0;
}
#endif

void WordSet::AddUntrusted(std::string_view text) {
  if (!HasWords(text)) return;
  text_bytes_ += text.size();
  last_size_ = 0;
  const bool is_json = LooksLikeJsonPiece(text);
  ReadFrom(text, is_json, ReadBlocks(text, is_json), text.size() + 1);
}

int64_t WordGroups::Join(GroupKind kind, const WordSet& words, int64_t now_unix_ms,
                         std::vector<uint32_t>& missing) {
  missing.clear();
  MutexLock lock(mu_);
  Group& group = groups_[static_cast<size_t>(kind)];
  const int64_t age = now_unix_ms - group.began_unix_ms;
  if (group.began_unix_ms < 0 || age < 0 || age > kGroupMsMax ||
      now_unix_ms / kDayMs != group.began_unix_ms / kDayMs || group.text_bytes >= kGroupBytes ||
      (group.text_bytes > 0 && group.text_bytes + words.text_bytes() > kGroupBytesMost) ||
      group.keys.keys().size() >= kGroupKeysMax) {
    // Two groups never have one name.
    group.began_unix_ms = std::max(now_unix_ms, group.began_unix_ms + (age == 0 ? 1 : 0));
    group.text_bytes = 0;
    group.keys.Clear();
  }
  group.text_bytes += words.text_bytes();
  for (const uint32_t key : words.keys()) {
    if (!group.keys.Has(key)) missing.push_back(key);
  }
  return group.began_unix_ms;
}

void WordGroups::Remember(GroupKind kind, int64_t group, std::span<const uint32_t> keys) {
  MutexLock lock(mu_);
  Group& now = groups_[static_cast<size_t>(kind)];
  if (now.began_unix_ms != group) return;
  for (const uint32_t key : keys) now.keys.Add(key);
}

}  // namespace telltale
