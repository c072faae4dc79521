#include "content/content_keeper.h"

#include "block/native.h"
#include "content/word_groups.h"

namespace telltale {

void AppendChunkSource(const FreshChunk& chunk, std::string& out) {
  out += static_cast<char>(chunk.place);
  AppendString(chunk.field, out);
  AppendString(chunk.owner.service, out);
  out += chunk.owner.name;
}

ChunkSource ParseChunkSourceUntrusted(std::string_view bytes) {
  ChunkSource source;
  if (bytes.empty()) return source;
  const auto place = static_cast<ChunkPlace>(bytes.front());
  if (place > ChunkPlace::kLogAttribute) return source;
  size_t at = 1;
  const auto take = [&](std::string_view& text) {
    uint64_t size = 0;
    for (int shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
      const auto byte = static_cast<uint8_t>(bytes[at++]);
      size |= uint64_t{byte & 0x7fu} << shift;
      if (byte >= 0x80) continue;
      if (size > bytes.size() - at) return false;
      text = bytes.substr(at, size);
      at += size;
      return true;
    }
    return false;
  };
  std::string_view field, service;
  if (!take(field) || !take(service)) return source;
  const std::string_view name = bytes.substr(at);
  return {.place = place, .field = field, .service = service, .name = name};
}

bool ContentKeeper::Keep(std::string_view value, std::string& out) {
  if (value.size() < kKeptBytesMin) return false;
  CutUntrusted(value, pieces_);
  keys_.clear();
  for (const Piece& piece : pieces_) {
    if (piece.is_chunk) {
      keys_.push_back(KeyOf(piece.bytes));
    } else {
      Say(piece.bytes);
    }
  }
  AppendKeptValue(pieces_, keys_, out);
  return true;
}

bool ContentKeeper::KeepBody(std::string_view body, std::string& out) {
  if (body.size() < kKeptBytesMin) return false;
  AppendKeptBody({.key = KeyOf(body), .size_bytes = body.size()}, out);
  return true;
}

void ContentKeeper::Say(std::string_view text) {
  if (owner_.trace_id.IsZero() || !HasWords(text)) return;
  KeyOf(text);
}

ChunkKey ContentKeeper::KeyOf(std::string_view chunk) {
  const ChunkHash hash = HashOfChunk(chunk);
  if (!IsFresh(hash)) {
    if (const uint64_t stored = recent_.Find(hash, received_unix_ms_); stored != 0) {
      return {.stored_unix_ms = stored, .hash = hash.low};
    }
    AddFresh(hash, chunk);
  }
  return {.stored_unix_ms = received_unix_ms_, .hash = hash.low};
}

bool ContentKeeper::IsFresh(const ChunkHash& hash) const {
  for (size_t at = hash.low & (slots_.size() - 1); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
    if (fresh_[slots_[at] - 1].hash == hash) return true;
  }
  return false;
}

void ContentKeeper::AddFresh(const ChunkHash& hash, std::string_view chunk) {
  fresh_.push_back({.hash = hash, .bytes = chunk, .owner = owner_, .place = place_, .field = field_});
  const auto place = [&](size_t number) {
    size_t at = fresh_[number - 1].hash.low & (slots_.size() - 1);
    while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = static_cast<uint32_t>(number);
  };
  if (fresh_.size() * 2 <= slots_.size()) {
    place(fresh_.size());
    return;
  }
  slots_.assign(slots_.size() * 4, 0);
  for (size_t number = 1; number <= fresh_.size(); ++number) place(number);
}

}  // namespace telltale
