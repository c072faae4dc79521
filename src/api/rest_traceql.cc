// What a TraceQL query adds to the lists of the REST API.
#include <charconv>

#include "api/rest_parts.h"
#include "traceql/format.h"

namespace telltale {

Result<std::shared_ptr<const TraceQuery>> ReadTraceQuery(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("q"));
  if (!text || text->empty()) return std::shared_ptr<const TraceQuery>();
  return TraceQuery::Parse(*text);
}

void WriteTyped(std::string_view typed, JsonWriter& json) {
  if (typed.empty()) {
    json.Null();
    return;
  }
  const std::string_view text = typed.substr(1);
  switch (typed.front()) {
    case 'i':
      // Above 2^53 a number would not survive a browser.
      if (int64_t number = 0;
          std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc() &&
          number > -(int64_t{1} << 53) && number < (int64_t{1} << 53)) {
        json.Int(number);
      } else {
        json.String(text);
      }
      return;
    case 'd':
      if (double number = 0;
          std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
        json.Double(number);
      } else {
        json.String(text);
      }
      return;
    case 'b':
      json.Bool(text == "true");
      return;
    case 's':
    case 'y':
      json.String(text);
      return;
    case 'a':
    case 'm':
      json.String(text.empty() ? "<list>" : text);
      return;
    default:
      json.String("<large value>");
  }
}

void WriteMatches(const TraceQuery& query, const std::vector<SpansetMatch>& sets, JsonWriter& json) {
  const std::vector<const traceql::FieldExpression*>& shown = query.plan().shown();
  json.Key("matches").BeginArray();
  for (const SpansetMatch& set : sets) {
    json.BeginObject();
    json.Key("span_count").Uint(set.matched);
    json.Key("attributes").BeginObject();
    for (const auto& [name, typed] : set.attributes) WriteTyped(typed, json.Key(name));
    json.EndObject();
    json.Key("spans").BeginArray();
    for (const SpanMatch& span : set.spans) {
      json.BeginObject();
      json.Key("span_id").String(span.span_id.Hex());
      json.Key("start_unix_nano").IntString(span.start_unix_nano);
      json.Key("duration_nano").IntString(span.duration_nano);
      json.Key("attributes").BeginObject();
      for (size_t i = 0; i < span.shown.size(); ++i) {
        if (!span.shown[i].empty()) WriteTyped(span.shown[i], json.Key(traceql::Format(*shown[i])));
      }
      json.EndObject().EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

}  // namespace telltale
