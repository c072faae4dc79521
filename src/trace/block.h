// A Block is a batch encoded for the store, and the unit of the write-ahead log.
// Its bytes are a block of ClickHouse's Native format: docs/formats/block.md.
#pragma once

#include <cstdint>
#include <string>

namespace telltale {

// Which table a block belongs to, and which columns it has: blocks of one kind can be
// joined. When the columns of a table change, their blocks get a new kind. The numbers
// reach disk: append, never renumber.
enum class BlockKind : uint8_t {
  kSpans = 1,
  kLogs = 2,
  kMetrics = 3,
  kCalls = 4,
  kContent = 5,  // without what search needs: nothing writes it any more, old logs have it
  kSaidContent = 6,
  kWords = 7,
};
// In the order in which they are inserted: a span that can be queried has its content and its
// calls, and text is found once its span can be queried.
inline constexpr BlockKind kBlockKinds[] = {BlockKind::kContent, BlockKind::kSaidContent, BlockKind::kCalls,
                                            BlockKind::kSpans,   BlockKind::kLogs,        BlockKind::kMetrics,
                                            BlockKind::kWords};

struct Block {
  BlockKind kind = BlockKind::kSpans;
  uint32_t rows = 0;
  std::string bytes;
};

}  // namespace telltale
