// Repairs leave what the JSON reader takes as it is, and repair once is repaired.
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "otlp/json_repair.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using telltale::ReplaceLoneSurrogatesUntrusted;
  using telltale::RewriteNumbersUntrusted;
  const std::string json(reinterpret_cast<const char*>(data), size);
  const std::string numbers = RewriteNumbersUntrusted(json);
  const std::string texts = ReplaceLoneSurrogatesUntrusted(json);
  TELLTALE_CHECK(RewriteNumbersUntrusted(numbers) == numbers, "rewritten twice: " + numbers);
  TELLTALE_CHECK(ReplaceLoneSurrogatesUntrusted(texts) == texts, "replaced twice: " + texts);
  simdjson::dom::parser reader;
  if (reader.parse(json).error() != simdjson::SUCCESS) return 0;
  TELLTALE_CHECK(reader.parse(numbers).error() == simdjson::SUCCESS, "no JSON any more: " + numbers);
  TELLTALE_CHECK(reader.parse(texts).error() == simdjson::SUCCESS, "no JSON any more: " + texts);
  TELLTALE_CHECK(telltale::MayHoldMinusZeroUntrusted(json) ||
                     (numbers.find("-0e0") == numbers.npos) == (json.find("-0e0") == json.npos),
                 "a -0 was missed: " + json);
  return 0;
}
