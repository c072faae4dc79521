#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/check.h"
#include "base/mutex.h"
#include "tokenizer/embedded.h"
#include "tokenizer/encodings.h"
#include "tokenizer/merge.h"
#include "tokenizer/nfc.h"
#include "tokenizer/piece_cache.h"
#include "tokenizer/split.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocabulary.h"

namespace telltale {
namespace {

// Enough that cutting and looking up do not wait for each other, and the ends of one
// batch still lie in the nearest cache.
constexpr size_t kBatch = 256;

// What one thread needs to tokenize: memory that it uses again and again.
class Workshop {
 public:
  static Workshop& OfThisThread() {
    static thread_local Workshop workshop;
    return workshop;
  }

  struct Caches {
    PieceCache pieces;
    LongPieceCache long_pieces;
  };

  Caches& CachesOf(const Vocabulary& vocabulary) {
    for (Kept& kept : kept_) {
      if (kept.serial == vocabulary.serial()) return *kept.caches;
    }
    Kept& kept = kept_[next_++ % kept_.size()];
    kept = {vocabulary.serial(), std::make_unique<Caches>()};
    return *kept.caches;
  }

  Merger& merger() { return merger_; }

 private:
  // As many vocabularies as a server meets; the first ones make room for more.
  static constexpr size_t kCachesMax = 8;
  struct Kept {
    uint64_t serial = 0;
    std::unique_ptr<Caches> caches;
  };

  std::array<Kept, kCachesMax> kept_;
  size_t next_ = 0;
  Merger merger_;
};

class CountSink {
 public:
  static constexpr uint32_t kCountMax = UINT32_MAX;  // of a cached answer that can be used

  void Expect(size_t /*pieces*/) {}
  void Take(const PieceCache::Entry& entry) { tokens_ += entry.count(); }
  bool TakeLong(const LongPieceCache::Entry& entry) {
    tokens_ += entry.count;
    return true;
  }
  void Take(std::span<const uint32_t> ids) { tokens_ += ids.size(); }
  uint64_t tokens() const { return tokens_; }

 private:
  uint64_t tokens_ = 0;
};

class IdSink {
 public:
  static constexpr uint32_t kCountMax = PieceCache::kIdsInline;

  // Most texts have fewer than a token in three bytes: memory is then asked for once.
  IdSink(std::vector<uint32_t>& ids, size_t text_bytes) : ids_(ids), size_(ids.size()) {
    room_ = text_bytes / 3;
    Reserve();
  }
  ~IdSink() { ids_.resize(size_); }
  IdSink(const IdSink&) = delete;

  // Room for the cached answers of so many pieces.
  void Expect(size_t pieces) {
    room_ = pieces * PieceCache::kIdsInline;
    MakeRoom();
  }
  void Take(const PieceCache::Entry& entry) {
    uint32_t* out = ids_.data() + size_;
    std::copy_n(entry.words, PieceCache::kIdsInline, out);
    *out = entry.first_id();
    size_ += entry.count();
  }
  // False where not all ids are in the entry.
  bool TakeLong(const LongPieceCache::Entry& entry) {
    if (entry.count > LongPieceCache::kIdsInline) return false;
    Take(std::span(entry.ids, entry.count));
    return true;
  }
  void Take(std::span<const uint32_t> ids) {
    ids_.resize(size_);
    ids_.insert(ids_.end(), ids.begin(), ids.end());
    size_ = ids_.size();
    MakeRoom();
  }

 private:
  void MakeRoom() {
    Reserve();
    ids_.resize(size_ + room_);
  }
  void Reserve() {
    if (ids_.capacity() < size_ + room_) ids_.reserve(std::max(ids_.capacity() * 2, size_ + room_));
  }

