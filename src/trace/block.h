// A Block is a batch encoded for the store, and the unit of the write-ahead log.
// Its bytes are a block of ClickHouse's Native format: docs/formats/block.md.
#pragma once

#include <cstdint>
#include <string>

namespace telltale {

// Which table a block belongs to. The numbers reach disk: append, never renumber.
enum class BlockKind : uint8_t {
  kSpans = 1,
};

struct Block {
  BlockKind kind = BlockKind::kSpans;
  uint32_t rows = 0;
  std::string bytes;
};

}  // namespace telltale
