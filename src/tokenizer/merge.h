// Byte pair encoding of one piece: of all neighbours that together are a token, the pair
// with the smallest id is merged, the leftmost among equals, until there is none.
//
//   Merger merger;
//   std::span<const uint32_t> ids = merger.Merge(*vocabulary, " unhappily", text_end);
//
// Ownership      What Merge gives is valid until the next Merge.
// Thread safety  One thread at a time.
// Failure        None: a piece of any bytes has tokens.
// Cost           Short pieces: a scan for the smallest per merge, in a few cache lines.
//                Long ones: a queue by rank, linear for all but texts made to defeat it, which
//                cost a logarithm more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/rank_queue.h"
#include "tokenizer/vocabulary.h"

namespace telltale {

class Merger {
 public:
  // `text_end` >= piece.end(): up to there bytes may be read. REQUIRES: piece is not empty.
  std::span<const uint32_t> Merge(const Vocabulary& vocabulary, std::string_view piece, const char* text_end);

 private:
  // One part of the piece, in a list in the order of the text.
  struct Part {
    uint32_t begin;
    uint32_t next;  // index of the part after it; the last has the index of the end
    uint32_t previous;
    uint32_t id;
    uint32_t rank;  // of the pair that it makes with `next`
  };

  std::span<const uint32_t> MergeShort(const Vocabulary& vocabulary, std::string_view piece,
                                       const char* text_end);
  std::span<const uint32_t> MergeLong(const Vocabulary& vocabulary, std::string_view piece,
                                      const char* text_end);
  void PushPair(const Vocabulary& vocabulary, std::string_view piece, const char* text_end, uint32_t at);

  std::vector<uint32_t> ids_;
  std::vector<Part> parts_;
  RankQueue queue_;
};

}  // namespace telltale
