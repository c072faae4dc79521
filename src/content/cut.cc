#include "content/cut.h"

#include <array>
#include <bit>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace telltale {
namespace {

// Levels of nesting, counted over arrays and objects, whose arrays are cut: the parts of a
// message in {"messages":[{"content":[...]}]} are the deepest that senders repeat.
constexpr size_t kDepthMax = 4;

enum class Lexeme : uint8_t { kOther, kString, kOpenArray, kOpenObject, kClose, kComma };

constexpr std::array<Lexeme, 256> kLexemes = [] {
  std::array<Lexeme, 256> lexemes{};
  lexemes['"'] = Lexeme::kString;
  lexemes['['] = Lexeme::kOpenArray;
  lexemes['{'] = Lexeme::kOpenObject;
  lexemes[']'] = Lexeme::kClose;
  lexemes['}'] = Lexeme::kClose;
  lexemes[','] = Lexeme::kComma;
  return lexemes;
}();

constexpr bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// The first quote or backslash at or after `at`.
size_t FindStringEnd(std::string_view text, size_t at) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const auto mask = static_cast<uint32_t>(_mm_movemask_epi8(found));
    if (mask != 0) return at + static_cast<size_t>(std::countr_zero(mask));
  }
#endif
  while (at < text.size() && text[at] != '"' && text[at] != '\\') ++at;
  return at;
}

// The first byte after the string whose first byte after the quote is at `at`.
size_t SkipString(std::string_view text, size_t at) {
  while (true) {
    at = FindStringEnd(text, at);
    if (at >= text.size()) return text.size();
    if (text[at] == '"') return at + 1;
    at += 2;
  }
}

class Cutter {
 public:
  Cutter(std::string_view text, std::vector<Piece>& pieces) : text_(text), pieces_(pieces) {}

  void Run() {
    size_t at = 0;
    while (at < text_.size() && pieces_.size() + kDepthMax + 2 < kPiecesMax) at = Step(at);
    Cut(text_.size());
  }

 private:
  // An array or object that is open.
  struct Level {
    bool is_array = false;
    bool begin_is_cut = false;  // of the element below
    size_t element_begin = 0;
  };

  size_t Step(size_t at) {
    switch (kLexemes[static_cast<uint8_t>(text_[at])]) {
      case Lexeme::kOther:
        do ++at;
        while (at < text_.size() && kLexemes[static_cast<uint8_t>(text_[at])] == Lexeme::kOther);
        return at;
      case Lexeme::kString:
        return SkipString(text_, at + 1);
      case Lexeme::kOpenArray:
        ++depth_;
        if (IsCuttable()) Top() = {.is_array = true};
        return BeginElement(at + 1);
      case Lexeme::kOpenObject:
        ++depth_;
        if (IsCuttable()) Top() = {};
        return at + 1;
      case Lexeme::kClose:
        EndElement(at);
        if (depth_ > 0) --depth_;
        return at + 1;
      case Lexeme::kComma:
        EndElement(at);
        return BeginElement(at + 1);
    }
    return at + 1;
  }

  bool IsCuttable() const { return depth_ >= 1 && depth_ <= kDepthMax; }
  bool IsInArray() { return IsCuttable() && Top().is_array; }
  Level& Top() { return levels_[depth_ - 1]; }

  size_t BeginElement(size_t at) {
    if (!IsInArray()) return at;
    while (at < text_.size() && IsSpace(text_[at])) ++at;
    Top().begin_is_cut = false;
    Top().element_begin = at;
    return at;
  }

  void EndElement(size_t end) {
    if (!IsInArray()) return;
    const size_t begin = Top().element_begin;
    while (end > begin && IsSpace(text_[end - 1])) --end;
    if (end - begin >= kChunkBytesMin) {
      CutBegins(depth_);
      Cut(end);
    } else if (end >= last_ + kJoinedBytes) {
      CutBegins(depth_ - 1);
      Cut(end);
    }
  }

  // Before the elements that are open on the outermost `depth` levels.
  void CutBegins(size_t depth) {
    for (size_t i = 0; i < depth; ++i) {
      Level& level = levels_[i];
      if (!level.is_array || level.begin_is_cut) continue;
      level.begin_is_cut = true;
      Cut(level.element_begin);
    }
  }

  void Cut(size_t at) {
    // The begin of an element may lie before a cut that small elements inside of it made.
    if (at <= last_) return;
    const std::string_view bytes = text_.substr(last_, at - last_);
    last_ = at;
    if (bytes.size() >= kChunkBytesMin) {
      pieces_.push_back({bytes, true});
    } else if (!pieces_.empty() && !pieces_.back().is_chunk) {
      std::string_view& before = pieces_.back().bytes;
      before = {before.data(), before.size() + bytes.size()};
    } else {
      pieces_.push_back({bytes, false});
    }
  }

  const std::string_view text_;
  std::vector<Piece>& pieces_;
  std::array<Level, kDepthMax> levels_;
  size_t depth_ = 0;
  size_t last_ = 0;  // where the last cut is
};

bool LooksLikeJson(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at < text.size() && (text[at] == '[' || text[at] == '{');
}

}  // namespace

void CutUntrusted(std::string_view value, std::vector<Piece>& pieces) {
  pieces.clear();
  if (LooksLikeJson(value)) {
    Cutter(value, pieces).Run();
  } else if (!value.empty()) {
    pieces.push_back({value, true});
  }
}

}  // namespace telltale
