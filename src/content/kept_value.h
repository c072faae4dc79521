// The form of a value whose bytes are kept as chunks in the table `content`: what stands in
// its place in the row of a span or log record. Drawn in docs/formats/content.md.
//
//   value  [ varint pieces ] piece ... stored ...
//   piece  [ varint 2n ][ n bytes ]                literal
//          [ varint 2n + 1 ][ hash 8 ]             a chunk of n bytes
//   stored [ zigzag varint ]                       a chunk: ms since the chunk before it
//
//   KeptValue kept;
//   if (kept.ParseUntrusted(text)) for (const KeptPiece& piece : kept.pieces()) ...
//
// Everything before the first `stored` depends on nothing but the value: rows with an equal
// value have an equal beginning, whenever its chunks were stored.
//
// That a value is kept elsewhere is told by the letter of its type, in upper case.
//
// Ownership      Literals point into the text parsed.
// Thread safety  One thread at a time.
#pragma once

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "content/cut.h"

namespace telltale {

// What a chunk is known by while we run. On disk it is known by when it was stored and `low`.
struct ChunkHash {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const ChunkHash&) const = default;
};

inline ChunkHash HashOfChunk(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.low = hash.low64, .high = hash.high64};
}

// A chunk's place in the table.
struct ChunkKey {
  uint64_t stored_unix_ms = 0;
  uint64_t hash = 0;
  bool operator==(const ChunkKey&) const = default;
};

struct ChunkRef {
  ChunkKey key;
  uint64_t size_bytes = 0;
};

// Letters of types are lower case: trace/batch.h.
constexpr bool IsKeptLetter(char letter) {
  return letter >= 'A' && letter <= 'Z';
}
constexpr char KeptLetterOf(char letter) {
  return static_cast<char>(letter - 'a' + 'A');
}
constexpr char PlainLetterOf(char letter) {
  return IsKeptLetter(letter) ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// REQUIRES: `keys` has one for each chunk of `pieces`.
void AppendKeptValue(std::span<const Piece> pieces, std::span<const ChunkKey> keys, std::string& out);

// What the kept form of `value` begins with, and of no other value.
std::string KeptBeginning(std::string_view value);

struct KeptPiece {
  std::string_view literal;  // or, if empty,
  ChunkRef chunk;
};

class KeptValue {
 public:
  // False when `text` is not a kept value; the object is then empty.
  bool ParseUntrusted(std::string_view text);

  const std::vector<KeptPiece>& pieces() const { return pieces_; }
  uint64_t size_bytes() const { return size_bytes_; }

 private:
  bool Read(std::string_view text);

  std::vector<KeptPiece> pieces_;
  uint64_t size_bytes_ = 0;
};

// The body of a log record is always one chunk, in a form whose parts SQL can take:
//
//   body [ hash 8 ][ stored, ms 8 ][ size 4 ]
void AppendKeptBody(const ChunkRef& chunk, std::string& out);
bool ParseKeptBodyUntrusted(std::string_view text, ChunkRef& chunk);

}  // namespace telltale
