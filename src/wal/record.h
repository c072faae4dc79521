// The bytes of the log: docs/formats/write_ahead_log.md draws them.
//
//   segment  [ magic 8 ][ start position 8 ][ log id 16 ] record record ... zeros
//   record   [ length 4 ][ rows 4 ][ kind 1 ][ zero 7 ][ checksum 8 ][ block ... ]
//
// A position is a byte offset over all segments of a log: it only grows, and the
// first byte after a segment's header has the position that its header names.
// The checksum covers the first 16 bytes and the block, seeded with the record's
// position, so that old bytes in a recycled place never pass as a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "trace/block.h"

namespace telltale {

inline constexpr std::string_view kSegmentMagic = "TTWAL001";
inline constexpr size_t kSegmentHeaderBytes = 32;
inline constexpr size_t kRecordHeaderBytes = 24;
// A record is one request's block; receivers refuse requests far below this.
inline constexpr uint32_t kRecordBytesMax = 1u << 30;

struct RecordHeader {
  uint32_t length = 0;  // of the block
  uint32_t rows = 0;
  BlockKind kind = BlockKind::kSpans;
};

// Appends header and block to `out`.
void AppendRecord(const Block& block, uint64_t position, std::string& out);

enum class RecordState {
  kWhole,   // `header` is set, and the block follows it.
  kEnd,     // Zeros: nothing was written here.
  kBroken,  // Something is here that is not a record.
};

// Looks at the bytes from `position` to the end of its segment.
RecordState InspectRecordUntrusted(std::string_view bytes, uint64_t position, RecordHeader& header);

// The same for who reads header and block apart: first the lengths that a header of
// kRecordHeaderBytes claims, then whether header and block belong together.
RecordHeader ReadRecordHeaderUntrusted(std::string_view head);
bool IsRecordWhole(std::string_view head, std::string_view block, uint64_t position);

}  // namespace telltale
