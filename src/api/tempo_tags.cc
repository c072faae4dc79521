// What Grafana's editor completes: names of fields, and values of one.
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/tempo_parameters.h"
#include "api/tempo_parts.h"
#include "query/traceql/tags.h"
#include "traceql/fields.h"

namespace telltale {
namespace {

using traceql::FieldExpression;

constexpr size_t kNamesMax = 10'000;  // of each scope
constexpr size_t kValuesDefault = 1'000;
constexpr size_t kValuesMax = 10'000;
constexpr std::string_view kIntrinsicScope = "intrinsic";
constexpr std::string_view kCallScope = "call";
constexpr std::string_view kForModels = "application/vnd.grafana.llm";

struct TagScope {
  std::string_view name;
  std::vector<std::string> tags;
};

std::vector<std::string> CallNames(std::string_view prefix) {
  std::vector<std::string> names;
  for (const traceql::CallFieldInfo& info : traceql::CallFields())
    names.push_back(std::string(prefix) + std::string(info.name));
  return names;
}

// Grafana completes what stands here as it is, without a scope before it: so the fields of calls are
// here too, under their whole names.
std::vector<std::string> IntrinsicNames() {
  std::set<std::string> names;
  for (const traceql::IntrinsicInfo& info : traceql::Intrinsics()) {
    // Of use beside nil only, which no list offers.
    if (info.intrinsic == traceql::Intrinsic::kParent) continue;
    names.emplace(info.text);
    if (!info.alias.empty()) names.emplace(info.alias);
  }
  for (std::string& name : CallNames("call.")) names.insert(std::move(name));
  return {names.begin(), names.end()};
}

Result<TagQuestion> ReadQuestion(const Parameters& parameters, const TempoLimit& limit) {
  TagQuestion question;
  TELLTALE_ASSIGN_OR_RETURN(question.range, ReadTempoRange(parameters));
  TELLTALE_ASSIGN_OR_RETURN(question.limit, ReadTempoLimit(parameters, "limit", limit));
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("q"));
  if (text) question.query = ReadableFilterUntrusted(*text);
  return question;
}

// `wanted`: one scope; empty or "all": all of them but "call", whose names Grafana would offer without
// their scope.
Result<std::vector<TagScope>> ListScopes(const Face& face, const std::string& wanted,
                                         const TagQuestion& question) {
  std::vector<TagScope> scopes;
  if (wanted == kCallScope) {
    scopes.push_back({.name = kCallScope, .tags = CallNames("")});
    return scopes;
  }
  const bool all = wanted.empty() || wanted == "all" || wanted == "none";
  if (!all && wanted != kIntrinsicScope && !traceql::FindScope(wanted)) {
    return Fail(ErrorCode::kInvalidInput, "invalid scope: " + wanted.substr(0, 100),
                "resource, span, event, link, instrumentation, intrinsic, call or all");
  }
  if (wanted != kIntrinsicScope) {
    TELLTALE_ASSIGN_OR_RETURN(TagNames names, ListTagNames(face.engine, question));
    const std::pair<std::string_view, std::vector<std::string>*> kinds[] = {
        {"resource", &names.resource},
        {"span", &names.span},
        {"event", &names.event},
        {"link", &names.link},
        {"instrumentation", &names.instrumentation}};
    for (const auto& [name, tags] : kinds) {
      if ((all || wanted == name) && !tags->empty())
        scopes.push_back({.name = name, .tags = std::move(*tags)});
    }
  }
  if (all || wanted == kIntrinsicScope) scopes.push_back({.name = kIntrinsicScope, .tags = IntrinsicNames()});
  return scopes;
}

void WriteScopes(const std::vector<TagScope>& scopes, JsonWriter& json) {
  json.Key("scopes").BeginArray();
  for (const TagScope& scope : scopes) {
    json.BeginObject();
    json.Key("name").String(scope.name);
    json.Key("tags").BeginArray();
    for (const std::string& tag : scope.tags) json.String(tag);
    json.EndArray().EndObject();
  }
  json.EndArray();
}

// The older form has names alone.
void WriteNames(const std::vector<TagScope>& scopes, JsonWriter& json) {
  std::set<std::string_view> names;
  for (const TagScope& scope : scopes) names.insert(scope.tags.begin(), scope.tags.end());
  json.Key("tagNames").BeginArray();
  for (const std::string_view name : names) json.String(name);
  json.EndArray();
}

void WriteMetrics(JsonWriter& json) {
  json.Key("metrics").BeginObject();
  json.Key("completedJobs").Uint(1).Key("totalJobs").Uint(1);
  json.EndObject();
}

// --- values ----------------------------------------------------------------------------------

struct TagValue {
  std::string_view type;
  std::string value;
};

std::string_view TypeOf(char letter) {
  switch (letter) {
    case 'i':
      return "int";
    case 'd':
      return "float";
    case 'b':
      return "bool";
    default:
      return "string";
  }
}

// Words that TraceQL writes without quotes.
bool IsKeyword(const FieldExpression& field) {
  return traceql::WordSetOf(field.type).has_value();
}

Result<std::vector<TagValue>> ListValues(const Face& face, const FieldExpression& field,
                                         const TagQuestion& question) {
  std::vector<TagValue> values;
  if (std::holds_alternative<traceql::IntrinsicField>(field.node) && IsKeyword(field)) {
    for (const std::string_view word : traceql::WordsOf(*traceql::WordSetOf(field.type)))
      values.push_back({.type = "keyword", .value = std::string(word)});
    return values;
  }
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                            ListTagValues(face.engine, field, question));
  for (const std::string& typed : found) {
    values.push_back(
        {.type = IsKeyword(field) ? "keyword" : TypeOf(typed.front()), .value = typed.substr(1)});
  }
  return values;
}

