#include "query/content_joiner.h"

#include <algorithm>
#include <utility>

#include "base/counters.h"
#include "block/native.h"
#include "query/statement.h"

namespace telltale {
namespace {

// One question's keys and what they bring. The engine's limit on the text of a question is
// 256 KiB, of which a key takes 36 bytes at most.
constexpr size_t kKeysMax = 2'000;
constexpr uint64_t kBytesMax = 32'000'000;

bool HasKept(std::string_view types) {
  return std::ranges::any_of(types, IsKeptLetter);
}

char LetterOf(const StoredAttribute& attribute) {
  return static_cast<char>(attribute.type);
}

QueryRequest ChunksStatement(const std::vector<ChunkKey>& keys) {
  std::string stored, hashes;
  for (const ChunkKey& key : keys) {
    stored += (stored.empty() ? "" : ",") + std::to_string(key.stored_unix_ms);
    hashes += (hashes.empty() ? "" : ",") + std::to_string(key.hash);
  }
  Statement sql("SELECT stored, hash, bytes FROM content PREWHERE stored IN (");
  sql << stored << ") AND hash IN (" << hashes << ")";
  return sql.Take("max_threads = 1");
}

}  // namespace

bool ContentJoiner::Fits(uint64_t size_bytes) {
  const bool is_first = attributes_.empty() && bodies_.empty();
  if (!is_first && size_bytes > bytes_max_ - std::min(size_bytes_, bytes_max_)) return false;
  size_bytes_ += size_bytes;
  return true;
}

bool ContentJoiner::Add(StoredAttributes& attributes) {
  if (!HasKept(attributes.types)) return true;
  uint64_t size = attributes.entries.size();
  const auto each_kept = [&](const auto& use) {
    StoredAttribute attribute;
    for (AttributeReader reader(attributes); reader.Next(attribute);) {
      if (IsKeptLetter(LetterOf(attribute)) && kept_.ParseUntrusted(attribute.text)) use();
    }
  };
  each_kept([&] { size += kept_.size_bytes(); });
  if (!Fits(size)) return false;
  attributes_.push_back(&attributes);
  each_kept([&] {
    for (const KeptPiece& piece : kept_.pieces()) {
      if (piece.literal.empty()) Want(piece.chunk);
    }
  });
  return true;
}

bool ContentJoiner::Add(StoredAttribute& body) {
  if (!IsKeptLetter(LetterOf(body))) return true;
  ChunkRef chunk;
  const bool is_whole = ParseKeptBodyUntrusted(body.text, chunk);
  if (!Fits(chunk.size_bytes)) return false;
  bodies_.push_back(&body);
  if (is_whole) Want(chunk);
  return true;
}

Status ContentJoiner::Run() {
  std::vector<QueryResult> results;
  TELLTALE_RETURN_IF_ERROR(ReadChunks(results));
  for (StoredAttributes* attributes : attributes_) Join(*attributes);
  for (StoredAttribute* body : bodies_) Join(*body);
  return {};
}

Status ContentJoiner::ReadChunks(std::vector<QueryResult>& results) {
  // What was stored together lies together.
  std::vector<std::pair<ChunkKey, uint64_t>> wanted;
  for (const auto& [key, chunk] : chunks_) wanted.emplace_back(key, chunk.size_bytes);
  std::ranges::sort(wanted, {},
                    [](const auto& each) { return std::pair(each.first.stored_unix_ms, each.first.hash); });
  for (size_t next = 0; next < wanted.size();) {
    std::vector<ChunkKey> keys;
    for (uint64_t bytes = 0; next < wanted.size() && keys.size() < kKeysMax; ++next) {
      bytes += wanted[next].second;
      if (!keys.empty() && bytes > kBytesMax) break;
      keys.push_back(wanted[next].first);
    }
    TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine_.Query(ChunksStatement(keys)));
    results.push_back(std::move(result));
    Take(results.back().bytes);
  }
  return {};
}

void ContentJoiner::Take(std::string_view rows) {
  for (RowReader row(rows); !row.done();) {
    ChunkKey key;
    key.stored_unix_ms = row.Number<uint64_t>();
    key.hash = row.Number<uint64_t>();
    const std::string_view bytes = row.String();
    const auto wanted = chunks_.find(key);
    if (wanted == chunks_.end() || wanted->second.size_bytes != bytes.size()) continue;
    wanted->second.bytes = bytes;
    wanted->second.found = true;
  }
}

bool ContentJoiner::AppendChunk(const ChunkRef& chunk) {
  const auto wanted = chunks_.find(chunk.key);
  if (wanted != chunks_.end() && wanted->second.found && wanted->second.size_bytes == chunk.size_bytes) {
    value_ += wanted->second.bytes;
    return true;
  }
  value_ += "[telltale: " + std::to_string(chunk.size_bytes) + " bytes that were here are not in the store]";
  Count(Counter::kContentMissing);
  return false;
}

uint32_t ContentJoiner::JoinValue(std::string_view text) {
  value_.clear();
  if (!kept_.ParseUntrusted(text)) {
    value_ = "[telltale: what was here cannot be read]";
    Count(Counter::kContentMissing);
    return 1;
  }
  uint32_t missing = 0;
  for (const KeptPiece& piece : kept_.pieces()) {
    if (piece.literal.empty()) {
      missing += !AppendChunk(piece.chunk);
    } else {
      value_ += piece.literal;
    }
  }
  return missing;
}

void ContentJoiner::Join(StoredAttributes& attributes) {
  entries_.clear();
  std::string types(attributes.types);
  std::ranges::transform(types, types.begin(), PlainLetterOf);
  StoredAttribute attribute;
  for (AttributeReader reader(attributes); reader.Next(attribute);) {
    AppendString(attribute.key, entries_);
    if (IsKeptLetter(LetterOf(attribute))) {
      attributes.missing_chunks += JoinValue(attribute.text);
      AppendString(value_, entries_);
    } else {
      AppendString(attribute.text, entries_);
    }
  }
  attributes.entries = arena_.Copy(entries_);
  attributes.types = arena_.Copy(types);
}

void ContentJoiner::Join(StoredAttribute& body) {
  value_.clear();
  ChunkRef chunk;
  if (ParseKeptBodyUntrusted(body.text, chunk)) {
    AppendChunk(chunk);
  } else {
    value_ = "[telltale: what was here cannot be read]";
    Count(Counter::kContentMissing);
  }
  body.text = arena_.Copy(value_);
  body.type = static_cast<ValueType>(PlainLetterOf(LetterOf(body)));
}

}  // namespace telltale
