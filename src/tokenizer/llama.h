// Counts as Llama 3 does, with a vocabulary that the user brings: the licence of Llama's
// tokenizer.model does not let it be built in.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto llama, LlamaTokenizer::ReadUntrusted(bytes_of_tokenizer_model));
//   llama->tokenizer().Count("hello world");
//
// Ownership      The tokenizer lives in it.
// Thread safety  Any: it never changes.
// Failure        kInvalidInput names the line that is wrong, or says whose file it is not.
//                Llama 4, and Llama 2's SentencePiece model, are refused.
// Cost           As opening a vocabulary: tens of milliseconds, 15 MB.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace telltale {

class LlamaTokenizer {
 public:
  // `file`: a line for each token, its bytes in base64, a space, its id.
  static Result<std::unique_ptr<const LlamaTokenizer>> ReadUntrusted(std::string_view file);

  const Tokenizer& tokenizer() const { return tokenizer_; }

 private:
  explicit LlamaTokenizer(std::unique_ptr<const Vocabulary> vocabulary);

  std::unique_ptr<const Vocabulary> vocabulary_;
  Tokenizer tokenizer_;
};

}  // namespace telltale
