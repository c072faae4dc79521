#include "api/jaeger_filter.h"

#include <simdjson.h>

#include <string>
#include <utility>

#include "api/jaeger_json.h"
#include "api/parameters.h"

namespace telltale {
namespace {

// True when the tag is a field of the span and was set.
bool SetField(const std::string& key, const std::string& value, SpanFilter& filter) {
  if (key == "error" && value == "true") {
    filter.status = uint8_t{2};
    return true;
  }
  if (key == "otel.status_code" && (value == "ERROR" || value == "OK")) {
    filter.status = value == "OK" ? uint8_t{1} : uint8_t{2};
    return true;
  }
  if (key != "span.kind") return false;
  for (uint8_t kind = 1; kind <= 5; ++kind) {
    if (value != JaegerSpanKind(kind)) continue;
    filter.kind = kind;
    return true;
  }
  return false;
}

void Add(std::string key, std::string value, SpanFilter& filter) {
  if (SetField(key, value, filter)) return;
  filter.attributes.push_back({.key = std::move(key), .value = std::move(value)});
}

}  // namespace

Status AddJaegerTag(std::string_view tag, SpanFilter& filter) {
  const size_t colon = tag.find(':');
  if (colon == std::string_view::npos || colon == 0) return BadParameter("tag", tag, "expecting key:value");
  Add(std::string(tag.substr(0, colon)), std::string(tag.substr(colon + 1)), filter);
  return {};
}

Status AddJaegerTagsUntrusted(std::string_view parameter, std::string_view tags, SpanFilter& filter) {
  const auto refuse = [&] {
    return BadParameter(parameter, tags, "not a JSON object of strings", R"({"key":"value"})");
  };
  const simdjson::padded_string text(tags);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text).get_object().get(object) != simdjson::SUCCESS) return refuse();
  for (const auto& [key, element] : object) {
    std::string_view value;
    if (element.get_string().get(value) != simdjson::SUCCESS || key.empty()) return refuse();
    Add(std::string(key), std::string(value), filter);
  }
  return {};
}

}  // namespace telltale