  std::vector<uint32_t>& ids_;
  size_t size_;  // beyond it lies only room
  size_t room_ = 0;
};

// One text on its way into a sink.
template <typename Sink>
class Run {
 public:
  Run(const Encoding& encoding, const Vocabulary& vocabulary, Sink& sink)
      : rule_(encoding.rule),
        vocabulary_(vocabulary),
        caches_(Workshop::OfThisThread().CachesOf(vocabulary)),
        merger_(Workshop::OfThisThread().merger()),
        sink_(sink) {}

  // REQUIRES: valid UTF-8.
  void Text(std::string_view text) {
    Splitter splitter(rule_, text);
    std::array<const char*, kBatch> ends;
    const char* begin = text.data();
    const char* const text_end = text.data() + text.size();
    while (const size_t pieces = splitter.Next(ends)) {
      sink_.Expect(pieces);
      Pieces(begin, std::span(ends).first(pieces), text_end);
      begin = ends[pieces - 1];
    }
  }

 private:
  // The sets are fetched for all pieces before the first is looked up: a cache of this size
  // is further away than the next few instructions can wait for.
  void Pieces(const char* begin, std::span<const char* const> ends, const char* text_end) {
    std::array<Short, kBatch> shorts;
    const char* p = begin;
    for (size_t i = 0; i < ends.size(); ++i) {
      const auto size = static_cast<size_t>(ends[i] - p);
      shorts[i].key = LoadShortKey(p, std::min(size, kShortMax), text_end);
      shorts[i].set = &caches_.pieces.SetOf(shorts[i].key);
      __builtin_prefetch(shorts[i].set);
      p = ends[i];
    }
    for (size_t i = 0; i < ends.size(); ++i) {
      const std::string_view piece(begin, static_cast<size_t>(ends[i] - begin));
      begin = ends[i];
      if (piece.size() > kShortMax) [[unlikely]] {
        LongPiece(piece, text_end);
        continue;
      }
      const PieceCache::Entry& entry = shorts[i].set->Find(shorts[i].key);
      const bool known = entry.key == shorts[i].key;
      if (known && entry.count() <= Sink::kCountMax) [[likely]] {
        sink_.Take(entry);
      } else {
        NewPiece(shorts[i], piece, text_end, known);
      }
    }
  }

  struct Short {
    ShortKey key;
    PieceCache::Set* set;
  };

  [[gnu::noinline]] void NewPiece(const Short& place, std::string_view piece, const char* text_end,
                                  bool known) {
    const uint32_t id = vocabulary_.FindShort(place.key);
    const std::span<const uint32_t> ids =
        id != kNoToken ? std::span(&id, 1) : merger_.Merge(vocabulary_, piece, text_end);
    if (!known) {
      PieceCache::Entry entry = {.key = place.key};
      std::copy_n(ids.begin(), std::min(ids.size(), PieceCache::kIdsInline), entry.words);
      entry.words[0] |= static_cast<uint32_t>(ids.size()) << 24;
      place.set->Insert(entry);
    }
    sink_.Take(ids);
  }

  [[gnu::noinline]] void LongPiece(std::string_view piece, const char* text_end) {
    TELLTALE_CHECK(piece.size() < UINT32_MAX, "a piece of 4 GiB");
    if (piece.size() > LongPieceCache::kPieceMax) return sink_.Take(NewLongPiece(piece, text_end));
    LongPieceCache::Entry& entry = caches_.long_pieces.EntryOf(piece);
    if (entry.Holds(piece) && sink_.TakeLong(entry)) return;
    const std::span<const uint32_t> ids = NewLongPiece(piece, text_end);
    entry.Keep(piece, ids);
    sink_.Take(ids);
  }

  // Valid until the next piece.
  std::span<const uint32_t> NewLongPiece(std::string_view piece, const char* text_end) {
    whole_id_ = vocabulary_.FindLong(piece);
    return whole_id_ != kNoToken ? std::span<const uint32_t>(&whole_id_, 1)
                                 : merger_.Merge(vocabulary_, piece, text_end);
  }

