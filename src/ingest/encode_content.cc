#include "ingest/encode.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 3;

}  // namespace

Block EncodeContent(std::span<const FreshChunk> chunks, uint64_t stored_unix_ms) {
  Block content{.kind = BlockKind::kContent, .rows = static_cast<uint32_t>(chunks.size())};
  size_t size = 64;
  for (const FreshChunk& chunk : chunks) size += chunk.bytes.size() + 20;
  content.bytes.reserve(size);
  NativeBlock block(kColumns, chunks.size(), content.bytes);
  block.Column("stored", "Int64");
  for (size_t i = 0; i < chunks.size(); ++i) block.Number(static_cast<int64_t>(stored_unix_ms));
  block.Column("hash", "UInt64");
  for (const FreshChunk& chunk : chunks) block.Number<uint64_t>(chunk.hash.low);
  block.Column("bytes", "String");
  for (const FreshChunk& chunk : chunks) block.String(chunk.bytes);
  return content;
}

}  // namespace telltale
