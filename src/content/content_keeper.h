// ContentKeeper takes large values out of one batch: each becomes a few references, and the
// bytes that the store does not have yet are gathered to be stored with the batch.
//
//   ContentKeeper keeper(recent, received_unix_ms);
//   for (each value) if (!keeper.Keep(value, out)) AppendString(value, out);
//   Block chunks = encoder.Encode(keeper.fresh(), received_unix_ms);
//   log.Append({chunks, spans}, [&](Status durable) { if (durable) keeper's hashes -> recent; });
//
// Always true: a chunk that a kept value refers to is one that RecentChunks knew for this day,
// or one of fresh(). So a block of rows is whole once it and the chunks of fresh() are stored.
//
// Ownership      `recent` must outlive it; fresh() points into the values.
// Thread safety  One thread at a time.
// Cost           A pass to cut and one to hash: see content_bench.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "content/kept_value.h"
#include "content/recent_chunks.h"
#include "trace/ids.h"

namespace telltale {

// Where a chunk stood when it was new: who asks for a word is shown this. The numbers reach
// disk: append, never renumber.
enum class ChunkPlace : uint8_t {
  kNone = 0,  // in no trace
  kAttribute = 1,
  kEvent = 2,
  kLogBody = 3,
  kLogAttribute = 4,
};

struct ChunkOwner {
  TraceId trace_id;  // zero: none, and nobody searches for its words
  SpanId span_id;
  int64_t start_unix_nano = 0;  // of the span, or the time of the log record
  std::string_view service;
  std::string_view name;  // of the span, or of the log record's event
};

struct FreshChunk {
  ChunkHash hash;
  std::string_view bytes;
  ChunkOwner owner = {};
  ChunkPlace place = ChunkPlace::kNone;
  std::string_view field = {};  // the attribute's key; of a body, the event's name
  int64_t group = 0;            // word_groups.h; 0: its words are not kept
};

// Where it stood, as it is stored: place 1, size of field, field, size of service, service, name.
void AppendChunkSource(const FreshChunk& chunk, std::string& out);
struct ChunkSource {
  ChunkPlace place = ChunkPlace::kNone;
  std::string_view field;
  std::string_view service;
  std::string_view name;
};
// Of anything else nothing.
ChunkSource ParseChunkSourceUntrusted(std::string_view bytes);

// Values below this stay where they are: a chunk of them would cost more than it saves.
inline constexpr size_t kKeptBytesMin = 512;

class ContentKeeper {
 public:
  ContentKeeper(RecentChunks& recent, uint64_t received_unix_ms)
      : recent_(recent), received_unix_ms_(received_unix_ms), slots_(kSlotsMin, 0) {}

  // Appends the kept form of `value` to `out`. False, with `out` unchanged: the value stays.
  bool Keep(std::string_view value, std::string& out);
  // The same for the body of a log record.
  bool KeepBody(std::string_view body, std::string& out);
  // Text that stays where it is, and that is to be found by its words all the same: once a day,
  // as chunks are.
  void Say(std::string_view text);

  // Whose values are kept from here on, and which one is next. The texts must outlive fresh().
  void BeginOwner(const ChunkOwner& owner) { owner_ = owner; }
  void BeginField(ChunkPlace place, std::string_view field) {
    place_ = place;
    field_ = field;
  }

  std::span<const FreshChunk> fresh() const { return fresh_; }
  std::span<FreshChunk> fresh() { return fresh_; }

 private:
  ChunkKey KeyOf(std::string_view chunk);
  bool IsFresh(const ChunkHash& hash) const;
  void AddFresh(const ChunkHash& hash, std::string_view chunk);

  static constexpr size_t kSlotsMin = 256;

  RecentChunks& recent_;
  const uint64_t received_unix_ms_;
  ChunkOwner owner_;
  ChunkPlace place_ = ChunkPlace::kNone;
  std::string_view field_;
  std::vector<FreshChunk> fresh_;
  std::vector<uint32_t> slots_;  // Open addressing over fresh_, numbers from 1; 0 is free.
  std::vector<Piece> pieces_;
  std::vector<ChunkKey> keys_;
};

}  // namespace telltale
