// /api/v1/search.
#include <array>

#include "api/call_filter.h"
#include "api/rest_parts.h"
#include "query/text_search.h"

namespace telltale {
namespace {

constexpr int64_t kPageDefault = 20;

std::string_view PlaceName(ChunkPlace place) {
  switch (place) {
    case ChunkPlace::kAttribute:
      return "attribute";
    case ChunkPlace::kEvent:
      return "event";
    case ChunkPlace::kLogBody:
      return "log_body";
    case ChunkPlace::kLogAttribute:
      return "log_attribute";
    case ChunkPlace::kNone:
      break;
  }
  return "";
}

Result<TextQuery> ReadWords(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("text"));
  if (!text) return BadParameter("text", "", "is required", "words, \"a phrase\", begin*, -not");
  Result<TextQuery> query = ParseTextQueryUntrusted(*text);
  if (query) return query;
  return BadParameter("text", *text, query.error().message, query.error().hint);
}

Result<TextSearch> ReadSearch(const Parameters& parameters, int64_t now) {
  constexpr std::array<std::string_view, 5> kOwn = {"q", "text", "order", "limit", "cursor"};
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, kOwn));
  TextSearch search;
  TELLTALE_ASSIGN_OR_RETURN(search.query, ReadWords(parameters));
  CallFilter& filter = search.filter.calls;
  TELLTALE_ASSIGN_OR_RETURN(filter, ReadCallFilter(parameters, now));
  TELLTALE_ASSIGN_OR_RETURN(filter.range,
                            ReadRange(parameters, TimeRange{.start_unix_nano = 0, .end_unix_nano = now}));
  TELLTALE_ASSIGN_OR_RETURN(const auto start, parameters.Time("start"));
  if (!start) filter.range.start_unix_nano = 0;
  TELLTALE_ASSIGN_OR_RETURN(search.filter.query, ReadTraceQuery(parameters));
  if (search.filter.query && search.filter.query->is_metric()) {
    return Fail(ErrorCode::kInvalidInput, "query: its answer is a series over time, and spans were asked for",
                "take the metric off the end of it");
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto order, parameters.Text("order"));
  if (order && *order != "newest" && *order != "cost")
    return BadParameter("order", *order, "not an order", "newest or cost");
  if (order == "cost") search.order = TextOrder::kCost;
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = static_cast<size_t>(limit.value_or(kPageDefault));
  TELLTALE_ASSIGN_OR_RETURN(const auto cursor, parameters.Text("cursor"));
  if (!cursor) return search;
  if (search.order == TextOrder::kCost)
    return BadParameter("cursor", *cursor, "the order by cost has one page", "ask with a larger limit");
  TELLTALE_ASSIGN_OR_RETURN(search.cursor, ParseTextCursorUntrusted(*cursor));
  return search;
}

void WriteItem(const TextItem& item, JsonWriter& json) {
  json.Key("trace_id").String(item.trace_id.Hex());
  json.Key("span_id").String(item.span_id.Hex());
  json.Key("start_unix_nano").IntString(item.start_unix_nano);
  json.Key("service").String(item.service);
  json.Key("name").String(item.name);
  json.Key("place").String(PlaceName(item.place));
  json.Key("field").String(item.field);
  if (!item.role.empty()) json.Key("role").String(item.role);
  json.Key("snippet").BeginObject();
  json.Key("text").String(item.snippet.text);
  json.Key("matches").BeginArray();
  for (const TextSnippet::Range& range : item.snippet.matches) {
    json.BeginArray();
    json.Uint(range.begin);
    json.Uint(range.end);
    json.EndArray();
  }
  json.EndArray().EndObject();
  json.Key("occurrences").Uint(item.occurrences);
  json.Key("call");
  if (item.call == nullptr) {
    json.Null();
  } else {
    WriteStoredCall(*item.call, json);
  }
}

}  // namespace

Answer SearchStoredText(const Face& face, const HttpRequest& request) {
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  TELLTALE_ASSIGN_OR_RETURN(const TextSearch search, ReadSearch(Parameters(request), now));
  TELLTALE_ASSIGN_OR_RETURN(const TextPage page, SearchText(face.engine, search));
  return PageAnswer(page.items, WriteItem, [&](JsonWriter& json) {
    if (page.next) {
      json.String(EncodeTextCursor(*page.next));
    } else {
      json.Null();
    }
    json.Key("searched_back_to_unix_nano");
    WriteTimeCursor(page.searched_back_to_unix_nano, json);
  });
}

}  // namespace telltale
