#include "cli/traceql/series_answer.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace telltale {
namespace {

// Keeps labels in the order of the query.
using Json = nlohmann::ordered_json;

uint64_t NumberText(const Json& object, const char* key) {
  uint64_t number = 0;
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return number;
  const auto& text = at->get_ref<const std::string&>();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string LabelText(const Json& value) {
  if (value.is_null()) return "nil";
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<ShownSeriesSet> ReadSeriesUntrusted(std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("series") || !json["series"].is_array()) {
    return Fail(ErrorCode::kCorrupt, "read the answer: it holds no series",
                "is the server another version of Telltale?");
  }
  ShownSeriesSet answer;
  answer.start_unix_nano = NumberText(json, "start_unix_nano");
  answer.step_nano = NumberText(json, "step_nano");
  if (const auto at = json.find("truncated"); at != json.end() && at->is_boolean())
    answer.truncated = at->get<bool>();
  for (const Json& item : json["series"]) {
    ShownSeries& series = answer.series.emplace_back();
    if (!item.is_object()) continue;
    if (const auto labels = item.find("labels"); labels != item.end() && labels->is_object()) {
      for (const auto& [name, value] : labels->items()) series.labels.emplace_back(name, LabelText(value));
    }
    if (const auto values = item.find("values"); values != item.end() && values->is_array()) {
      for (const Json& value : *values)
        series.values.push_back(value.is_number() ? std::optional(value.get<double>()) : std::nullopt);
    }
  }
  return answer;
}

}  // namespace telltale
