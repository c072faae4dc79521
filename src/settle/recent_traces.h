// Which traces were seen lately, and what of theirs: whether a span that arrives belongs to
// a trace that is new, or to one that the store has parts of.
//
//   RecentTraces recent(1 << 16, now);
//   RecentTraces::Entry& entry = recent.Of(trace_id);
//   if (entry.last_record != 0 && entry.last_record != record) ...  // came in several parts
//
// Two generations of a fixed size: when the younger is full, the elder is forgotten. A
// trace that begins before since_unix_nano() may be one that was forgotten.
//
// Ownership      A reference is good until the next Of().
// Thread safety  One thread at a time.
// Cost           32 bytes a trace of each generation's size, always.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trace/ids.h"

namespace telltale {

class RecentTraces {
 public:
  struct Entry {
    uint64_t key = 0;          // 0: free
    uint32_t last_record = 0;  // of spans; 0: none yet
    bool has_calls = false;
    bool has_logs = false;
    bool in_parts = false;  // its spans came in several records
  };

  // `traces_max` of each generation: a power of two.
  RecentTraces(size_t traces_max, uint64_t now_unix_nano);

  // Never fails: a new trace gets an entry of its own.
  Entry& Of(const TraceId& trace_id, uint64_t now_unix_nano);

  uint64_t since_unix_nano() const { return elder_.since_unix_nano; }

 private:
  struct Generation {
    std::vector<Entry> slots;  // open addressing, at most half full
    size_t used = 0;
    uint64_t since_unix_nano = 0;
  };
  static Entry* Find(Generation& generation, uint64_t key);

  const size_t traces_max_;
  Generation younger_;
  Generation elder_;
};

}  // namespace telltale
