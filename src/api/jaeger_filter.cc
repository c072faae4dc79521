#include "api/jaeger_filter.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "api/jaeger_json.h"
#include "api/parameters.h"

namespace telltale {
namespace {

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return upper;
}

bool SetStatus(std::string_view value, SpanFilter& filter) {
  constexpr std::array<std::string_view, 3> kNames = {"UNSET", "OK", "ERROR"};
  const auto* const name = std::ranges::find(kNames, Upper(value));
  if (name == kNames.end()) return false;
  filter.status = static_cast<uint8_t>(name - kNames.begin());
  return true;
}

bool SetKind(std::string_view value, SpanFilter& filter) {
  for (uint8_t kind = 1; kind <= 5; ++kind) {
    if (Upper(value) != Upper(JaegerSpanKind(kind))) continue;
    filter.kind = kind;
    return true;
  }
  return false;
}

// True when the tag is a field of the span and was set.
bool SetField(const std::string& key, const std::string& value, SpanFilter& filter) {
  if (key == "error" && value == "true") return SetStatus("ERROR", filter);
  if (key == "span.status" || key == "otel.status_code") return SetStatus(value, filter);
  if (key == "span.kind") return SetKind(value, filter);
  if (key == "scope.name" || key == "otel.scope.name") {
    filter.scope_name = value;
    return true;
  }
  if (key == "scope.version" || key == "otel.scope.version") {
    filter.scope_version = value;
    return true;
  }
  return false;
}

// Jaeger looks for a tag on the span, its process, its logs and, since version 2, its
// scope and links; a key that begins with resource. means the process alone.
void Add(std::string key, std::string value, SpanFilter& filter) {
  constexpr std::string_view kResource = "resource.";
  if (SetField(key, value, filter)) return;
  const bool only_resource = key.starts_with(kResource) && key.size() > kResource.size();
  if (only_resource) key.erase(0, kResource.size());
  filter.attributes.push_back({.key = std::move(key),
                               .value = std::move(value),
                               .on_spans = !only_resource,
                               .on_parts = !only_resource});
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
