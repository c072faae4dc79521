#include <array>

#include "ingest/encode.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 6;
constexpr uint64_t kWordColumns = 3;
constexpr uint32_t kWordBits = 24;

}  // namespace

// Chunks of one place follow each other, and their sources are one text.
void ContentEncoder::Sources(std::span<const FreshChunk> chunks) {
  dictionary_.Clear();
  sources_.clear();
  uint32_t hint = 0;
  const FreshChunk* last = nullptr;
  for (const FreshChunk& chunk : chunks) {
    const bool is_same = last != nullptr && last->place == chunk.place && last->field == chunk.field &&
                         last->owner.service == chunk.owner.service && last->owner.name == chunk.owner.name;
    if (!is_same) {
      std::string& source = sources_.emplace_back();
      if (chunk.place != ChunkPlace::kNone) AppendChunkSource(chunk, source);
    }
    dictionary_.Add(sources_.back(), hint);
    last = &chunk;
  }
}

Block ContentEncoder::Encode(std::span<const FreshChunk> chunks, uint64_t stored_unix_ms) {
  Block content{.kind = BlockKind::kSaidContent, .rows = static_cast<uint32_t>(chunks.size())};
  size_t size = 256;
  for (const FreshChunk& chunk : chunks) size += chunk.bytes.size() + 70;
  content.bytes.reserve(size);
  NativeBlock block(kColumns, chunks.size(), content.bytes);
  block.Column("stored", "Int64");
  for (size_t i = 0; i < chunks.size(); ++i) block.Number(static_cast<int64_t>(stored_unix_ms));
  block.Column("hash", "UInt64");
  for (const FreshChunk& chunk : chunks) block.Number<uint64_t>(chunk.hash.low);
  block.Column("bytes", "String");
  for (const FreshChunk& chunk : chunks) block.String(chunk.bytes);
  block.Column("text_group", "Int64");
  for (const FreshChunk& chunk : chunks) block.Number<int64_t>(chunk.group);
  block.Column("owner", "FixedString(32)");
  for (const FreshChunk& chunk : chunks) {
    block.Bytes(chunk.owner.trace_id.view());
    block.Bytes(chunk.owner.span_id.view());
    block.Number<int64_t>(chunk.owner.start_unix_nano);
  }
  Sources(chunks);
  block.Column("source", "LowCardinality(String)");
  block.Dictionary(dictionary_);
  return content;
}

Block EncodeWords(std::span<const GroupWords> groups) {
  struct Row {
    int64_t group;
    uint8_t bucket;
    std::string words;
  };
  std::vector<Row> rows;
  for (const GroupWords& group : groups) {
    std::array<std::string, kWordBuckets> buckets;
    for (const uint32_t key : group.keys) {
      std::string& words = buckets[key >> kWordBits];
      words += static_cast<char>(key >> 16);
      words += static_cast<char>(key >> 8);
      words += static_cast<char>(key);
    }
    for (uint8_t i = 0; i < kWordBuckets; ++i) {
      if (!buckets[i].empty()) rows.push_back({group.group, BucketOf(group.kind, i), std::move(buckets[i])});
    }
  }
  Block words{.kind = BlockKind::kWords, .rows = static_cast<uint32_t>(rows.size())};
  NativeBlock block(kWordColumns, rows.size(), words.bytes);
  block.Column("bucket", "UInt8");
  for (const Row& row : rows) block.Number(row.bucket);
  block.Column("text_group", "Int64");
  for (const Row& row : rows) block.Number(row.group);
  block.Column("words", "String");
  for (const Row& row : rows) block.String(row.words);
  return words;
}

}  // namespace telltale
