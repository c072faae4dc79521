// Puts values back whose content is kept once (content/kept_value.h): what the engine sends
// of them are references.
//
//   ContentJoiner joiner(engine, bytes_max, arena);
//   for (SpanRow& row : rows) if (!joiner.Add(row.attributes)) break;   // no more fits
//   TELLTALE_RETURN_IF_ERROR(joiner.Run());   // now they read as they were sent
//
// Two steps, because a chunk is read by its key: all references first, then all chunks once.
// A chunk that is not there is told in its place in the value, counted (content_missing), and
// in StoredAttributes::missing_chunks.
//
// Ownership      What is added must stay where it is until Run; afterwards its views point
//                into `arena` where they do not point where they did.
// Failure        As Engine::Query; nothing that was added has changed then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "content/kept_value.h"
#include "query/columns.h"
#include "store/engine.h"

namespace telltale {

class ContentJoiner {
 public:
  ContentJoiner(Engine& engine, size_t bytes_max, Arena& arena)
      : engine_(engine), bytes_max_(bytes_max), arena_(arena) {}

  // False: joined, it would pass the limit together with what was added before, and it was
  // not added. The first is always added. What has nothing to put back is left as it is.
  bool Add(StoredAttributes& attributes);
  // A log record's body, whose type is its letter as stored.
  bool Add(StoredAttribute& body);

  Status Run();

  // Of what has something to put back, once joined.
  size_t size_bytes() const { return size_bytes_; }

 private:
  struct KeyHash {
    size_t operator()(const ChunkKey& key) const { return key.hash ^ (key.stored_unix_ms << 20); }
  };
  struct Wanted {
    uint64_t size_bytes = 0;
    std::string_view bytes;
    bool found = false;
  };

  bool Fits(uint64_t size_bytes);
  void Want(const ChunkRef& chunk) { chunks_.try_emplace(chunk.key, Wanted{.size_bytes = chunk.size_bytes}); }
  Status ReadChunks(std::vector<QueryResult>& results);
  void Take(std::string_view rows);
  // Appends the bytes to value_; false: they are missing, and value_ says so.
  bool AppendChunk(const ChunkRef& chunk);
  // Writes the value to value_ and gives the number of its chunks that are missing.
  uint32_t JoinValue(std::string_view text);
  void Join(StoredAttributes& attributes);
  void Join(StoredAttribute& body);

  Engine& engine_;
  const size_t bytes_max_;
  Arena& arena_;
  size_t size_bytes_ = 0;
  std::vector<StoredAttributes*> attributes_;
  std::vector<StoredAttribute*> bodies_;
  std::unordered_map<ChunkKey, Wanted, KeyHash> chunks_;
  KeptValue kept_;
  std::string value_;
  std::string entries_;
};

}  // namespace telltale
