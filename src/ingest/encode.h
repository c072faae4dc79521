// Batch -> Block: the one encoding between the wire and the store. The columns and
// their types are those of the tables `spans`, `logs` and `metrics` (store/schema/), in
// their order; docs/formats/block.md describes them.
//
//   SpanEncoder encoder;
//   Block block = encoder.Encode(batch, received_unix_ms);
//
// Ownership      The block owns its bytes; nothing points into the batch afterwards.
// Thread safety  One thread at a time; keep one per thread, it reuses its buffers.
// Cost           One pass a column over the batch, no allocation a row.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/row_encoder.h"

namespace telltale {

class SpanEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms);

 private:
  void Events(NativeBlock& block, const Batch& batch);
  void Links(NativeBlock& block, const Batch& batch);
};

class LogEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms);
};

class MetricEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms);
};

}  // namespace telltale
