// What a thread remembers of pieces it has met: the tokens of each, beside its key.
//
//   PieceCache::Entry& entry = cache.At(key);
//   if (entry.key == key) count += entry.count();
//
//   [ key 16 ][ count << 24 | id 0, id 1, id 2, id 3 ]   half a cache line
//
// A piece has one place; who comes last stays. An answer never depends on what is in here.
//
// Thread safety  One thread at a time.
// Cost           1 MB each, which fits beside other work into the caches of a core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace telltale {

class PieceCache {
 public:
  static constexpr size_t kIdsInline = 4;

  struct alignas(32) Entry {
    ShortKey key;  // of length 0, which no piece has, where there is none
    uint32_t words[kIdsInline] = {};

    // Of all tokens; the ids of those beyond kIdsInline are not kept.
    uint32_t count() const { return words[0] >> 24; }
    uint32_t first_id() const { return words[0] & 0xFF'FFFF; }
  };

  PieceCache() : entries_(size_t{1} << kBits) {}

  Entry& At(const ShortKey& key) { return entries_[key.Hash() >> (64 - kBits)]; }

 private:
  static constexpr int kBits = 15;

  std::vector<Entry> entries_;
};

}  // namespace telltale