  const SplitRule rule_;
  const Vocabulary& vocabulary_;
  Workshop::Caches& caches_;
  Merger& merger_;
  Sink& sink_;
  uint32_t whole_id_ = kNoToken;
};

// The special token that begins where `text` begins.
const SpecialToken* SpecialAt(const Encoding& encoding, std::string_view text) {
  const auto found = std::ranges::find_if(
      encoding.special, [text](const SpecialToken& token) { return text.starts_with(token.text); });
  return found == encoding.special.end() ? nullptr : &*found;
}

constexpr std::string_view kReserved = "<|reserved_";
constexpr std::string_view kReservedEnd = "|>";

bool IsReserved(const Encoding& encoding, uint32_t id) {
  return id >= encoding.reserved_begin && id < encoding.reserved_end &&
         std::ranges::find(encoding.special, id, &SpecialToken::id) == encoding.special.end();
}

// <|reserved_N|> at the beginning of `text`: its size and id.
bool ReadReserved(const Encoding& encoding, std::string_view text, SpecialToken& token) {
  if (!text.starts_with(kReserved)) return false;
  const char* const begin = text.data() + kReserved.size();
  const char* const end = text.data() + text.size();
  const auto [after, failed] = std::from_chars(begin, end, token.id);
  if (failed != std::errc() || *begin == '0' || !IsReserved(encoding, token.id)) return false;
  if (!std::string_view(after, static_cast<size_t>(end - after)).starts_with(kReservedEnd)) return false;
  token.text = text.substr(0, static_cast<size_t>(after - text.data()) + kReservedEnd.size());
  return true;
}

// All special tokens begin with "<".
template <typename Sink>
void RunWithSpecial(const Encoding& encoding, std::string_view text, Run<Sink>& run, Sink& sink) {
  size_t from = 0;
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const std::string_view rest = text.substr(at);
    SpecialToken token;
    if (const SpecialToken* named = SpecialAt(encoding, rest)) {
      token = *named;
    } else if (!ReadReserved(encoding, rest, token)) {
      ++at;
      continue;
    }
    run.Text(text.substr(from, at - from));
    sink.Take(std::span<const uint32_t>(&token.id, 1));
    at += token.text.size();
    from = at;
  }
  run.Text(text.substr(from));
}

template <typename Sink>
void RunInto(const Encoding& encoding, const Vocabulary& vocabulary, std::string_view text,
             SpecialText special, Sink& sink) {
  std::string repaired;
  text = RepairedUtf8(text, repaired);
  std::string composed;
  if (encoding.nfc) text = ComposedNfc(text, composed);
  Run<Sink> run(encoding, vocabulary, sink);
  if (special == SpecialText::kOrdinary) return run.Text(text);
  RunWithSpecial(encoding, text, run, sink);
}

// What was opened so far; nothing is ever closed.
class Opened {
 public:
  static Opened& Instance() {
    static Opened* const opened = new Opened;
    return *opened;
  }

  Result<const Tokenizer*> Get(const Encoding& encoding) {
    MutexLock lock(mu_);
    auto& tokenizer = tokenizers_[encoding.name];
    if (tokenizer == nullptr) {
      TELLTALE_ASSIGN_OR_RETURN(const Vocabulary* vocabulary, OpenLocked(encoding));
      tokenizer = std::make_unique<Tokenizer>(encoding, *vocabulary);
    }
    return tokenizer.get();
  }

 private:
  Result<const Vocabulary*> OpenLocked(const Encoding& encoding) TELLTALE_REQUIRES(mu_) {
    auto& vocabulary = vocabularies_[{encoding.vocabulary, encoding.ids_end}];
    if (vocabulary == nullptr) {
      const std::string_view packed = EmbeddedVocabulary(encoding.vocabulary);
      if (packed.empty()) {
        return Fail(ErrorCode::kUnavailable,
                    "count with " + std::string(encoding.name) + ": vocabulary " +
                        std::string(encoding.vocabulary) + ": this program was built without it",
                    "./dev build fetches it from its registry and builds it in");
      }
      TELLTALE_ASSIGN_OR_RETURN(vocabulary, Vocabulary::Unpack(packed, encoding.ids_end));
    }
    return vocabulary.get();
  }

