// Any attributes: no crash, the same call when mapped twice (also into a Call that held
// another), and the same call whatever the order of the attributes.
//
// The input is lines of key, tab, a letter for the type, value; "\xff" begins an event.
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/check.h"
#include "calls/call_json.h"
#include "calls/mapper.h"

namespace telltale {
namespace {

Value ValueOf(char type, std::string_view text) {
  Value value = Value::String(text);
  if (type == 'i') {
    value.type = ValueType::kInt;
    value.integer = 0;
    std::from_chars(text.data(), text.data() + text.size(), value.integer);
  } else if (type == 'd') {
    value.type = ValueType::kDouble;
    value.real = 0;
    std::from_chars(text.data(), text.data() + text.size(), value.real);
  } else if (type == 'b') {
    value.type = ValueType::kBool;
    value.boolean = text == "1";
  } else if (type == 'a') {
    value.type = ValueType::kArray;
  } else if (type == 'm') {
    value.type = ValueType::kMap;
  }
  return value;
}

void Fill(std::string_view lines, Batch& batch) {
  Span span;
  std::set<std::string_view> keys;  // OTLP says they are unique
  bool in_events = false;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    const auto position = static_cast<uint32_t>(batch.attributes.size());
    if (line.starts_with('\xff')) {
      in_events = true;
      keys.clear();
      batch.events.push_back({.name = line.substr(1), .attributes = {.begin = position, .count = 0}});
      continue;
    }
    const size_t tab = line.find('\t');
    if (tab == std::string_view::npos || line.size() < tab + 2 || !keys.insert(line.substr(0, tab)).second)
      continue;
    batch.attributes.push_back({line.substr(0, tab), ValueOf(line[tab + 1], line.substr(tab + 2))});
    ++(in_events ? batch.events.back().attributes : span.attributes).count;
  }
  span.events.count = static_cast<uint32_t>(batch.events.size());
  batch.scopes.emplace_back();
  batch.resources.emplace_back();
  batch.spans.push_back(span);
}

std::string Map(CallMapper& mapper, const Batch& batch, Call& call) {
  std::string json;
  Explanation explanation;
  if (!mapper.Map(batch, batch.spans[0], {}, call, &explanation)) return json;
  JsonWriter writer(json);
  WriteCallJson(call, writer);
  return json;
}

void Check(std::string_view lines) {
  Batch batch;
  Fill(lines, batch);
  CallMapper mapper;
  Call call;
  const std::string first = Map(mapper, batch, call);
  TELLTALE_CHECK(Map(mapper, batch, call) == first, "mapped twice, another call: " + first);
  const Run run = batch.spans[0].attributes;
  std::reverse(batch.attributes.begin() + run.begin, batch.attributes.begin() + run.begin + run.count);
  Call other;
  const std::string reversed = Map(mapper, batch, other);
  TELLTALE_CHECK(reversed == first, "in another order, another call:\n" + first + "\n" + reversed);
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  telltale::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
