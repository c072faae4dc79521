#include <string>
#include <string_view>
#include <utility>

#include "api/face.h"
#include "base/counters.h"
#include "json/writer.h"

namespace telltale {
namespace {

struct Metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};

void AppendHead(const Metric& metric, std::string& out) {
  out.append("# HELP ").append(metric.name).append(" ");
  for (const char c : metric.help) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  out.append("\n# TYPE ").append(metric.name).append(" ").append(metric.type).append("\n");
}

void AppendGauge(std::string_view name, std::string_view help, double value, std::string& out) {
  AppendHead({.name = name, .type = "gauge", .help = help}, out);
  out.append(name).append(" ");
  AppendJsonDouble(value, out);
  out += '\n';
}

void AppendCounters(std::string& out) {
  for (size_t i = 0; i < kCounterCount; ++i) {
    const auto counter = static_cast<Counter>(i);
    const std::string name = "telltale_" + std::string(InfoOf(counter).name) + "_total";
    AppendHead({.name = name, .type = "counter", .help = InfoOf(counter).meaning}, out);
    out.append(name).append(" ").append(std::to_string(CounterValue(counter))).append("\n");
  }
}

double Number(uint64_t value) {
  return static_cast<double>(value);
}

void AppendState(const ServerState& state, std::string& out) {
  AppendGauge("telltale_uptime_seconds", "Seconds since the server started.", state.uptime_seconds, out);
  AppendGauge("telltale_log_bytes", "Size of the write-ahead log on disk.", Number(state.log_bytes), out);
  AppendGauge("telltale_log_bytes_limit", "Size at which the write-ahead log refuses more.",
              Number(state.log_bytes_max), out);
  AppendGauge("telltale_log_lag_bytes", "Bytes that were acknowledged and are not yet in the store.",
              Number(state.log_lag_bytes), out);
  AppendGauge("telltale_log_pending_bytes", "Bytes that were received and are not yet on disk.",
              Number(state.log_pending_bytes), out);
  AppendGauge("telltale_log_failed", "1 when the write-ahead log cannot be written and nothing is accepted.",
              state.log_failed ? 1 : 0, out);
  AppendGauge("telltale_memory_bytes", "Resident memory of the process.", Number(state.memory_bytes), out);
  AppendGauge("telltale_memory_bytes_limit", "What --memory allows.", Number(state.memory_bytes_max), out);
}

HttpResponse Metrics(const Face& face, const QueryLatency& latency) {
  std::string out;
  AppendCounters(out);
  if (face.options.state) AppendState(face.options.state(), out);
  constexpr Metric kLatency = {
      .name = "telltale_query_seconds",
      .type = "histogram",
      .help = "Time to answer a question, from the start of its work to its answer, by API."};
  AppendHead(kLatency, out);
  latency.AppendPrometheus(kLatency.name, out);
  HttpResponse response = HttpResponse::Text(200, std::move(out));
  response.headers.fields[0].second = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

// Ready means: what is sent now is kept. A store that lags is still ready.
HttpResponse Ready(const Face& face) {
  const ServerState state = face.options.state ? face.options.state() : ServerState{};
  const bool log_has_space = state.log_bytes_max == 0 || state.log_bytes < state.log_bytes_max;
  const bool ready = !state.log_failed && log_has_space;
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("ready").Bool(ready);
  json.Key("checks").BeginObject();
  json.Key("log_writable").Bool(!state.log_failed);
  json.Key("log_has_space").Bool(log_has_space);
  json.EndObject().EndObject();
  return HttpResponse::Json(ready ? 200 : 503, std::move(body));
}

}  // namespace

HttpResponse AnswerHealth(const Face& face, const QueryLatency& latency, const HttpRequest& request) {
  if (request.path == "/metrics") return Metrics(face, latency);
  if (request.path == "/readyz") return Ready(face);
  return HttpResponse::Text(200, "ok");
}

}  // namespace telltale
