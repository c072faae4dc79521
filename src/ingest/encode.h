// Batch -> Block: the one encoding between the wire and the store. The columns and
// their types are those of the tables `spans`, `logs`, `metrics` and `content` (store/schema/),
// in their order; docs/formats/block.md describes them.
//
//   SpanEncoder encoder;
//   ContentKeeper keeper(recent, received_unix_ms);
//   Block spans = encoder.Encode(batch, received_unix_ms, &keeper);   // null: every value stays
//   Block content = content_encoder.Encode(keeper.fresh(), received_unix_ms);   // to be stored with it
//
// Ownership      The block owns its bytes; nothing points into the batch afterwards.
// Thread safety  One thread at a time; keep one per thread, it reuses its buffers.
// Cost           One pass a column over the batch, no allocation a row.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "content/content_keeper.h"
#include "content/word_groups.h"
#include "ingest/row_encoder.h"

namespace telltale {

class SpanEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms, ContentKeeper* keeper,
               const RuleTable& rules = RuleTable::BuiltIn());

 private:
  void Events(NativeBlock& block, const Batch& batch);
  void Links(NativeBlock& block, const Batch& batch);
};

class LogEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms, ContentKeeper* keeper,
               const RuleTable& rules = RuleTable::BuiltIn());

 private:
  void Bodies(NativeBlock& block, const Batch& batch);

  std::string body_types_;
};

class MetricEncoder : private RowEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms);
};

class ContentEncoder {
 public:
  Block Encode(std::span<const FreshChunk> chunks, uint64_t stored_unix_ms);

 private:
  void Sources(std::span<const FreshChunk> chunks);

  DictionaryColumn dictionary_;
  std::deque<std::string> sources_;
};

// The keys of words that a group of text did not have.
struct GroupWords {
  GroupKind kind = GroupKind::kOnTime;
  int64_t group = 0;
  std::vector<uint32_t> keys;
};

Block EncodeWords(std::span<const GroupWords> groups);

}  // namespace telltale
