// A mapping file of any bytes is read or refused, and what it makes maps a span.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "calls/mapper.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view toml(reinterpret_cast<const char*>(data), size);
  const auto rules = telltale::RuleTable::WithMappingUntrusted(toml, "fuzz.toml");
  if (!rules) return 0;
  telltale::Batch batch;
  batch.spans.emplace_back();
  batch.scopes.emplace_back();
  for (const telltale::Rule& rule : rules->rules()) {
    batch.attributes.push_back({rule.key, telltale::Value::String("[{\"role\":\"user\"}]")});
    ++batch.spans[0].attributes.count;
  }
  telltale::CallMapper mapper(*rules);
  telltale::Call call;
  mapper.Map(batch, batch.spans[0], call);
  return 0;
}
