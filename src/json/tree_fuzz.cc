// Any text, in both notations: no crash, and what the tree says is inside the text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "json/tree.h"

namespace telltale {
namespace {

void Walk(JsonValue value, std::string_view text, Arena& arena) {
  const std::string_view raw = value.raw();
  TELLTALE_CHECK(
      raw.empty() || (raw.data() >= text.data() && raw.data() + raw.size() <= text.data() + text.size()),
      "a value outside the text");
  value.Text(arena);
  value.Number();
  for (const JsonValue item : value.items()) Walk(item, text, arena);
  const JsonValue::Range members = value.members();
  for (auto at = members.begin(); at != members.end(); ++at) {
    TELLTALE_CHECK(!value[at.key()].is_missing(), "a key that cannot be found");
    Walk(*at, text, arena);
  }
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  telltale::JsonTree tree;
  telltale::Arena arena;
  for (const auto notation : {telltale::JsonNotation::kJson, telltale::JsonNotation::kPython}) {
    if (tree.ParseUntrusted(text, notation)) telltale::Walk(tree.root(), text, arena);
  }
  return 0;
}
