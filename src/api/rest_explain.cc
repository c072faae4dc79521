// POST /api/v1/explain: what is understood of the calls in an OTLP request, or in a trace of
// the store, by the server's rules or by those of a mapping file that is sent along.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/explain_request.h"
#include "api/rest_parts.h"
#include "calls/explain.h"
#include "net/gzip.h"
#include "query/trace_batch.h"
#include "query/trace_reader.h"

namespace telltale {
namespace {

// Of a body, unpacked.
constexpr size_t kBodyBytesMax = 16 << 20;
constexpr size_t kLogsMax = 10'000;

// What an Explainer of a trace has views into.
struct WholeTrace {
  TraceSet set;
  LogPage logs;
  TraceBatch batch;
};

Result<std::unique_ptr<WholeTrace>> ReadWholeTrace(const Face& face, const TraceId& id) {
  auto whole = std::make_unique<WholeTrace>();
  TELLTALE_ASSIGN_OR_RETURN(whole->set,
                            ReadTraces(face.engine, std::array{id}, {.spans_max = kMappedSpansMax + 1}));
  if (whole->set.traces.empty()) {
    return Fail(ErrorCode::kNotFound, "explain trace " + id.Hex() + ": the store has no span of it",
                "a span can be found within a second of its arrival");
  }
  const Trace& trace = whole->set.traces.front();
  if (trace.spans.size() > kMappedSpansMax) {
    return Fail(ErrorCode::kOverLimit, "explain trace " + id.Hex() + ": more than " +
                                           std::to_string(kMappedSpansMax) + " spans: this is the limit");
  }
  TELLTALE_ASSIGN_OR_RETURN(whole->logs, ReadLogsOfTrace(face.engine, id, kLogsMax));
  whole->batch = BatchOfTrace(whole->set, trace, whole->logs);
  return whole;
}

HttpResponse Show(Explainer& explainer, bool as_text) {
  return as_text ? HttpResponse::Text(200, explainer.Text()) : HttpResponse::Json(200, explainer.Json());
}

Answer AnswerExplainRequest(const Face& face, std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const ExplainRequest request, ReadExplainRequestUntrusted(body));
  std::optional<RuleTable> own;
  if (!request.mapping.empty()) {
    auto table = RuleTable::WithMappingUntrusted(request.mapping, "of the request");
    if (!table) return std::unexpected(table.error());
    own.emplace(*std::move(table));
  }
  Explainer explainer(own ? *own : RulesOf(face));
  if (!request.trace_id) {
    TELLTALE_RETURN_IF_ERROR(explainer.AddUntrusted(*request.request));
    return Show(explainer, request.as_text);
  }
  TELLTALE_ASSIGN_OR_RETURN(const auto whole, ReadWholeTrace(face, *request.trace_id));
  explainer.ExplainWhole(whole->batch.batch);
  return Show(explainer, request.as_text);
}

}  // namespace

const RuleTable& RulesOf(const Face& face) {
  return face.options.rules == nullptr ? RuleTable::BuiltIn() : *face.options.rules;
}

Answer ExplainBody(const Face& face, const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  if (request.method != "POST" || request.body.empty()) {
    return Fail(ErrorCode::kInvalidInput,
                "answer /api/v1/explain: method " + request.method + ": needs a body",
                "POST an OTLP traces or logs request, JSON or protobuf, or {\"trace_id\": ...}");
  }
  std::string unpacked;
  const bool is_gzip = request.headers.Get("Content-Encoding") == "gzip";
  if (is_gzip) {
    TELLTALE_ASSIGN_OR_RETURN(unpacked, GunzipUntrusted(request.body, kBodyBytesMax));
  }
  const std::string_view body = is_gzip ? unpacked : request.body;
  if (IsExplainRequest(body)) return AnswerExplainRequest(face, body);
  Explainer explainer(RulesOf(face));
  TELLTALE_RETURN_IF_ERROR(explainer.AddUntrusted(body));
  return Show(explainer, false);
}

}  // namespace telltale