void WriteTyped(const std::vector<TagValue>& values, JsonWriter& json) {
  json.Key("tagValues").BeginArray();
  for (const TagValue& value : values) {
    json.BeginObject();
    json.Key("type").String(value.type);
    json.Key("value").String(value.value);
    json.EndObject();
  }
  json.EndArray();
}

void WritePlain(const std::vector<TagValue>& values, JsonWriter& json) {
  json.Key("tagValues").BeginArray();
  for (const TagValue& value : values) json.String(value.value);
  json.EndArray();
}

// By type: what a language model reads.
void WriteByType(const std::vector<TagValue>& values, JsonWriter& json) {
  std::map<std::string_view, std::vector<std::string_view>> by_type;
  for (const TagValue& value : values) by_type[value.type].push_back(value.value);
  json.Key("tagValues").BeginObject();
  for (const auto& [type, texts] : by_type) {
    json.Key(type).BeginArray();
    for (const std::string_view text : texts) json.String(text);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

Answer TempoTags(const Face& face, const HttpRequest& request, TempoVersion version) {
  const Parameters parameters(request, {.empty_is_absent = true});
  TELLTALE_ASSIGN_OR_RETURN(
      const TagQuestion question,
      ReadQuestion(parameters, {.otherwise = kNamesMax, .max = kNamesMax, .zero_is_absent = true}));
  TELLTALE_ASSIGN_OR_RETURN(const auto scope, parameters.Text("scope"));
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<TagScope> scopes,
                            ListScopes(face, scope.value_or(""), question));
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (version == TempoVersion::kV2) WriteScopes(scopes, json);
  if (version == TempoVersion::kV1) WriteNames(scopes, json);
  WriteMetrics(json);
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

Answer TempoTagValues(const Face& face, const HttpRequest& request, TempoVersion version,
                      std::string_view name) {
  const Parameters parameters(request, {.empty_is_absent = true});
  TELLTALE_ASSIGN_OR_RETURN(
      const TagQuestion question,
      ReadQuestion(parameters, {.otherwise = kValuesDefault, .max = kValuesMax, .zero_is_absent = true}));
  // Grafana encodes it twice, so that a slash survives what is between.
  const std::string decoded = PercentDecode(name, false);
  const std::vector<FieldExpression> readings =
      version == TempoVersion::kV2 ? ParseTempoFieldUntrusted(decoded) : ParseTempoTagUntrusted(decoded);
  if (readings.empty()) {
    return Fail(ErrorCode::kInvalidInput,
                "tag name is not valid intrinsic or scoped attribute: " + decoded.substr(0, 100),
                "such as name, resource.service.name, .http.method or call.model");
  }
  std::vector<TagValue> values;
  for (size_t i = 0; i < readings.size() && values.empty(); ++i) {
    TELLTALE_ASSIGN_OR_RETURN(values, ListValues(face, readings[i], question));
  }
  const bool by_type = version == TempoVersion::kV2 &&
                       request.headers.Get("Accept").find(kForModels) != std::string_view::npos;
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (by_type) {
    WriteByType(values, json);
  } else if (version == TempoVersion::kV2) {
    WriteTyped(values, json);
  } else {
    WritePlain(values, json);
  }
  WriteMetrics(json);
  json.EndObject();
  HttpResponse response = HttpResponse::Json(200, std::move(body));
  return by_type ? OfType(std::move(response), kForModels) : std::move(response);
}

}  // namespace telltale
