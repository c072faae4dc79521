#include "settle/recent_traces.h"

#include <cstring>
#include <utility>

namespace telltale {
namespace {

uint64_t KeyOf(const TraceId& trace_id) {
  uint64_t high = 0;
  uint64_t low = 0;
  std::memcpy(&high, trace_id.bytes.data(), 8);
  std::memcpy(&low, trace_id.bytes.data() + 8, 8);
  const uint64_t key = (high * 0x9E3779B97F4A7C15) ^ (low * 0xC2B2AE3D27D4EB4F);
  return key == 0 ? 1 : key;
}

}  // namespace

RecentTraces::RecentTraces(size_t traces_max, uint64_t now_unix_nano) : traces_max_(traces_max) {
  younger_ = {.slots = std::vector<Entry>(traces_max * 2), .since_unix_nano = now_unix_nano};
  elder_ = younger_;
}

RecentTraces::Entry* RecentTraces::Find(Generation& generation, uint64_t key) {
  const size_t mask = generation.slots.size() - 1;
  size_t at = (key ^ (key >> 32)) & mask;
  while (generation.slots[at].key != 0 && generation.slots[at].key != key) at = (at + 1) & mask;
  return &generation.slots[at];
}

RecentTraces::Entry& RecentTraces::Of(const TraceId& trace_id, uint64_t now_unix_nano) {
  const uint64_t key = KeyOf(trace_id);
  Entry* entry = Find(younger_, key);
  if (entry->key == key) return *entry;
  if (younger_.used == traces_max_) {
    std::swap(younger_, elder_);
    younger_.slots.assign(traces_max_ * 2, {});
    younger_.used = 0;
    younger_.since_unix_nano = now_unix_nano;
    entry = Find(younger_, key);
  }
  ++younger_.used;
  const Entry* const known = Find(elder_, key);
  *entry = known->key == key ? *known : Entry{.key = key};
  return *entry;
}

}  // namespace telltale
