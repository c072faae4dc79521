// Which text has which words, to be asked later: text that is stored is gathered in groups of
// about kGroupBytes, and of each group the keys of its words are kept once.
//
//   WordSet words;
//   words.AddUntrusted(chunk);                                  // for all chunks of a request
//   const int64_t group = groups.Join(kind, words, now_unix_ms, missing);
//   ... chunks, with their group, and `missing` are appended to the log ...
//   groups.Remember(kind, group, missing);                      // only when that succeeded
//
// A group is known by the millisecond in which it began. It ends with its day (UTC), after an
// hour, and when it is full. Text of spans that did not start around the time of their arrival
// (kLate) has groups of its own, so that the time of all others follows from their group's.
//
// Always true: every key of a text is in the log before or with the text, under its group. The
// same key may be there twice.
//
// Thread safety  WordGroups: any thread. WordSet: one at a time.
// Limits         kGroupBytes, kGroupKeysMax, kGroupMsMax; 1 MiB of memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "content/words.h"

namespace telltale {

// Half a megabyte: a search reads the whole text of a group that may have its words.
inline constexpr size_t kGroupBytes = 512 << 10;
// What makes a group longer than this begins the next one.
inline constexpr size_t kGroupBytesMost = kGroupBytes / 4 * 5;
inline constexpr size_t kGroupKeysMax = 40'000;
inline constexpr int64_t kGroupMsMax = 3'600'000;
// Spans that arrive so long after their start, or before it, are late.
inline constexpr int64_t kLateMs = 3'600'000;

enum class GroupKind : uint8_t { kOnTime = 0, kLate = 1 };

constexpr GroupKind GroupKindOf(int64_t start_unix_nano, int64_t received_unix_ms) {
  const int64_t ms = start_unix_nano / 1'000'000 - received_unix_ms;
  return ms < -kLateMs || ms > kLateMs ? GroupKind::kLate : GroupKind::kOnTime;
}

// The bucket of a key is its highest bits; late groups have buckets of their own.
inline constexpr uint8_t kWordBuckets = 16;
constexpr uint8_t BucketOf(GroupKind kind, uint32_t bucket) {
  return static_cast<uint8_t>(bucket + (kind == GroupKind::kLate ? kWordBuckets : 0));
}

// Distinct numbers of 28 bits.
class KeySet {
 public:
  KeySet() { Clear(); }
  void Clear();
  // False: it was there.
  bool Add(uint32_t key);
  bool Has(uint32_t key) const;
  std::span<const uint32_t> keys() const { return keys_; }

 private:
  void Grow();

  std::vector<uint32_t> keys_;
  std::vector<uint32_t> slots_;  // open addressing, key + 1; 0 is free
};

class WordSet {
 public:
  void Clear();
  // The words of one chunk. Numbers without any letter, as of embeddings, have none.
  void AddUntrusted(std::string_view text);

  std::span<const uint32_t> keys() const { return keys_.keys(); }
  size_t text_bytes() const { return text_bytes_; }

 private:
  void Add(uint32_t key);
  // False: the word is known, and so is what begins as it does.
  bool AddWord(uint32_t key);
  void AddRead(std::string_view text, const Word& word);
  // Of 64 bytes at a time, those words that are all ASCII; the end of the text is left to
  // ReadFrom. All of text[0, begin) was taken when it returns `begin`.
  size_t ReadBlocks(std::string_view text, bool is_json);
  // Words from text[begin] on, until one ends behind `end`; where that was.
  size_t ReadFrom(std::string_view text, bool is_json, size_t begin, size_t end);

  // A letter of a script without spaces, if that was the last word.
  char last_[8];
  size_t last_size_ = 0;
  KeySet keys_;
  // Most words of prose are among the last few hundred.
  std::array<uint32_t, 4096> lately_{};
  size_t text_bytes_ = 0;
};

// False for what is not prose: no letter among its first bytes.
bool HasWords(std::string_view text);
// True for the digits behind the point of a long number, of which every vector has hundreds: they
// have no key.
bool IsDecimals(std::string_view text, const Word& word);

class WordGroups {
 public:
  // The group of these words' text; `missing` becomes the keys that the group does not have.
  int64_t Join(GroupKind kind, const WordSet& words, int64_t now_unix_ms, std::vector<uint32_t>& missing);
  void Remember(GroupKind kind, int64_t group, std::span<const uint32_t> keys);

 private:
  struct Group {
    int64_t began_unix_ms = -1;
    size_t text_bytes = 0;
    KeySet keys;
  };

  Mutex mu_;
  std::array<Group, 2> groups_ TELLTALE_GUARDED_BY(mu_);
};

}  // namespace telltale
