#include "content/word_groups.h"

#include <algorithm>

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

void WordSet::AddUntrusted(std::string_view text) {
  if (!HasWords(text)) return;
  text_bytes_ += text.size();
  char last[8];
  size_t last_size = 0;  // 0: the word before is not a single letter
  Word word;
  for (WordReader words(text); words.Next(word);) {
    if (IsDecimals(text, word)) continue;
    const uint32_t key = KeyOfRead(word);
    uint32_t& lately = lately_[key % lately_.size()];
    const bool is_known = lately == key + 1;
    if (!is_known) {
      lately = key + 1;
      // A word that is known has a prefix that is known.
      if (keys_.Add(key) && !word.is_single) {
        if (const std::string_view prefix = PrefixOf(word.text); !prefix.empty()) Add(KeyOfPrefix(prefix));
      }
    }
    if (!word.is_single) {
      last_size = 0;
      continue;
    }
    if (last_size > 0) Add(KeyOfPair({last, last_size}, word.text));
    last_size = word.text.copy(last, sizeof last);
  }
}

int64_t WordGroups::Join(GroupKind kind, const WordSet& words, int64_t now_unix_ms,
                         std::vector<uint32_t>& missing) {
  missing.clear();
  MutexLock lock(mu_);
  Group& group = groups_[static_cast<size_t>(kind)];
  const int64_t age = now_unix_ms - group.began_unix_ms;
  if (group.began_unix_ms < 0 || age < 0 || age > kGroupMsMax ||
      now_unix_ms / kDayMs != group.began_unix_ms / kDayMs || group.text_bytes >= kGroupBytes ||
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
