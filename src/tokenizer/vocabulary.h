// A vocabulary: which byte strings are tokens, and their ids, which are also their ranks:
// of two pairs that could be merged, the one whose token has the smaller id goes first.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto vocabulary, Vocabulary::Unpack(compressed, kAllIds));
//   vocabulary->Find("hello");   // the id, or kNoToken
//
// Most tokens are of at most 15 bytes. Such a string is held as one ShortKey, 16 bytes that
// are compared at once: the bytes, zeros, and in the last one the length.
//
//   [ h e l l o 0 0 0 | 0 0 0 0 0 0 0 5 ]
//           low               high
//
// Ownership      Bytes() points into the vocabulary.
// Thread safety  Any: it never changes.
// Failure        Unpack refuses what is not a vocabulary with kCorrupt.
// Cost           About 20 MB for 200 000 tokens; Find is one or two cache lines, one where nothing is found.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace telltale {

constexpr uint32_t kNoToken = UINT32_MAX;
constexpr uint32_t kAllIds = UINT32_MAX;
constexpr size_t kShortMax = 15;

struct ShortKey {
  uint64_t low = 0;
  uint64_t high = 0;

  bool operator==(const ShortKey& other) const { return ((low ^ other.low) | (high ^ other.high)) == 0; }
  // The upper bits are the good ones: shift down to as many as are needed.
  uint64_t Hash() const { return low * 0x9E3779B97F4A7C15 + high * 0xC2B2AE3D27D4EB4F; }
};

// The key of `size` bytes is the 16 bytes that begin with them, and this, and its own `size`
// in the last byte.
inline constexpr std::array<ShortKey, kShortMax + 1> kShortMasks = [] {
  std::array<ShortKey, kShortMax + 1> masks = {};
  for (size_t size = 0; size <= kShortMax; ++size) {
    masks[size].low = size >= 8 ? ~0ull : (1ull << (8 * size)) - 1;
    masks[size].high = size <= 8 ? 0 : (1ull << (8 * (size - 8))) - 1;
  }
  return masks;
}();

// The key of the `size` bytes at p. REQUIRES: size <= kShortMax; p + size <= end.
inline ShortKey LoadShortKey(const char* p, size_t size, const char* end) {
  uint64_t words[2] = {0, 0};
  if (end - p >= 16) [[likely]] {
    std::memcpy(words, p, 16);
    words[0] &= kShortMasks[size].low;
    words[1] &= kShortMasks[size].high;
  } else {
    std::memcpy(words, p, size);
  }
  return {words[0], words[1] | static_cast<uint64_t>(size) << 56};
}

class Vocabulary {
 public:
  // Opens what tools/pack_vocabulary.cc wrote: a zstd frame of, for each id from 0 on, a
  // byte with the length and the token; length 0 is an id without a token. Ids from
  // `ids_end` on are left out.
  static Result<std::unique_ptr<const Vocabulary>> Unpack(std::string_view compressed, uint32_t ids_end);
  // The same without compression.
  static Result<std::unique_ptr<const Vocabulary>> Read(std::string packed, uint32_t ids_end);

  // The id of a token, kNoToken where these bytes are none.
  uint32_t Find(std::string_view bytes) const;
  uint32_t FindShort(const ShortKey& key) const {
    const uint64_t hash = key.Hash();
    if (!MayHold(hash)) return kNoToken;
    for (size_t slot = hash >> slot_shift_;; slot = (slot + 1) & slot_mask_) {
      const Slot& found = slots_[slot];
      if (found.key == key) return found.id;
      if (found.id == kNoToken) return kNoToken;
    }
  }
  uint32_t FindLong(std::string_view bytes) const;
  uint32_t FindBytePair(uint8_t first, uint8_t second) const {
    return byte_pairs_[static_cast<size_t>(first) << 8 | second];
  }
  uint32_t ByteId(uint8_t byte) const { return byte_ids_[byte]; }

  // Empty for an id that has no token.
  std::string_view Bytes(uint32_t id) const { return id < tokens_.size() ? tokens_[id] : std::string_view(); }
  uint32_t ids_end() const { return static_cast<uint32_t>(tokens_.size()); }
  size_t size_bytes_max() const { return size_bytes_max_; }
  // Differs from that of every other vocabulary of this process.
  uint64_t serial() const { return serial_; }

 private:
  struct Slot {
    ShortKey key;
    uint32_t id = kNoToken;
  };

  Vocabulary() = default;
  Status ReadTokens(uint32_t ids_end);
  Status Index();
  void InsertShort(const ShortKey& key, uint32_t id);
  bool MayHold(uint64_t hash) const {
    const uint64_t bit = hash >> (64 - kFilterBits);
    return (filter_[bit / 64] >> bit % 64 & 1) != 0;
  }

  std::string packed_;
  std::vector<std::string_view> tokens_;
  // Most pairs that merging asks for are no tokens. These bits, 512 KB, lie in a nearer cache
  // than the slots and say so for 19 of 20.
  static constexpr int kFilterBits = 22;
  std::vector<uint64_t> filter_;
  std::vector<Slot> slots_;  // open addressing; at most half are taken
  int slot_shift_ = 0;
  size_t slot_mask_ = 0;
  std::unordered_map<std::string_view, uint32_t> long_ids_;
  std::vector<uint32_t> byte_pairs_;
  std::vector<uint32_t> byte_ids_;
  size_t size_bytes_max_ = 0;
  uint64_t serial_ = 0;
};

}  // namespace telltale
