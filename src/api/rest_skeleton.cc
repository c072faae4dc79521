// /api/v1/traces/{trace_id}/skeleton: a trace's structure, in columns.
#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/rest_parts.h"
#include "query/calls.h"
#include "query/cursor.h"
#include "query/skeleton.h"

namespace telltale {
namespace {

constexpr int64_t kRowsDefault = 10'000;
constexpr int64_t kRowsMax = 100'000;

// Texts of a page, each once.
class Dictionary {
 public:
  size_t Number(std::string_view text) {
    const auto [at, is_new] = numbers_.try_emplace(text, texts_.size());
    if (is_new) texts_.push_back(text);
    return at->second;
  }
  void Write(std::string_view key, JsonWriter& json) const {
    json.Key(key).BeginArray();
    for (const std::string_view text : texts_) json.String(text);
    json.EndArray();
  }

 private:
  std::unordered_map<std::string_view, size_t> numbers_;
  std::vector<std::string_view> texts_;
};

struct Page {
  size_t begin = 0;
  size_t end = 0;
};

template <typename Item, typename WriteItem>
void WriteColumn(std::string_view key, std::span<const Item> items, JsonWriter& json, WriteItem write_item) {
  json.Key(key).BeginArray();
  for (const Item& item : items) write_item(item);
  json.EndArray();
}

void WriteSpans(const Skeleton& skeleton, const Page& page, JsonWriter& json) {
  const std::span<const SkeletonSpan> spans =
      std::span(skeleton.spans).subspan(page.begin, page.end - page.begin);
  Dictionary names;
  Dictionary services;
  using Span = SkeletonSpan;
  const auto column = [&](std::string_view key, auto write) { WriteColumn(key, spans, json, write); };
  json.Key("spans").BeginObject();
  column("span_id", [&](const Span& span) { json.String(span.span_id.Hex()); });
  column("parent", [&](const Span& span) { json.Int(span.parent); });
  column("depth", [&](const Span& span) { json.Uint(span.depth); });
  column("name", [&](const Span& span) { json.Uint(names.Number(span.name)); });
  column("service", [&](const Span& span) { json.Uint(services.Number(span.service)); });
  column("start_offset_nano",
         [&](const Span& span) { json.Int(span.start_unix_nano - skeleton.start_unix_nano); });
  column("duration_nano", [&](const Span& span) { json.Int(span.duration_nano); });
  column("kind", [&](const Span& span) { json.Uint(span.kind); });
  column("status", [&](const Span& span) { json.Uint(span.status); });
  column("flags", [&](const Span& span) {
    json.Uint((span.has_events ? 1u : 0u) | (span.has_links ? 2u : 0u) | (span.has_dropped ? 4u : 0u));
  });
  json.EndObject();
  names.Write("names", json);
  services.Write("services", json);

  json.Key("orphans").BeginObject();
  json.Key("span").BeginArray();
  for (size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].parent == Span::kOrphan) json.Uint(page.begin + i);
  }
  json.EndArray().Key("parent_id").BeginArray();
  for (const Span& span : spans) {
    if (span.parent == Span::kOrphan) json.String(span.parent_id.Hex());
  }
  json.EndArray().EndObject();
}

void WriteTokens(int64_t tokens, JsonWriter& json) {
  if (tokens < 0) {
    json.Null();
  } else {
    json.Int(tokens);
  }
}

void WriteCalls(const Skeleton& skeleton, const SkeletonCalls& all, const Page& page, JsonWriter& json) {
  struct Placed {
    size_t span = 0;
    const SkeletonCall* call = nullptr;
  };
  std::vector<Placed> placed;
  for (size_t i = page.begin; i < page.end && !all.calls.empty(); ++i) {
    const SpanId& id = skeleton.spans[i].span_id;
    const auto at = std::ranges::lower_bound(all.calls, id, {}, &SkeletonCall::span_id);
    if (at != all.calls.end() && at->span_id == id) placed.push_back({.span = i, .call = &*at});
  }
  Dictionary models;
  const std::span<const Placed> calls(placed);
  const auto column = [&](std::string_view key, auto write) { WriteColumn(key, calls, json, write); };
  json.Key("calls").BeginObject();
  column("span", [&](const Placed& it) { json.Uint(it.span); });
  column("kind", [&](const Placed& it) { json.String(CallKindName(it.call->kind)); });
  column("model", [&](const Placed& it) { json.Uint(models.Number(it.call->model)); });
  column("input_tokens", [&](const Placed& it) { WriteTokens(it.call->input_tokens, json); });
  column("output_tokens", [&](const Placed& it) { WriteTokens(it.call->output_tokens, json); });
  column("cost", [&](const Placed& it) {
    if (it.call->cost == Cost::kNotTold) {
      json.Null();
    } else {
      json.Double(Dollars(it.call->cost));
    }
  });
  column("cost_status", [&](const Placed& it) {
    const bool has_cost = it.call->counts && IsModelCall(it.call->kind);
    json.String(has_cost ? CostStatusName(it.call->cost_status) : std::string_view());
  });
  column("counts", [&](const Placed& it) { json.Bool(it.call->counts); });
  column("failed", [&](const Placed& it) { json.Bool(it.call->failed); });
  json.EndObject();
  models.Write("models", json);
}

