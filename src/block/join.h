// Many blocks -> one: what the inserter hands to the engine.
//
//   auto joined = JoinBlocks({record1.bytes, record2.bytes, ...});
//
// Why: the engine takes a joined block for 0.7 us a span less than the same rows in
// blocks of 512, and its deduplication token only holds for a stream of as many blocks
// as the first time; one block is always one (docs/decisions/0002-store-layout.md).
//
// The blocks are ones that ingest/encode_*.cc wrote and the log kept: same columns, same types,
// same order. Fixed-width columns and strings are appended, offsets are shifted,
// dictionaries are merged and their indices renumbered.
//
// Ownership      The result owns its bytes.
// Thread safety  Stateless.
// Failure        kCorrupt when a block is not what they write, or when the blocks'
//                columns differ (a log written by another version).
// Cost           About 0.1 us a small span: copies, and one hash a dictionary entry.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

Result<std::string> JoinBlocks(std::span<const std::string_view> blocks);

}  // namespace telltale
