// Any bytes are a tree that is fine, or are refused; a tree with file() in it is never fine.
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
  for (const std::string_view forbidden : {" Function file (", " Identifier file\n", " Set\n"}) {
    if (tree && text.contains(forbidden)) __builtin_trap();
  }
  (void)telltale::CheckNamesUntrusted(text);
  return 0;
}
