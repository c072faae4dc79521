// Any bytes are a tree that is fine, or are refused; a tree with file() in it is never fine.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "query/sql_ast.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::set<std::string, std::less<>> functions = {"file", "url", "lower", "count"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tree = telltale::CheckSyntaxTreeUntrusted(text, functions);
  std::string_view rest = tree ? text : std::string_view();
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    for (const std::string_view forbidden :
         {"Function file (", "Set", "Identifier file (", "TableIdentifier system."}) {
      if (line.starts_with(forbidden)) __builtin_trap();
    }
  }
  (void)telltale::CheckNamesUntrusted(text);
  return 0;
}
