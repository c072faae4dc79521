// RecentChunks remembers which chunks were stored lately, so that they are not stored again.
//
//   if (const uint64_t stored = recent.Find(hash, now_unix_ms)) Refer(stored, hash.low);
//   ... append the chunk to the log ...
//   recent.Remember(hashes, now_unix_ms);   // only when that succeeded
//
// It only ever forgets: the oldest of a few that share a place make room. What it does not
// know is stored once more, which costs a row. It begins empty.
//
// A chunk is known for the day (UTC) on which it was stored: a later day stores it again, so
// that retention can drop days of spans and days of content alike.
//
// Thread safety  All methods may be called from any thread; locks are held for a few entries.
// Limits         kEntries of 24 bytes, 12 MiB, of which memory takes only what was used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/mutex.h"
#include "content/kept_value.h"

namespace telltale {

class RecentChunks {
 public:
  // At full speed, 30,000 new chunks a second, they are the last 17 seconds; at a hundred a
  // second more than an hour.
  static constexpr size_t kEntries = size_t{1} << 19;

  RecentChunks();

  // When this chunk was stored, if that was on the day of `now_unix_ms`; else 0.
  uint64_t Find(const ChunkHash& hash, uint64_t now_unix_ms);
  void Remember(std::span<const ChunkHash> hashes, uint64_t stored_unix_ms);

 private:
  struct Entry {
    ChunkHash hash;
    uint64_t stored_unix_ms = 0;  // 0: free
  };
  // The most recently used entry of a set is its first.
  static constexpr size_t kWays = 8;
  static constexpr size_t kSets = kEntries / kWays;
  static constexpr size_t kLocks = 64;
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  static size_t SetOf(const ChunkHash& hash) { return hash.high % kSets; }
  Mutex& LockOf(size_t set) { return locks_[set % kLocks]; }
  std::span<Entry, kWays> Set(size_t set) { return std::span<Entry, kWays>(&entries_[set * kWays], kWays); }

  std::unique_ptr<Entry[], Free> entries_;  // a set belongs to whoever holds its lock
  std::array<Mutex, kLocks> locks_;
};

}  // namespace telltale