void WriteCompleteness(const Completeness& completeness, JsonWriter& json) {
  json.Key("completeness").BeginObject();
  json.Key("complete").Bool(completeness.complete());
  json.Key("root_missing").Bool(completeness.root_missing);
  json.Key("missing_parent_count").Uint(completeness.missing_parents.size());
  json.Key("duplicate_spans").Uint(completeness.duplicate_spans);
  json.Key("dropped_attributes").Uint(completeness.dropped_attributes);
  json.Key("dropped_events").Uint(completeness.dropped_events);
  json.Key("dropped_links").Uint(completeness.dropped_links);
  json.Key("truncated").Bool(completeness.truncated);
  json.EndObject();
}

Result<SkeletonCursor> ReadCursor(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("cursor"));
  if (!text) return SkeletonCursor();
  return ParseSkeletonCursorUntrusted(*text);
}

}  // namespace

Answer ShowSkeleton(const Face& face, const HttpRequest& request, const TraceId& id) {
  constexpr std::array<std::string_view, 2> kKnown = {"cursor", "limit"};
  const Parameters parameters(request);
  TELLTALE_RETURN_IF_ERROR(parameters.RefuseUnknown(kKnown));
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kRowsMax}));
  TELLTALE_ASSIGN_OR_RETURN(const SkeletonCursor cursor, ReadCursor(parameters));
  SkeletonOptions options;
  if (cursor.begin > 0) options.received_unix_ms_max = cursor.received_unix_ms;
  TELLTALE_ASSIGN_OR_RETURN(const Skeleton skeleton, ReadSkeleton(face.engine, id, options));
  if (skeleton.spans.empty()) return NoSuchTrace(id);
  if (cursor.begin > 0 && cursor.spans != skeleton.spans.size()) {
    return Fail(ErrorCode::kInvalidInput,
                "read trace " + id.Hex() + " on from span " + std::to_string(cursor.begin) +
                    ": it has other spans now than on the page before",
                "begin again, without cursor");
  }
  const TimeRange range{.start_unix_nano = skeleton.start_unix_nano,
                        .end_unix_nano = skeleton.end_unix_nano + 1};
  TELLTALE_ASSIGN_OR_RETURN(const SkeletonCalls calls,
                            ReadSkeletonCalls(face.engine, id, range, skeleton.spans.size()));
  TELLTALE_ASSIGN_OR_RETURN(const auto sums, SumCallsOfTraces(face.engine, std::array{id}, range));

  Page page{.begin = std::min<size_t>(cursor.begin, skeleton.spans.size()), .end = 0};
  page.end = std::min(skeleton.spans.size(), page.begin + static_cast<size_t>(limit.value_or(kRowsDefault)));
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("trace_id").String(id.Hex());
  json.Key("start_unix_nano").IntString(skeleton.start_unix_nano);
  json.Key("duration_nano").IntString(skeleton.end_unix_nano - skeleton.start_unix_nano);
  json.Key("span_count").Uint(skeleton.spans.size());
  json.Key("error_count").Uint(skeleton.errors);
  WriteCompleteness(skeleton.completeness, json);
  json.Key("totals");
  if (const auto at = sums.find(id); at != sums.end()) {
    json.BeginObject();
    WriteCallSums(at->second.tokens, at->second.cost, json);
    json.EndObject();
  } else {
    json.Null();
  }
  json.Key("first_span").Uint(page.begin);
  WriteSpans(skeleton, page, json);
  WriteCalls(skeleton, calls, page, json);
  json.Key("next");
  if (page.end < skeleton.spans.size()) {
    json.String(EncodeSkeletonCursor(
        {.received_unix_ms = skeleton.received_unix_ms, .spans = skeleton.spans.size(), .begin = page.end}));
  } else {
    json.Null();
  }
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

}  // namespace telltale
