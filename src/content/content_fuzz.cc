// Any bytes as a value: its pieces are its bytes, and what was kept of it joins to it again.
// Any bytes as a kept value: never a crash.
#include <unordered_map>

#include "base/check.h"
#include "content/content_keeper.h"

namespace {

void CheckRoundTrip(std::string_view value) {
  using namespace telltale;
  static RecentChunks recent;  // nothing is remembered, so every chunk is fresh
  ContentKeeper keeper(recent, 1'764'028'800'000);
  std::string text;
  if (!keeper.Keep(value, text)) return;
  TELLTALE_CHECK(text.starts_with(KeptBeginning(value)), "the beginning depends on more than the value");
  std::unordered_map<uint64_t, std::string_view> chunks;
  for (const FreshChunk& chunk : keeper.fresh()) chunks[chunk.hash.low] = chunk.bytes;
  KeptValue kept;
  TELLTALE_CHECK(kept.ParseUntrusted(text), "a kept value cannot be read");
  std::string joined;
  for (const KeptPiece& piece : kept.pieces()) {
    joined += piece.literal.empty() ? chunks.at(piece.chunk.key.hash) : piece.literal;
  }
  TELLTALE_CHECK(joined == value, "a kept value joins to another");
  TELLTALE_CHECK(kept.size_bytes() == value.size(), "a kept value has another size");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  KeptValue kept;
  kept.ParseUntrusted(bytes);
  ChunkRef chunk;
  ParseKeptBodyUntrusted(bytes, chunk);
  ParseChunkSourceUntrusted(bytes);

  std::vector<Piece> pieces;
  CutUntrusted(bytes, pieces);
  std::string joined;
  for (const Piece& piece : pieces) joined += piece.bytes;
  TELLTALE_CHECK(joined == bytes, "the pieces are not the value");
  TELLTALE_CHECK(pieces.size() <= kPiecesMax, "more pieces than the limit");

  CheckRoundTrip(bytes);
  // Elements large enough to be cut, around and inside of what came.
  const std::string filler = "{\"x\":\"" + std::string(kChunkBytesMin * 8, 'x') + "\"}";
  CheckRoundTrip("[" + filler + std::string(bytes) + "," + filler + "]");
  CheckRoundTrip("[" + std::string(bytes) + filler + std::string(bytes) + "]");
  return 0;
}
