// The body of POST /api/v1/tokens.
//
//   {"model": "gpt-4o", "text": "hello"}
//   {"encoding": "o200k_base", "messages": [{"role": "user", "content": "hello", "name": "ann"}]}
//
// Failure        kInvalidInput names the member.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

struct TokensRequest {
  struct Message {
    std::string role;
    std::string content;  // of several parts: their texts, one after another
    std::string name;
  };

  std::string model;  // this or `encoding`, never both
  std::string encoding;
  std::optional<std::string> text;  // this or `messages`
  std::optional<std::vector<Message>> messages;
  size_t parts_without_text = 0;  // images, files and the like among the parts of contents
};

Result<TokensRequest> ReadTokensRequestUntrusted(std::string_view body);

}  // namespace telltale
