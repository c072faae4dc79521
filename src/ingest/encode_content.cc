#include <array>

#include "ingest/encode.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 11;
constexpr uint64_t kWordColumns = 3;
constexpr uint32_t kWordBits = 24;

}  // namespace

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
  block.Column("trace_id", "FixedString(16)");
  for (const FreshChunk& chunk : chunks) block.Bytes(chunk.owner.trace_id.view());
  block.Column("span_id", "FixedString(8)");
  for (const FreshChunk& chunk : chunks) block.Bytes(chunk.owner.span_id.view());
  block.Column("start", "DateTime64(9, 'UTC')");
  for (const FreshChunk& chunk : chunks) block.Number<int64_t>(chunk.owner.start_unix_nano);
  block.Column("place", "UInt8");
  for (const FreshChunk& chunk : chunks) block.Number(static_cast<uint8_t>(chunk.place));
  const auto dictionary = [&](std::string_view name, auto text_of) {
    dictionary_.Clear();
    uint32_t hint = 0;
    for (const FreshChunk& chunk : chunks) dictionary_.Add(text_of(chunk), hint);
    block.Column(name, "LowCardinality(String)");
    block.Dictionary(dictionary_);
  };
  dictionary("field", [](const FreshChunk& chunk) { return chunk.field; });
  dictionary("service", [](const FreshChunk& chunk) { return chunk.owner.service; });
  dictionary("name", [](const FreshChunk& chunk) { return chunk.owner.name; });
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
