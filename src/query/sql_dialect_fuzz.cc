// Any bytes are tokens that cover what is not space; any statement is translated or refused, into
// a text of about its size.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "query/sql_dialect.h"
#include "query/sql_token.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t end = 0;
  for (const telltale::SqlToken& token : telltale::ReadSqlTokensUntrusted(text)) {
    const std::string_view between = text.substr(end, token.at - end);
    if (token.at < end || token.text.empty() || between.find_first_not_of(" \n\t\r") != between.npos)
      __builtin_trap();
    end = token.at + token.text.size();
  }
  if (text.substr(end).find_first_not_of(" \n\t\r") != std::string_view::npos) __builtin_trap();

  const std::vector<telltale::SqlParameter> parameters = {{"t", "spans"}, {"x", "a`b"}};
  const auto statement = telltale::ReadClientStatementUntrusted(text, parameters, {.version = "1.2"});
  if (statement && statement->sql.size() > 20 * size + 4000) __builtin_trap();
  return 0;
}
