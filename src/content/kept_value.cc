#include "content/kept_value.h"

#include <cstring>

#include "base/check.h"
#include "block/native.h"

namespace telltale {
namespace {

// No request is larger, so no sum of them overflows.
constexpr uint64_t kPieceBytesMax = 1ull << 31;

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
int64_t FromZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}

bool TakeVarint(std::string_view& text, uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !text.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(text.front());
    text.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

template <typename T>
bool TakeNumber(std::string_view& text, T& value) {
  if (text.size() < sizeof value) return false;
  std::memcpy(&value, text.data(), sizeof value);
  text.remove_prefix(sizeof value);
  return true;
}

template <typename HashOf>
void AppendPieces(std::span<const Piece> pieces, std::string& out, HashOf hash_of) {
  AppendVarint(pieces.size(), out);
  for (const Piece& piece : pieces) {
    AppendVarint(2 * piece.bytes.size() + (piece.is_chunk ? 1 : 0), out);
    if (piece.is_chunk) {
      AppendNumber<uint64_t>(hash_of(piece), out);
    } else {
      out += piece.bytes;
    }
  }
}

}  // namespace

void AppendKeptValue(std::span<const Piece> pieces, std::span<const ChunkKey> keys, std::string& out) {
  size_t next = 0;
  AppendPieces(pieces, out, [&](const Piece&) {
    TELLTALE_CHECK(next < keys.size(), "a chunk without a key");
    return keys[next++].hash;
  });
  int64_t before = 0;
  for (const ChunkKey& key : keys) {
    const auto stored = static_cast<int64_t>(key.stored_unix_ms);
    AppendVarint(ZigZag(stored - before), out);
    before = stored;
  }
}

std::string KeptBeginning(std::string_view value) {
  std::vector<Piece> pieces;
  CutUntrusted(value, pieces);
  std::string out;
  AppendPieces(pieces, out, [](const Piece& piece) { return HashOfChunk(piece.bytes).low; });
  return out;
}

bool KeptValue::ParseUntrusted(std::string_view text) {
  pieces_.clear();
  size_bytes_ = 0;
  if (Read(text)) return true;
  pieces_.clear();
  size_bytes_ = 0;
  return false;
}

bool KeptValue::Read(std::string_view text) {
  uint64_t count = 0;
  if (!TakeVarint(text, count) || count > kPiecesMax) return false;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t head = 0;
    if (!TakeVarint(text, head)) return false;
    const uint64_t size = head / 2;
    if (size == 0 || size > kPieceBytesMax) return false;
    KeptPiece& piece = pieces_.emplace_back();
    if (head % 2 == 1) {
      piece.chunk.size_bytes = size;
      if (!TakeNumber(text, piece.chunk.key.hash)) return false;
    } else {
      if (size > text.size()) return false;
      piece.literal = text.substr(0, size);
      text.remove_prefix(size);
    }
    size_bytes_ += size;
  }
  uint64_t before = 0;
  for (KeptPiece& piece : pieces_) {
    if (!piece.literal.empty()) continue;
    uint64_t step = 0;
    if (!TakeVarint(text, step)) return false;
    before += static_cast<uint64_t>(FromZigZag(step));
    piece.chunk.key.stored_unix_ms = before;
  }
  return text.empty();
}

void AppendKeptBody(const ChunkRef& chunk, std::string& out) {
  AppendNumber<uint64_t>(chunk.key.hash, out);
  AppendNumber<uint64_t>(chunk.key.stored_unix_ms, out);
  AppendNumber<uint32_t>(static_cast<uint32_t>(chunk.size_bytes), out);
}

bool ParseKeptBodyUntrusted(std::string_view text, ChunkRef& chunk) {
  uint32_t size = 0;
  if (!TakeNumber(text, chunk.key.hash) || !TakeNumber(text, chunk.key.stored_unix_ms)) return false;
  if (!TakeNumber(text, size) || !text.empty()) return false;
  chunk.size_bytes = size;
  return true;
}

}  // namespace telltale
