#include <chrono>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "cli/api_answers.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/doctor/environment.h"
#include "cli/doctor/finding.h"
#include "cli/doctor/machine.h"
#include "cli/doctor/port_probe.h"
#include "cli/text.h"
#include "json/writer.h"
#include "net/http_client.h"

namespace telltale {
namespace {

constexpr int kTimeoutMs = 5000;
constexpr std::string_view kUsualGrpc = "127.0.0.1:4317";
constexpr std::string_view kUsualHttp = "127.0.0.1:4318";
// The store promises one second; five is when a person gives up.
constexpr uint64_t kFindWithinMs = 5000;
constexpr auto kLookEvery = std::chrono::milliseconds(50);

std::string RandomHex(size_t bytes) {
  std::random_device random;
  std::string id;
  for (size_t i = 0; i < bytes; ++i) id.push_back(static_cast<char>(random() | 1u));
  return ToHex(id);
}

// One span as OTLP/JSON. It names no model: that would hide that no other span does.
std::string TestSpanBody(const std::string& trace_id, uint64_t end_unix_nanos) {
  constexpr uint64_t kDurationNanos = 12'000'000;
  std::string out;
  JsonWriter json(out);
  const auto attribute = [&json](std::string_view key, std::string_view value) {
    json.BeginObject().Key("key").String(key);
    json.Key("value").BeginObject().Key("stringValue").String(value).EndObject().EndObject();
  };
  json.BeginObject().Key("resourceSpans").BeginArray().BeginObject();
  json.Key("resource").BeginObject().Key("attributes").BeginArray();
  attribute("service.name", kDoctorService);
  json.EndArray().EndObject();
  json.Key("scopeSpans").BeginArray().BeginObject();
  json.Key("scope").BeginObject().Key("name").String("telltale.doctor").EndObject();
  json.Key("spans").BeginArray().BeginObject();
  json.Key("traceId").String(trace_id).Key("spanId").String(RandomHex(8));
  json.Key("name").String("test span").Key("kind").Int(1);
  json.Key("startTimeUnixNano").UintString(end_unix_nanos - kDurationNanos);
  json.Key("endTimeUnixNano").UintString(end_unix_nanos);
  json.Key("attributes").BeginArray();
  attribute("telltale.doctor", "a test span, sent to be found again");
  json.EndArray().EndObject().EndArray();
  json.EndObject().EndArray().EndObject().EndArray().EndObject();
  return out;
}

// A word on what answered, where its body gives it away.
std::string Guess(std::string_view body) {
  for (const std::string_view name : {"Jaeger", "Grafana", "Zipkin", "Prometheus"}) {
    if (body.find(name) != body.npos) return "; it looks like " + std::string(name);
  }
  return {};
}

Result<HttpClientResponse> PostTraces(const HostPort& to, std::string body) {
  HttpClientRequest request{.method = "POST",
                            .url = "http://" + to.Text() + "/v1/traces",
                            .body = std::move(body),
                            .timeout_ms = kTimeoutMs};
  request.headers.Add("Content-Type", "application/json");
  return HttpFetch(request);
}

// Why the receiver did not keep the one span, out of {"partialSuccess": {...}}.
std::string RefusalUntrusted(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("partialSuccess")) return {};
  const auto& partial = json["partialSuccess"];
  if (!partial.is_object() || !partial.contains("errorMessage") || !partial["errorMessage"].is_string())
    return {};
  return partial["errorMessage"].get<std::string>();
}

class Doctor {
 public:
  Doctor(const DoctorOptions& options, Terminal& terminal)
      : options_(options), terminal_(terminal), api_(options.server, kTimeoutMs) {}

  // Success: every check was made, whatever it found.
  Status Walk() {
    CheckServer();
    TELLTALE_ASSIGN_OR_RETURN(
        grpc_, ReceiverAddress("--otlp-grpc", options_.otlp_grpc, stats_.otlp_grpc, kUsualGrpc));
    TELLTALE_ASSIGN_OR_RETURN(
        http_, ReceiverAddress("--otlp-http", options_.otlp_http, stats_.otlp_http, kUsualHttp));
    CheckGrpc();
    const bool takes_spans = CheckHttp();
    CheckUsualPorts();
    Add(telltale::CheckEnvironment(ProcessEnvironment(), Expected()));
    if (is_up_ && takes_spans) CheckTestSpan();
    if (is_up_) CheckWhatArrived();
    CheckMachine();
    return {};
  }

  const std::vector<Finding>& findings() const { return findings_; }

 private:
  void Add(Finding finding) {
    if (!options_.json) PrintFinding(finding, terminal_);
    findings_.push_back(std::move(finding));
  }
  void Add(std::vector<Finding> findings) {
    for (Finding& finding : findings) Add(std::move(finding));
  }

