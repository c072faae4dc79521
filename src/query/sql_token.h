// The tokens of a statement in the engine's own spelling (SqlReader::Canonical).
//
//   for (const SqlToken& token : ReadSqlTokensUntrusted(canonical)) ...
//
// Thread safety  Free functions.
// Ownership      A token's text points into the text that was read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

struct SqlToken {
  enum class Kind : uint8_t {
    kWord,       // a keyword, or a plain name
    kName,       // `in backquotes` or "double quotes"
    kText,       // 'a text'
    kNumber,     // 1.5e-3
    kParameter,  // {name:Type}
    kSymbol,     // one other character
  };
  Kind kind = Kind::kSymbol;
  size_t at = 0;  // where it begins
  std::string_view text;

  // Without the quotes.
  std::string Name() const {
    return std::string(kind == Kind::kName && text.size() >= 2 ? text.substr(1, text.size() - 2) : text);
  }
};

// What is not closed ends with the text.
std::vector<SqlToken> ReadSqlTokensUntrusted(std::string_view sql);

}  // namespace telltale
