// Tokenizer turns text into the tokens that a model counts, exactly as tiktoken and the
// tokenizers of Mistral, Qwen and DeepSeek do.
//
//   TELLTALE_ASSIGN_OR_RETURN(const Tokenizer* tokenizer, Tokenizer::ForModel("gpt-4o-2024-08-06"));
//   uint64_t tokens = tokenizer->Count("hello world");                        // 2
//   std::vector<uint32_t> ids;
//   tokenizer->Encode("hello world", ids);                                    // 24912 2375
//   uint64_t prompt = tokenizer->CountChat(std::array{ChatMessage{.role = "user", .content = "hi"}});
//
// Text is taken as it is: what looks like a special token is ordinary text, unless
// SpecialText::kToken asks for the token. Bytes that are not UTF-8 count as the U+FFFD that
// Python's bytes.decode("utf-8", errors="replace") makes of them, because that is what a
// client would have sent.
//
// Ownership      Tokenizers live as long as the process.
// Thread safety  Any. Each thread remembers pieces in 2.5 MB of its own per vocabulary.
// Failure        kInvalidInput for a name nobody knows, kUnavailable for a vocabulary that
//                this binary was built without. Counting cannot fail.
// Cost           The first use of a vocabulary opens it (tens of milliseconds, 15 to 25 MB).
//                Then linear in the text, and nothing is allocated per token.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

struct Encoding;
class Vocabulary;

struct ChatMessage {
  std::string_view role;
  std::string_view content;
  std::string_view name;  // empty: none was given
};

enum class SpecialText {
  kOrdinary,  // <|endoftext|> is thirteen characters like others
  kToken,     // ... is the one token of that name, where the encoding has it
};

class Tokenizer {
 public:
  // "o200k_base", "cl100k_base" ...: Names() has all.
  static Result<const Tokenizer*> ForEncoding(std::string_view encoding);
  // A model as requests name it, dated, fine-tuned or with its provider in front.
  static Result<const Tokenizer*> ForModel(std::string_view model);
  static std::vector<std::string_view> Names();

  // For a vocabulary that is not built in. `encoding` and `vocabulary` must outlive it.
  Tokenizer(const Encoding& encoding, const Vocabulary& vocabulary)
      : encoding_(encoding), vocabulary_(vocabulary) {}
  Tokenizer(const Tokenizer&) = delete;

  std::string_view encoding() const;

  uint64_t Count(std::string_view text, SpecialText special = SpecialText::kOrdinary) const;
  // Appends the ids to `ids`.
  void Encode(std::string_view text, std::vector<uint32_t>& ids,
              SpecialText special = SpecialText::kOrdinary) const;
  // Appends the text of the tokens; kInvalidInput names the first id that is none.
  Status Decode(std::span<const uint32_t> ids, std::string& text) const;

  // What a chat request with these messages is charged as prompt, by the rule of the
  // OpenAI cookbook ("How to count tokens with tiktoken", section 6): each message costs
  // three tokens beside its role, content and name, a name one more, and the answer is
  // primed with three. Tools and images are not part of it. Where knows_chat() is false, of
  // other vendors, it is the contents alone.
  bool knows_chat() const;
  uint64_t CountChat(std::span<const ChatMessage> messages) const;

 private:
  const Encoding& encoding_;
  const Vocabulary& vocabulary_;
};

}  // namespace telltale
