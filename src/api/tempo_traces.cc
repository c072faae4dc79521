// One trace, as Tempo's two endpoints show it.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/rest_parts.h"
#include "api/tempo_llm.h"
#include "api/tempo_parameters.h"
#include "api/tempo_parts.h"
#include "query/trace_calls.h"

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

}  // namespace

std::string PartialMessage(const Trace& trace) {
  if (!trace.completeness.truncated) return {};
  return "the trace is larger than what is shown of it: the first " + std::to_string(trace.spans.size()) +
         " spans";
}

Answer TempoTrace(const Face& face, const HttpRequest& request, TempoVersion version,
                  std::string_view id_text) {
  const Parameters parameters(request, {.empty_is_absent = true});
  TELLTALE_ASSIGN_OR_RETURN(const TimeRange range, ReadTempoRange(parameters));
  const auto id = ParseTraceIdUntrusted(id_text);
  if (!id && id_text.find_first_not_of('0') == std::string_view::npos) return NotFound();
  if (!id) {
    return Fail(ErrorCode::kInvalidInput, "invalid trace id: " + std::string(id_text.substr(0, 100)),
                "1 to 32 hex digits, not all zeros");
  }
  TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(face.engine, std::array{*id}, {}));
  if (set.traces.empty()) return NotFound();
  TELLTALE_RETURN_IF_ERROR(CheckRange(set.traces.front(), range));
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
