// CallRows -> Block of the table `calls`.
//
//   CallEncoder encoder;
//   Block block = encoder.Encode(rows);
//
// Ownership      The block owns its bytes.
// Thread safety  One thread at a time; keep one, it reuses its buffers.
// Cost           One pass a column, no allocation a row.
#pragma once

#include <span>
#include <string>

#include "block/native.h"
#include "ledger/call_row.h"
#include "trace/block.h"

namespace telltale {

class CallEncoder {
 public:
  Block Encode(std::span<const CallRow> rows);

 private:
  DictionaryColumn dictionary_;
  std::string out_;
};

}  // namespace telltale
