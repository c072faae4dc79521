// Many blocks -> one: what the inserter hands to the engine.
//
//   auto joined = JoinBlocks({record1.bytes, record2.bytes, ...});
//   engine.Insert(kind, joined->pieces(), token);
//
// Why: the engine takes a joined block for 0.7 us a span less than the same rows in
// blocks of 512, and its deduplication token only holds for a stream of as many blocks
// as the first time; one block is always one (docs/decisions/0002-store-layout.md).
//
// The blocks are ones that ingest/encode_*.cc wrote and the log kept: same columns, same types,
// same order. Fixed-width columns and strings are appended, offsets are shifted,
// dictionaries are merged and their indices renumbered.
//
// Ownership      Large columns stay where they are: the result points into the blocks.
// Thread safety  Stateless.
// Failure        kCorrupt when a block is not what they write, or when the blocks'
//                columns differ (a log written by another version).
// Cost           About 0.1 us a small span: copies, and one hash a dictionary entry.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

// A block in pieces: its bytes are theirs, one after the other.
class JoinedBlock {
 public:
  std::span<const std::string_view> pieces() const { return pieces_; }
  uint64_t size_bytes() const { return size_bytes_; }
  std::string Copy() const;

  void Append(std::string_view bytes);
  // Appends without a copy what will outlive this object.
  void Refer(std::string_view bytes);

 private:
  std::vector<std::unique_ptr<std::string>> own_;
  std::vector<std::string_view> pieces_;
  bool is_open_ = false;  // the last piece is the last of own_
  uint64_t size_bytes_ = 0;
};

Result<JoinedBlock> JoinBlocks(std::span<const std::string_view> blocks);

}  // namespace telltale
