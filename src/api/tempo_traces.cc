// One trace, as Tempo's two endpoints show it.
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "api/rest_parts.h"
#include "api/tempo_llm.h"
#include "api/tempo_parameters.h"
#include "api/tempo_parts.h"
#include "query/trace_calls.h"
#include "query/traceql/evaluate.h"
#include "query/traceql/joined_rows.h"
#include "query/traceql/search.h"

namespace telltale {
namespace {

constexpr std::string_view kProtobuf = "application/protobuf";
constexpr std::string_view kForModels = "application/vnd.grafana.llm";
constexpr size_t kLogsMax = 10'000;

std::unexpected<Error> NotFound() {
  return Fail(ErrorCode::kNotFound, "trace not found");
}

// Tempo looks for a trace in what it stored in this time; we show a trace whole if any part of it
// is from then.
Status CheckRange(const Trace& trace, const TimeRange& range) {
  if (trace.start_unix_nano < range.end_unix_nano && trace.end_unix_nano >= range.start_unix_nano) return {};
  return NotFound();
}

Answer ForModels(const Face& face, TraceSet set) {
  TELLTALE_ASSIGN_OR_RETURN(const LogPage logs,
                            ReadLogsOfTrace(face.engine, set.traces.front().trace_id, kLogsMax));
  TraceCalls calls(PricerOf(face), RulesOf(face));
  calls.Map(set, set.traces.front(), logs);
  return OfType(HttpResponse::Json(200, TraceForModels(set, calls)), kForModels);
}

// `q`: one filter, for spans of version 2; null: every span.
Result<std::shared_ptr<const TraceQuery>> ReadSpanFilter(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("q"));
  if (!text) return std::shared_ptr<const TraceQuery>();
  auto query = TraceQuery::Parse(*text);
  if (!query) {
    query.error().message = "invalid TraceQL query: " + query.error().message;
  } else if ((*query)->plan().only_filter() == nullptr || (*query)->is_metric()) {
    return Fail(ErrorCode::kInvalidInput, "invalid TraceQL query: one filter of spans is due here",
                "such as { status = error }");
  }
  return query;
}

// Ids of the spans that the filter takes and, if `with_ancestors`, of what they hang under.
Result<std::set<SpanId>> SpansOf(Engine& engine, const TraceId& id, const TraceQuery& query,
                                 bool with_ancestors) {
  traceql::KeyTexts texts;
  TELLTALE_ASSIGN_OR_RETURN(
      const std::vector<traceql::TraceTable> tables,
      ReadTraceTables(engine, query.plan(), {.ids = std::array{id}, .range = {}}, texts));
  std::set<SpanId> kept;
  for (const traceql::TraceTable& table : tables) {
    std::map<SpanId, SpanId> parents;
    for (const traceql::SpanFacts& span : table.spans) parents.emplace(span.span_id, span.parent_id);
    for (const traceql::Spanset& spans : Evaluate(query.query(), query.plan(), table)) {
      for (const uint32_t place : spans.spans) {
        SpanId span = table.spans[place].span_id;
        // What is kept already has its ancestors beside it.
        while (kept.insert(span).second && with_ancestors) {
          const auto parent = parents.find(span);
          if (parent == parents.end() || !parents.contains(parent->second)) break;
          span = parent->second;
        }
      }
    }
  }
  return kept;
}

Status KeepSpans(const Face& face, const Parameters& parameters, const TraceQuery& query, Trace& trace) {
  TELLTALE_ASSIGN_OR_RETURN(const auto keep, parameters.Text("keep_hierarchy"));
  if (keep && *keep != "true" && *keep != "false")
    return Fail(ErrorCode::kInvalidInput,
                "invalid keep_hierarchy: " + keep->substr(0, 100) + ": true or false");
  TELLTALE_ASSIGN_OR_RETURN(const std::set<SpanId> kept,
                            SpansOf(face.engine, trace.trace_id, query, keep != "false"));
  std::erase_if(trace.spans, [&](const TraceSpan& span) { return !kept.contains(span.row.span_id); });
  return {};
}

}  // namespace

std::string PartialMessage(const Trace& trace) {
  if (!trace.completeness.truncated) return {};
  return "the trace is larger than what can be shown of it: its first spans are here";
}

Answer TempoTrace(const Face& face, const HttpRequest& request, TempoVersion version,
                  std::string_view id_text) {
  const Parameters parameters(request, {.empty_is_absent = true});
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadTempoRange(parameters));
  std::shared_ptr<const TraceQuery> filter;
  if (version == TempoVersion::kV2) {
    TELLTALE_ASSIGN_OR_RETURN(filter, ReadSpanFilter(parameters));
  }
  const auto id = ParseTraceIdUntrusted(id_text);
  if (!id && id_text.find_first_not_of('0') == std::string_view::npos) return NotFound();
  if (!id) {
    return Fail(ErrorCode::kInvalidInput, "invalid trace id: " + std::string(id_text.substr(0, 100)),
                "1 to 32 hex digits, not all zeros");
  }
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, std::array{*id}, {}));
  if (set.traces.empty()) return NotFound();
  TELLTALE_RETURN_IF_ERROR(CheckRange(set.traces.front(), range));
  if (filter) TELLTALE_RETURN_IF_ERROR(KeepSpans(face, parameters, *filter, set.traces.front()));
  if (version == TempoVersion::kV2 &&
      request.headers.Get("Accept").find(kForModels) != std::string_view::npos)
    return ForModels(face, std::move(set));
  const bool is_protobuf = AcceptsProtobuf(request);
  const auto write = is_protobuf ? WriteTempoTraceProtobuf : WriteTempoTraceJson;
  TELLTALE_ASSIGN_OR_RETURN(
      HttpResponse response,
      face.whole_traces.Answer(std::move(set), [=](const TraceSet& traces, WholeTraces::Sink& sink) {
        write(traces, version, sink);
      }));
  return is_protobuf ? OfType(std::move(response), kProtobuf) : std::move(response);
}

}  // namespace telltale