  Mutex mu_;
  std::map<std::pair<std::string_view, uint32_t>, std::unique_ptr<const Vocabulary>> vocabularies_
      TELLTALE_GUARDED_BY(mu_);
  std::map<std::string_view, std::unique_ptr<const Tokenizer>> tokenizers_ TELLTALE_GUARDED_BY(mu_);
};

std::string AllNames() {
  std::string names;
  for (const std::string_view name : Tokenizer::Names()) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

}  // namespace

Result<const Tokenizer*> Tokenizer::ForEncoding(std::string_view name) {
  const Encoding* encoding = EncodingByName(name);
  if (encoding == nullptr) {
    return Fail(ErrorCode::kInvalidInput, "find encoding: '" + std::string(name) + "': no such encoding",
                "known are " + AllNames());
  }
  return Opened::Instance().Get(*encoding);
}

Result<const Tokenizer*> Tokenizer::ForModel(std::string_view model) {
  const Encoding* encoding = EncodingOfModel(model);
  if (encoding == nullptr) {
    return Fail(ErrorCode::kInvalidInput,
                "find the encoding of model '" + std::string(model) + "': no row of the table fits",
                "name an encoding instead: " + AllNames());
  }
  return Opened::Instance().Get(*encoding);
}

std::vector<std::string_view> Tokenizer::Names() {
  std::vector<std::string_view> names;
  for (const Encoding& encoding : Encodings()) names.push_back(encoding.name);
  return names;
}

std::string_view Tokenizer::encoding() const {
  return encoding_.name;
}

uint64_t Tokenizer::Count(std::string_view text, SpecialText special) const {
  CountSink sink;
  RunInto(encoding_, vocabulary_, text, special, sink);
  return sink.tokens();
}

void Tokenizer::Encode(std::string_view text, std::vector<uint32_t>& ids, SpecialText special) const {
  IdSink sink(ids, text.size());
  RunInto(encoding_, vocabulary_, text, special, sink);
}

Status Tokenizer::Decode(std::span<const uint32_t> ids, std::string& text) const {
  const size_t size_before = text.size();
  for (const uint32_t id : ids) {
    if (const std::string_view bytes = vocabulary_.Bytes(id); !bytes.empty()) {
      text += bytes;
      continue;
    }
    const auto special = std::ranges::find(encoding_.special, id, &SpecialToken::id);
    if (special != encoding_.special.end()) {
      text += special->text;
    } else if (IsReserved(encoding_, id)) {
      text.append(kReserved).append(std::to_string(id)).append(kReservedEnd);
    } else {
      text.resize(size_before);
      return Fail(ErrorCode::kInvalidInput,
                  "decode token " + std::to_string(id) + ": " + std::string(encoding_.name) + " has none");
    }
  }
  return {};
}

bool Tokenizer::knows_chat() const {
  return encoding_.openai_chat;
}

uint64_t Tokenizer::CountChat(std::span<const ChatMessage> messages) const {
  constexpr uint64_t kPerMessage = 3;
  constexpr uint64_t kPerName = 1;
  constexpr uint64_t kAnswerPriming = 3;
  uint64_t tokens = knows_chat() ? kAnswerPriming : 0;
  for (const ChatMessage& message : messages) {
    if (!knows_chat()) {
      tokens += Count(message.content);
      continue;
    }
    tokens += kPerMessage + Count(message.role) + Count(message.content);
    if (!message.name.empty()) tokens += kPerName + Count(message.name);
  }
  return tokens;
}

}  // namespace telltale
