// What a thread remembers of pieces it has met: the tokens of each, beside its key.
//
//   PieceCache::Set& set = cache.SetOf(key);
//   if (const PieceCache::Entry& entry = set.Find(key); entry.key == key) count += entry.count();
//   else set.Insert(...)
//
//   [ key 16 ][ count << 24 | id 0, id 1, id 2, id 3 ]   half a cache line; two are a set
//
// A piece may lie in one set; of its two places the one that was filled first is given up.
// An answer never depends on what is in here.
//
// Thread safety  One thread at a time.
// Cost           2 MB each. A megabyte of English or Python misses 1 in 100 pieces that it
//                has met; half the size, or one place for each, misses 3 to 4.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace telltale {

class PieceCache {
 public:
  static constexpr size_t kIdsInline = 4;

  struct Entry {
    ShortKey key;  // of length 0, which no piece has, where there is none
    uint32_t words[kIdsInline] = {};

    // Of all tokens; the ids of those beyond kIdsInline are not kept.
    uint32_t count() const { return words[0] >> 24; }
    uint32_t first_id() const { return words[0] & 0xFF'FFFF; }
  };

  struct alignas(64) Set {
    Entry places[2];

    // The entry with this key, or another: without a branch, for which of the two it is
    // cannot be foretold.
    const Entry& Find(const ShortKey& key) const { return places[places[1].key == key ? 1 : 0]; }
    void Insert(const Entry& entry) {
      places[1] = places[0];
      places[0] = entry;
    }
  };

  PieceCache() : sets_(size_t{1} << kBits) {}

  Set& SetOf(const ShortKey& key) { return sets_[key.Hash() >> (64 - kBits)]; }

 private:
  static constexpr int kBits = 15;

  std::vector<Set> sets_;
};

// The same for pieces that have no ShortKey, up to 62 bytes: indents, rules of dashes, long
// words, and the sentences of scripts without spaces. Each has one place.
//
//   LongPieceCache::Entry& entry = cache.EntryOf(piece);
//   if (entry.Holds(piece)) count += entry.count;
//
//   [ size, count, bytes 62 ][ ids 64 ]   two cache lines
//
// Thread safety  One thread at a time.
// Cost           512 KB each.
class LongPieceCache {
 public:
  static constexpr size_t kIdsInline = 16;

  struct alignas(64) Entry {
    uint8_t size = 0;
    uint8_t count = 0;  // of all tokens; the ids of those beyond kIdsInline are not kept
    char bytes[62] = {};
    uint32_t ids[kIdsInline] = {};

    bool Holds(std::string_view piece) const {
      return size == piece.size() && std::memcmp(bytes, piece.data(), piece.size()) == 0;
    }
    void Keep(std::string_view piece, std::span<const uint32_t> all_ids) {
      size = static_cast<uint8_t>(piece.size());
      count = static_cast<uint8_t>(all_ids.size());
      std::memcpy(bytes, piece.data(), piece.size());
      std::copy_n(all_ids.begin(), std::min(all_ids.size(), kIdsInline), ids);
    }
  };

  static constexpr size_t kPieceMax = sizeof(Entry::bytes);

  LongPieceCache() : entries_(size_t{1} << kBits) {}

  // REQUIRES: kShortMax < piece.size() <= kPieceMax. Only the two ends are hashed: what they
  // leave equal shares a place.
  Entry& EntryOf(std::string_view piece) {
    uint64_t words[4];
    std::memcpy(words, piece.data(), 16);
    std::memcpy(words + 2, piece.data() + piece.size() - 16, 16);
    const uint64_t first = ShortKey{words[0], words[1]}.Hash();
    const uint64_t last = ShortKey{words[2] ^ piece.size(), words[3] ^ first}.Hash();
    return entries_[last >> (64 - kBits)];
  }

 private:
  static constexpr int kBits = 12;

  std::vector<Entry> entries_;
};

}  // namespace telltale
