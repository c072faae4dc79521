// Any text: no crash; what parses is written so that it parses to the same tree again; and at
// any cursor what is suggested replaces a part of the text.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "traceql/format.h"
#include "traceql/parse.h"
#include "traceql/suggest.h"
#include "traceql/testing/tree_text.h"

namespace telltale {
namespace {

void CheckReadsBack(const std::string& text, const std::string& tree) {
  // Quotes and spaces that the formatter adds may lift a text over the limit.
  if (text.size() > kTraceQlTextMax) return;
  auto query = ParseTraceQlUntrusted(text);
  TELLTALE_CHECK(query.has_value(), "what was written is refused: " + text + ": " + query.error().message);
  TELLTALE_CHECK(traceql::TreeText::Of(*query) == tree, "another tree: " + text);
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const size_t cursor : {size, size / 2}) {
    const telltale::TraceQlSuggestion at = telltale::SuggestTraceQl(text, cursor);
    TELLTALE_CHECK(at.range.begin <= at.range.end && at.range.end <= size,
                   "a suggestion outside of the text");
  }
  auto query = telltale::ParseTraceQlUntrusted(text);
  if (!query) {
    const telltale::TraceQlError& error = query.error();
    TELLTALE_CHECK(error.offset <= text.size() && error.length <= text.size() - error.offset,
                   "an error outside of the text");
    telltale::CaretText(text, error);
    return 0;
  }
  const std::string tree = telltale::traceql::TreeText::Of(*query);
  const std::string line = telltale::FormatTraceQl(*query);
  telltale::CheckReadsBack(line, tree);
  telltale::CheckReadsBack(telltale::FormatTraceQlLines(*query, 20), tree);
  return 0;
}
