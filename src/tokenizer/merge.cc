#include "tokenizer/merge.h"

#include <algorithm>
#include <array>

namespace telltale {
namespace {

// Beyond this many bytes the queue is quicker than scanning for the smallest rank.
constexpr size_t kScanMax = 96;

// The id of the token that the bytes [begin, end) of the piece are.
uint32_t RankOf(const Vocabulary& vocabulary, std::string_view piece, const char* text_end, size_t begin,
                size_t end) {
  const char* p = piece.data() + begin;
  const size_t size = end - begin;
  if (size == 2) return vocabulary.FindBytePair(static_cast<uint8_t>(p[0]), static_cast<uint8_t>(p[1]));
  if (size <= kShortMax) return vocabulary.FindShort(LoadShortKey(p, size, text_end));
  return vocabulary.FindLong({p, size});
}

}  // namespace

std::span<const uint32_t> Merger::Merge(const Vocabulary& vocabulary, std::string_view piece,
                                        const char* text_end) {
  return piece.size() <= kScanMax ? MergeShort(vocabulary, piece, text_end)
                                  : MergeLong(vocabulary, piece, text_end);
}

std::span<const uint32_t> Merger::MergeShort(const Vocabulary& vocabulary, std::string_view piece,
                                             const char* text_end) {
  // Part i is [begins[i], begins[i + 1]); ranks[i] is that of the pair of parts i and i + 1.
  std::array<uint8_t, kScanMax + 1> begins;
  std::array<uint32_t, kScanMax> ranks;
  size_t parts = piece.size();
  ids_.resize(parts);
  for (size_t i = 0; i < parts; ++i) {
    begins[i] = static_cast<uint8_t>(i);
    ids_[i] = vocabulary.ByteId(static_cast<uint8_t>(piece[i]));
    if (i + 1 < parts) {
      ranks[i] = vocabulary.FindBytePair(static_cast<uint8_t>(piece[i]), static_cast<uint8_t>(piece[i + 1]));
    }
  }
  begins[parts] = static_cast<uint8_t>(parts);

  while (parts > 1) {
    const auto least = std::min_element(ranks.begin(), ranks.begin() + (parts - 1));
    if (*least == kNoToken) break;
    const auto at = static_cast<size_t>(least - ranks.begin());
    ids_[at] = *least;
    --parts;
    std::copy(begins.begin() + at + 2, begins.begin() + parts + 2, begins.begin() + at + 1);
    std::copy(ids_.begin() + static_cast<ptrdiff_t>(at) + 2, ids_.begin() + static_cast<ptrdiff_t>(parts) + 1,
              ids_.begin() + static_cast<ptrdiff_t>(at) + 1);
    if (at + 1 < parts) {
      std::copy(ranks.begin() + at + 2, ranks.begin() + parts, ranks.begin() + at + 1);
      ranks[at] = RankOf(vocabulary, piece, text_end, begins[at], begins[at + 2]);
    }
    if (at > 0) ranks[at - 1] = RankOf(vocabulary, piece, text_end, begins[at - 1], begins[at + 1]);
  }
  return std::span(ids_).first(parts);
}

std::span<const uint32_t> Merger::MergeLong(const Vocabulary& vocabulary, std::string_view piece,
                                            const char* text_end) {
  const auto size = static_cast<uint32_t>(piece.size());
  parts_.resize(size + 1);
  queue_.Clear(vocabulary.ids_end());
  for (uint32_t i = 0; i < size; ++i) {
    parts_[i] = {.begin = i,
                 .next = i + 1,
                 .previous = i == 0 ? size : i - 1,
                 .id = vocabulary.ByteId(static_cast<uint8_t>(piece[i])),
                 .rank = kNoToken};
  }
  parts_[size] = {.begin = size, .next = size, .previous = size - 1, .id = kNoToken, .rank = kNoToken};
  for (uint32_t i = 0; i < size; ++i) PushPair(vocabulary, piece, text_end, i);

  uint32_t rank = 0;
  uint32_t at = 0;
  while (queue_.Pop(rank, at)) {
    Part& part = parts_[at];
    // An entry is of the past when its part has been merged away or has another neighbour.
    if (part.id == kNoToken || part.rank != rank) continue;
    Part& merged = parts_[part.next];
    part.id = rank;
    part.next = merged.next;
    parts_[part.next].previous = at;
    merged.id = kNoToken;
    if (at != 0) PushPair(vocabulary, piece, text_end, part.previous);
    PushPair(vocabulary, piece, text_end, at);
  }

  ids_.clear();
  for (uint32_t i = 0; i < size; i = parts_[i].next) ids_.push_back(parts_[i].id);
  return ids_;
}

// Finds the rank of the pair that begins with part `at` and, where it is a token, puts
// it into the queue.
void Merger::PushPair(const Vocabulary& vocabulary, std::string_view piece, const char* text_end,
                      uint32_t at) {
  Part& part = parts_[at];
  const Part& next = parts_[part.next];
  part.rank = next.begin == piece.size()
                  ? kNoToken
                  : RankOf(vocabulary, piece, text_end, part.begin, parts_[next.next].begin);
  if (part.rank != kNoToken) queue_.Push(part.rank, at);
}

}  // namespace telltale
