// A price file that is accepted writes rules that read back as the same.
#include "base/check.h"
#include "pricing/price_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const auto file = ReadPriceFileUntrusted({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  if (!file) return 0;
  for (const PriceRule& rule : file->rules) {
    const std::string text = RuleText(rule);
    const auto again = ReadPriceFileUntrusted(text, "again.toml");
    TELLTALE_CHECK(again && again->rules.size() == 1 && RuleText(again->rules[0]) == text,
                   "a rule changed: " + text);
  }
  return 0;
}
