// InsertCursor: how far the store has taken the log, and which records it is taking
// right now. Kept in one small file beside the segments.
//
// Why a range and not a position: records are joined into one large insert under one
// deduplication token, and a token is only safe if it always names the same records.
// So the range is made durable *before* the insert; after a crash the same range is
// inserted again, the store drops it if it had arrived, and only then are new cuts made.
//
//   cursor->Begin({begin, end});   // durable
//   engine.Insert(..., token of {begin, end});
//   ... the next Begin() says that this one is done.
//
// Thread safety  One thread at a time.
// Format         Two slots of 32 bytes, written in turn: [ generation 8 ][ begin 8 ]
//                [ end 8 ][ checksum 8 ]. The valid slot of the higher generation counts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"

namespace telltale {

struct LogRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

class InsertCursor {
 public:
  static Result<std::unique_ptr<InsertCursor>> Open(const std::filesystem::path& folder);
  virtual ~InsertCursor() = default;

  // The last range that was begun: everything before `begin` is in the store, the
  // range itself may be. Empty (0, 0) for a new log.
  virtual LogRange current() const = 0;
  virtual Status Begin(LogRange range) = 0;
};

}  // namespace telltale
