// Where a large value is cut, so that what several values have in common is the same
// pieces: a history of messages that is sent again with one message more.
//
//   [{"role":"user","parts":[ {"type":"text","content":"..."} ]},{"role":"assistant" ...
//   \________ literal ______/ \___________ chunk ___________/ \_______ literal ______ ...
//
//   std::vector<Piece> pieces;
//   CutUntrusted(value, pieces);      // the pieces' bytes, one after the other, are the value
//
// What looks like JSON is cut around the elements of its arrays (the four outermost levels
// of nesting); anything else is one chunk. Where the cuts are depends only on the bytes
// before them and on the element that ends there: what is appended to a value moves no cut.
// Broken JSON is cut somewhere, and still is the sum of its pieces.
//
// Ownership      Pieces point into `value`.
// Thread safety  Stateless.
// Limits         kPiecesMax pieces; the rest of the value is then one piece.
// Cost           One pass, 16 bytes at a time inside of strings.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace telltale {

struct Piece {
  std::string_view bytes;
  bool is_chunk = false;  // else a literal, too small to be worth a place of its own
};

// A reference to a chunk and its row cost about 25 bytes.
inline constexpr size_t kChunkBytesMin = 64;
// Small elements that follow each other are one piece of about this size.
inline constexpr size_t kJoinedBytes = 1024;
inline constexpr size_t kPiecesMax = 4096;

// Replaces what is in `pieces`.
void CutUntrusted(std::string_view value, std::vector<Piece>& pieces);

}  // namespace telltale
