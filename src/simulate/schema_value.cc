#include "simulate/schema_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ranges>

#include "simulate/answers.h"

namespace telltale {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthMax = 8;
// With kDepthMax alone a schema that refers to itself twice would double per level.
constexpr int kValuesMax = 500;

constexpr std::array<std::string_view, 8> kPlaces = {"Lisbon", "Kyoto",  "Nairobi", "Oslo",
                                                     "Quito",  "Sydney", "Toronto", "Warsaw"};

bool ContainsWord(std::string_view name, std::string_view part) {
  return name.find(part) != name.npos;
}

// The last capitalised word that does not begin a sentence: mostly a name.
std::string NameIn(std::string_view prompt) {
  std::string found;
  for (size_t i = 2; i < prompt.size(); ++i) {
    const bool starts_name = prompt[i] >= 'A' && prompt[i] <= 'Z' && prompt[i - 1] == ' ' &&
                             prompt[i - 2] >= 'a' && prompt[i - 2] <= 'z';
    if (!starts_name) continue;
    size_t end = i;
    while (end < prompt.size() && ((prompt[end] | 32) >= 'a' && (prompt[end] | 32) <= 'z')) ++end;
    if (end - i > 1) found = std::string(prompt.substr(i, end - i));
  }
  return found;
}

std::string LongestWord(std::string_view prompt) {
  std::string_view longest = "nothing";
  for (const auto word : std::views::split(prompt, ' ')) {
    const std::string_view text(word.begin(), word.end());
    if (text.size() > longest.size()) longest = text;
  }
  return std::string(longest.substr(0, 60));
}

std::string Digits(std::string_view prompt) {
  const size_t start = std::min(prompt.find_first_of("0123456789"), prompt.size());
  const size_t end = std::min(prompt.find_first_not_of("0123456789", start), prompt.size());
  return std::string(prompt.substr(start, std::min<size_t>(end - start, 12)));
}

class ValueMaker {
 public:
  ValueMaker(const Json& root, std::string_view prompt, Dice& dice)
      : root_(root), prompt_(prompt), dice_(dice) {}

  Json Make(const Json& schema, std::string_view name, int depth) {
    if (++values_ > kValuesMax || depth > kDepthMax || !schema.is_object()) return nullptr;
    if (schema.contains("const")) return schema["const"];
    if (const Json* choices = ArrayAt(schema, "enum")) return (*choices)[dice_.Below(choices->size())];
    if (const Json* target = Referred(schema)) return Make(*target, name, depth + 1);
    for (const char* key : {"anyOf", "oneOf", "allOf"}) {
      if (const Json* choices = ArrayAt(schema, key)) return Make((*choices)[0], name, depth + 1);
    }
    const std::string type = TypeOf(schema);
    if (type == "object") return MakeObject(schema, depth);
    if (type == "array") return MakeArray(schema, name, depth);
    if (type == "integer" || type == "number") return MakeNumber(schema, type == "integer");
    if (type == "boolean") return dice_.Unit() < 0.5;
    if (type == "null") return nullptr;
    return MakeString(name);
  }

 private:
  static const Json* ArrayAt(const Json& schema, const char* key) {
    const auto found = schema.find(key);
    return found != schema.end() && found->is_array() && !found->empty() ? &*found : nullptr;
  }

  const Json* Referred(const Json& schema) const {
    const auto ref = schema.find("$ref");
    if (ref == schema.end() || !ref->is_string()) return nullptr;
    const std::string path = ref->get<std::string>();
    for (const std::string_view prefix : {"#/$defs/", "#/definitions/"}) {
      if (!path.starts_with(prefix)) continue;
      const auto defs = root_.find(std::string(prefix.substr(2, prefix.size() - 3)));
      if (defs == root_.end() || !defs->is_object()) return nullptr;
      const auto target = defs->find(path.substr(prefix.size()));
      return target == defs->end() ? nullptr : &*target;
    }
    return nullptr;
  }

  static std::string TypeOf(const Json& schema) {
    const auto type = schema.find("type");
    if (type != schema.end() && type->is_string()) return type->get<std::string>();
    if (type != schema.end() && type->is_array() && !type->empty() && type->front().is_string()) {
      return type->front().get<std::string>();
    }
    return schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string";
  }

  Json MakeObject(const Json& schema, int depth) {
    Json made = Json::object();
    const auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object()) return made;
    for (const auto& [name, property] : properties->items()) made[name] = Make(property, name, depth + 1);
    return made;
  }

  Json MakeArray(const Json& schema, std::string_view name, int depth) {
    Json made = Json::array();
    const auto items = schema.find("items");
    if (items == schema.end()) return made;
    const size_t count = 1 + dice_.Below(3);
    for (size_t i = 0; i < count; ++i) made.push_back(Make(*items, name, depth + 1));
    return made;
  }

  Json MakeNumber(const Json& schema, bool whole) {
    const auto bound = [&](const char* key, double otherwise) {
      const auto found = schema.find(key);
      return found != schema.end() && found->is_number() ? found->get<double>() : otherwise;
    };
    const double low = bound("minimum", 1);
    const double high = std::max(low, bound("maximum", low + 9));
    const double value = low + dice_.Unit() * (high - low);
    if (!whole) return std::round(value * 100) / 100;
    return std::abs(value) < 1e15 ? Json(static_cast<int64_t>(std::llround(value))) : Json(0);
  }

  Json MakeString(std::string_view name) {
    if (ContainsWord(name, "city") || ContainsWord(name, "location") || ContainsWord(name, "place")) {
      const std::string place = NameIn(prompt_);
      return place.empty() ? std::string(kPlaces[dice_.Below(kPlaces.size())]) : place;
    }
    if (ContainsWord(name, "id") || ContainsWord(name, "number")) {
      const std::string digits = Digits(prompt_);
      return digits.empty() ? "A-" + std::to_string(1000 + dice_.Below(9000)) : digits;
    }
    if (ContainsWord(name, "date")) return "2026-0" + std::to_string(1 + dice_.Below(9)) + "-15";
    if (ContainsWord(name, "email")) return "someone@example.com";
    if (ContainsWord(name, "unit")) return "celsius";
    for (const std::string_view part :
         {"answer", "summary", "text", "description", "reason", "explanation"}) {
      if (ContainsWord(name, part)) return ComposeAnswer(prompt_, dice_);
    }
    if (ContainsWord(name, "topic") || ContainsWord(name, "title")) return LongestWord(prompt_);
    if (prompt_.empty()) return "as asked";
    return std::string(prompt_.substr(0, 120));
  }

  const Json& root_;
  const std::string_view prompt_;
  Dice& dice_;
  int values_ = 0;
};

}  // namespace

std::string SchemaValueUntrusted(std::string_view schema, std::string_view prompt, Dice& dice) {
  const Json root = Json::parse(schema, nullptr, false);
  if (!root.is_object()) return "{}";
  const Json value = ValueMaker(root, prompt, dice).Make(root, "", 0);
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace telltale
