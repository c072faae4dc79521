#include "tokenizer/vocabulary.h"

#include <zstd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace telltale {
namespace {

// The largest known vocabulary unpacks to 2 MB.
constexpr size_t kUnpackedBytesMax = 64u << 20;
// An id and a count share 32 bits in a cached answer.
constexpr uint32_t kIdsMax = 1u << 24;

Error Broken(std::string why) {
  return {ErrorCode::kCorrupt, "open vocabulary: " + std::move(why), "build again; ./dev fetches it"};
}

uint64_t NextSerial() {
  static std::atomic<uint64_t> last = 0;
  return ++last;
}

}  // namespace

Result<std::unique_ptr<const Vocabulary>> Vocabulary::Unpack(std::string_view compressed, uint32_t ids_end) {
  const auto size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kUnpackedBytesMax) {
    return std::unexpected(Broken("not a zstd frame of a known and sensible size"));
  }
  std::string packed(size, '\0');
  const size_t got = ZSTD_decompress(packed.data(), packed.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(got) != 0 || got != size) {
    return std::unexpected(Broken("its zstd frame is broken"));
  }
  return Read(std::move(packed), ids_end);
}

Result<std::unique_ptr<const Vocabulary>> Vocabulary::Read(std::string packed, uint32_t ids_end) {
  std::unique_ptr<Vocabulary> vocabulary(new Vocabulary);
  vocabulary->packed_ = std::move(packed);
  vocabulary->serial_ = NextSerial();
  TELLTALE_RETURN_IF_ERROR(vocabulary->ReadTokens(ids_end));
  TELLTALE_RETURN_IF_ERROR(vocabulary->Index());
  return std::unique_ptr<const Vocabulary>(std::move(vocabulary));
}

Status Vocabulary::ReadTokens(uint32_t ids_end) {
  const std::string_view rest = packed_;
  for (size_t at = 0; at < rest.size() && tokens_.size() < ids_end;) {
    const auto size = static_cast<uint8_t>(rest[at++]);
    if (size > rest.size() - at) return std::unexpected(Broken("its last token is cut"));
    if (tokens_.size() == kIdsMax) return std::unexpected(Broken("more than 2^24 ids"));
    tokens_.push_back(rest.substr(at, size));
    at += size;
    size_bytes_max_ = std::max<size_t>(size_bytes_max_, size);
  }
  return {};
}

Status Vocabulary::Index() {
  size_t short_tokens = 0;
  for (const std::string_view token : tokens_) short_tokens += token.size() <= kShortMax ? 1 : 0;
  slots_.resize(std::bit_ceil(std::max<size_t>(8, short_tokens) * 2));
  slot_mask_ = slots_.size() - 1;
  slot_shift_ = 64 - std::countr_zero(slots_.size());
  filter_.assign((size_t{1} << kFilterBits) / 64, 0);
  byte_ids_.assign(256, kNoToken);
  byte_pairs_.assign(size_t{1} << 16, kNoToken);

  for (uint32_t id = 0; id < tokens_.size(); ++id) {
    const std::string_view token = tokens_[id];
    if (token.empty()) continue;
    if (Find(token) != kNoToken) return std::unexpected(Broken("a token has two ids"));
    if (token.size() > kShortMax) {
      long_ids_.emplace(token, id);
      continue;
    }
    InsertShort(LoadShortKey(token.data(), token.size(), token.data() + token.size()), id);
    const auto first = static_cast<uint8_t>(token[0]);
    if (token.size() == 1) byte_ids_[first] = id;
    if (token.size() == 2) byte_pairs_[static_cast<size_t>(first) << 8 | static_cast<uint8_t>(token[1])] = id;
  }
  // Without them there would be texts that have no tokens.
  if (std::ranges::find(byte_ids_, kNoToken) != byte_ids_.end()) {
    return std::unexpected(Broken("a byte is not a token"));
  }
  return {};
}

void Vocabulary::InsertShort(const ShortKey& key, uint32_t id) {
  const uint64_t bit = key.Hash() >> (64 - kFilterBits);
  filter_[bit / 64] |= 1ull << bit % 64;
  size_t slot = key.Hash() >> slot_shift_;
  while (slots_[slot].id != kNoToken) slot = (slot + 1) & slot_mask_;
  slots_[slot] = {key, id};
}

uint32_t Vocabulary::Find(std::string_view bytes) const {
  if (bytes.empty()) return kNoToken;
  if (bytes.size() > kShortMax) return FindLong(bytes);
  return FindShort(LoadShortKey(bytes.data(), bytes.size(), bytes.data() + bytes.size()));
}

uint32_t Vocabulary::FindLong(std::string_view bytes) const {
  if (bytes.size() > size_bytes_max_) return kNoToken;
  const auto found = long_ids_.find(bytes);
  return found == long_ids_.end() ? kNoToken : found->second;
}

}  // namespace telltale