  void CheckServer() {
    const auto health = HttpFetch({.url = api_.server() + "/healthz", .timeout_ms = kTimeoutMs});
    if (!health) {
      Add(Bad("server", health.error().message,
              "start it: telltale serve; or say where it is: --server URL"));
      return;
    }
    server_seconds_ = ReadHttpDateUntrusted(health->headers.Get("Date"));
    const auto body = api_.Get("/api/v1/stats");
    auto stats = body ? ReadServerStatsUntrusted(*body) : Result<ServerStats>(std::unexpected(body.error()));
    if (health->status != 200 || !stats) {
      const auto page = HttpFetch({.url = api_.server() + "/", .timeout_ms = kTimeoutMs});
      Add(Bad("server",
              api_.server() + " answers, but not as Telltale does" + (page ? Guess(page->body) : ""),
              "stop the other program, or start telltale serve --http with another port and name it with "
              "--server"));
      return;
    }
    stats_ = std::move(*stats);
    is_up_ = true;
    Add(Good("server", api_.server() + " is Telltale " + stats_.version + ", up for " +
                           FormatDuration(stats_.uptime_seconds * 1'000'000'000) + ", with " +
                           Plural(stats_.spans_stored, "span")));
    CheckReady();
  }

  void CheckReady() {
    const auto ready = HttpFetch({.url = api_.server() + "/readyz", .timeout_ms = kTimeoutMs});
    if (ready && ready->status == 200) return;
    Add(Warn("server", "it is not ready" + (ready ? ": " + CutToWidth(Printable(ready->body), 200) : ""),
             "wait a moment after its start; then look at its log"));
  }

  // As the person says, as the server says, or where SDKs look.
  Result<HostPort> ReceiverAddress(std::string_view flag, const std::string& given, const std::string& told,
                                   std::string_view usual) const {
    if (!given.empty()) return ReadHostPort(flag, given);
    if (told.empty() || told == "off") return ReadHostPort(flag, usual);
    TELLTALE_ASSIGN_OR_RETURN(HostPort address, ReadHostPort("the server's receivers", told));
    // Loopback of the machine that the server runs on.
    const auto url = ParseHttpUrl(api_.server());
    if (IsLocalHost(address.host) && url && !IsLocalHost(url->host)) address.host = url->host;
    return address;
  }

  std::string Listener(const HostPort& at) const { return IsLocalHost(at.host) ? ListenerOf(at.port) : ""; }

  void CheckGrpc() {
    const PortProbe probe = ProbePort({.to = grpc_, .send = kHttp2Greeting});
    Add(JudgeGrpcPort(grpc_.Text(), probe, Listener(grpc_)));
  }

  // True when spans can be sent there.
  bool CheckHttp() {
    const std::string address = http_.Text();
    const auto answer = PostTraces(http_, "{}");
    if (!answer) {
      Add(Bad("otlp-http", answer.error().message,
              "start the server: telltale serve; or say where it is: --otlp-http HOST:PORT"));
      return false;
    }
    const std::string listener = Listener(http_);
    const std::string by = listener.empty() ? "" : " by " + listener;
    if (answer->status == 200) {
      Add(Good("otlp-http", address + " takes OTLP over HTTP" + by));
      return true;
    }
    Add(Bad("otlp-http",
            address + ": taken" + by + ", and it answers " + std::to_string(answer->status) + " to OTLP" +
                Guess(answer->body),
            "stop the other program, or start telltale serve --otlp-http with another port"));
    return false;
  }

  // SDKs send to 4317 and 4318 when nobody tells them: is that us?
  void CheckUsualPorts() {
    const Environment environment = ProcessEnvironment();
    // What the environment says instead is judged with the environment.
    if (!is_up_ || environment.contains("OTEL_EXPORTER_OTLP_ENDPOINT") ||
        environment.contains("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")) {
      return;
    }
    for (const auto& [at, usual] : {std::pair(grpc_, 4317), std::pair(http_, 4318)}) {
      if (at.port == usual || !IsLocalHost(at.host)) continue;
      const HostPort there{.host = "127.0.0.1", .port = usual};
      const PortProbe probe = ProbePort({.to = there, .send = kHttp2Greeting, .timeout_ms = 500});
      const bool is_taken =
          probe.outcome == PortProbe::Outcome::kAnswered || probe.outcome == PortProbe::Outcome::kSilent;
      const std::string listener = is_taken ? ListenerOf(usual) : "";
      Add(Warn("ports",
               "SDKs send to " + std::to_string(usual) + " unless told otherwise; there is " +
                   (!is_taken          ? "nothing"
                    : listener.empty() ? "another program"
                                       : listener) +
                   ", Telltale is at " + std::to_string(at.port),
               "export OTEL_EXPORTER_OTLP_ENDPOINT=http://" + at.Text() +
                   " OTEL_EXPORTER_OTLP_PROTOCOL=" + (usual == 4317 ? "grpc" : "http/protobuf")));
    }
  }

  ExpectedServer Expected() const {
    ExpectedServer expected{.host = grpc_.host, .grpc_port = grpc_.port, .http_port = http_.port};
    if (const auto url = ParseHttpUrl(api_.server())) expected.ui_port = std::atoi(url->port.c_str());
    return expected;
  }

  void CheckTestSpan() {
    const std::string trace_id = RandomHex(16);
    const uint64_t sent = Clock::System()->MonotonicNanos();
    const auto answer = PostTraces(http_, TestSpanBody(trace_id, Clock::System()->UnixNanos()));
    const std::string refusal = answer ? RefusalUntrusted(answer->body) : "";
    if (!answer || answer->status != 200 || !refusal.empty()) {
      const std::string why = !answer            ? answer.error().message
                              : !refusal.empty() ? refusal
                                                 : std::to_string(answer->status) + " " + answer->body;
      Add(Bad("test-span", "a span could not be sent: " + CutToWidth(Printable(why), 200),
              "look at the server's log"));
      return;
    }
    Add(FindTestSpan(trace_id, sent));
  }

  Finding FindTestSpan(const std::string& trace_id, uint64_t sent_nanos) const {
    while (true) {
      const auto body = api_.Get("/api/v1/traces/" + trace_id);
      const uint64_t taken = Clock::System()->MonotonicNanos() - sent_nanos;
      if (body)
        return Good("test-span",
                    "sent and found again after " + FormatDuration(taken) + ": trace " + trace_id);
      if (body.error().code != ErrorCode::kNotFound) {
        return Bad("test-span", "sent, but asking for it failed: " + body.error().message, body.error().hint);
      }
      if (taken > kFindWithinMs * 1'000'000) break;
      std::this_thread::sleep_for(kLookEvery);
    }
    return Bad("test-span", "acknowledged, but not found within 5 s: trace " + trace_id,
               "is " + http_.Text() + " the receiver of " + api_.server() +
                   "? Then the store is behind: see log_lag_bytes in /api/v1/stats");
  }

  void CheckWhatArrived() {
    if (const auto body = api_.Get("/api/v1/counters")) {
      if (const auto counters = ReadCountersUntrusted(*body)) Add(JudgeCounters(*counters));
    }
    const auto body = api_.Get("/api/v1/traces?limit=100");
    const auto traces =
        body ? ReadListedTracesUntrusted(*body) : Result<ListedTraces>(std::unexpected(body.error()));
    if (!traces) {
      Add(Bad("traces", "asking for traces failed: " + traces.error().message, traces.error().hint));
      return;
    }
    std::vector<Finding> judged = JudgeTraces(traces->items);
    const bool has_traces = judged.front().level == FindingLevel::kOk;
    Add(std::move(judged));
    if (!has_traces) return;
    if (const auto keys_body = api_.Get("/api/v1/attribute_keys")) {
      if (const auto keys = ReadKeysUntrusted(*keys_body)) Add(JudgeAttributeKeys(*keys));
    }
  }

  void CheckMachine() {
    const auto path = options_.data.empty() ? DefaultDataPath() : std::filesystem::path(options_.data);
    const auto url = ParseHttpUrl(api_.server());
    if (!url || IsLocalHost(url->host)) {
      Add(JudgeFolder(LookAtFolder(path),
                      {.server_is_up = is_up_, .path_was_given = !options_.data.empty()}));
    }
    Add(JudgeClock({.local_seconds = static_cast<int64_t>(Clock::System()->UnixNanos() / 1'000'000'000),
                    .server_seconds = server_seconds_,
                    .newest_span_seconds = stats_.newest_unix_nano / 1'000'000'000}));
  }

  const DoctorOptions& options_;
  Terminal& terminal_;
  const ApiClient api_;
  std::vector<Finding> findings_;
  bool is_up_ = false;
  ServerStats stats_;  // empty while the server is not up
  std::optional<int64_t> server_seconds_;
  HostPort grpc_;
  HostPort http_;
};

}  // namespace

int RunDoctor(const DoctorOptions& options, Terminal& terminal) {
  Doctor doctor(options, terminal);
  const Status walked = doctor.Walk();
  if (!walked) return ReportError(walked.error(), terminal);
  if (options.json) terminal.out << FindingsJson(doctor.findings());
  const size_t bad = CountLevel(doctor.findings(), FindingLevel::kFail);
  terminal.err << CountLevel(doctor.findings(), FindingLevel::kOk) << " ok, "
               << Plural(CountLevel(doctor.findings(), FindingLevel::kWarn), "warning") << ", "
               << Plural(bad, "failure") << '\n';
  return bad == 0 ? kExitOk : kExitFailure;
}

}  // namespace telltale
