#include "content/recent_chunks.h"

#include <algorithm>

#include "base/check.h"

namespace telltale {
namespace {

constexpr uint64_t kDayMs = 86'400'000;

}  // namespace

// calloc, because its pages are not there until they are written.
RecentChunks::RecentChunks() : entries_(static_cast<Entry*>(std::calloc(kEntries, sizeof(Entry)))) {
  TELLTALE_CHECK(entries_ != nullptr, "no memory for recent chunks");
}

uint64_t RecentChunks::Find(const ChunkHash& hash, uint64_t now_unix_ms) {
  const size_t number = SetOf(hash);
  MutexLock lock(LockOf(number));
  const std::span<Entry, kWays> set = Set(number);
  const auto found = std::ranges::find(set, hash, &Entry::hash);
  if (found == set.end() || found->stored_unix_ms / kDayMs != now_unix_ms / kDayMs) return 0;
  std::rotate(set.begin(), found, found + 1);
  return set.front().stored_unix_ms;
}

void RecentChunks::Remember(std::span<const ChunkHash> hashes, uint64_t stored_unix_ms) {
  for (const ChunkHash& hash : hashes) {
    const size_t number = SetOf(hash);
    MutexLock lock(LockOf(number));
    const std::span<Entry, kWays> set = Set(number);
    auto place = std::ranges::find(set, hash, &Entry::hash);
    if (place == set.end()) place = set.end() - 1;
    *place = {.hash = hash, .stored_unix_ms = stored_unix_ms};
    std::rotate(set.begin(), place, place + 1);
  }
}

}  // namespace telltale
