#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/doctor/environment.h"

namespace telltale {
namespace {

constexpr int kUsualGrpcPort = 4317;
constexpr int kUsualHttpPort = 4318;
constexpr std::string_view kTracesPath = "/v1/traces";

enum class Protocol { kUnknown, kGrpc, kHttp };

// An endpoint variable with the protocol that goes with it.
struct Endpoint {
  std::string name;  // of the variable
  std::string value;
  bool is_for_traces = false;  // ..._TRACES_ENDPOINT: taken as it is, without a path added
  std::string protocol_name;   // of the variable; empty: not set
  Protocol protocol = Protocol::kUnknown;

  std::string scheme;
  std::string host;
  int port = 0;  // 0: none
  std::string path;

  // Without the user and password that may stand before the host.
  std::string Shown() const {
    const size_t at = value.rfind('@');
    if (at == std::string::npos) return name + "=" + value;
    return name + "=" + (scheme.empty() ? "" : scheme + "://") + "..." + value.substr(at);
  }
};

std::optional<std::pair<std::string, std::string>> FirstSet(const Environment& environment,
                                                            std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = environment.find(name);
    if (found != environment.end()) return std::pair(found->first, found->second);
  }
  return std::nullopt;
}

Protocol ProtocolFrom(std::string_view value) {
  if (value == "grpc") return Protocol::kGrpc;
  return value == "http/protobuf" || value == "http/json" ? Protocol::kHttp : Protocol::kUnknown;
}

// scheme://host:port/path; every part may be absent.
void SplitEndpoint(Endpoint& endpoint) {
  std::string_view rest = endpoint.value;
  if (const size_t scheme = rest.find("://"); scheme != rest.npos) {
    endpoint.scheme = std::string(rest.substr(0, scheme));
    rest.remove_prefix(scheme + 3);
  }
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  endpoint.path = std::string(rest.substr(authority_end));
  if (const size_t at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  endpoint.host = std::string(authority.substr(0, colon));
  if (colon != authority.npos) {
    const std::string_view port = authority.substr(colon + 1);
    std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  }
}

std::optional<Endpoint> EffectiveEndpoint(const Environment& environment) {
  const auto set =
      FirstSet(environment, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"});
  if (!set) return std::nullopt;
  Endpoint endpoint{.name = set->first,
                    .value = set->second,
                    .is_for_traces = set->first == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"};
  const auto protocol =
      FirstSet(environment, {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"});
  if (protocol) {
    endpoint.protocol_name = protocol->first;
    endpoint.protocol = ProtocolFrom(protocol->second);
  }
  SplitEndpoint(endpoint);
  return endpoint;
}

std::string Url(const ExpectedServer& server, int port) {
  return "http://" + server.host + ":" + std::to_string(port);
}

int GrpcPort(const ExpectedServer& server) {
  return server.grpc_port != 0 ? server.grpc_port : kUsualGrpcPort;
}
int HttpPort(const ExpectedServer& server) {
  return server.http_port != 0 ? server.http_port : kUsualHttpPort;
}

// The endpoint that would work, in the protocol that was asked for.
std::string RightEndpoint(const Endpoint& endpoint, const ExpectedServer& server) {
  if (endpoint.protocol == Protocol::kHttp) {
    return "export " + endpoint.name + "=" + Url(server, HttpPort(server)) +
           (endpoint.is_for_traces ? std::string(kTracesPath) : "");
  }
  return "export " + endpoint.name + "=" + Url(server, GrpcPort(server));
}

bool IsThisServer(const Endpoint& endpoint, const ExpectedServer& server) {
  return endpoint.host == server.host || (IsLocalHost(endpoint.host) && IsLocalHost(server.host));
}

// What is wrong with its form; nothing below can be judged then.
std::optional<Finding> CheckForm(const Endpoint& endpoint, const ExpectedServer& server) {
  if (endpoint.value.find_first_of("\"' \t") != std::string::npos) {
    return Bad("environment", endpoint.Shown() + ": quotes or spaces are part of the value",
               "write it without quotes: .env files of docker keep them; " + RightEndpoint(endpoint, server));
  }
  if (endpoint.scheme.empty()) {
    return Bad("environment",
               endpoint.Shown() + ": no http:// in front: gRPC exporters then use TLS, HTTP ones fail",
               RightEndpoint(endpoint, server));
  }
  if (endpoint.scheme == "https" && IsThisServer(endpoint, server)) {
    return Bad("environment", endpoint.Shown() + ": https, but Telltale listens without TLS",
               RightEndpoint(endpoint, server));
  }
  if (endpoint.scheme != "http" && endpoint.scheme != "https") {
    return Warn("environment", endpoint.Shown() + ": not an http address", RightEndpoint(endpoint, server));
  }
  if (endpoint.port == 0) {
    return Bad("environment",
               endpoint.Shown() + ": no port: that means " + (endpoint.scheme == "http" ? "80" : "443"),
               RightEndpoint(endpoint, server));
  }
  return std::nullopt;
}

std::optional<Finding> CheckPort(const Endpoint& endpoint, const ExpectedServer& server) {
  if (!IsThisServer(endpoint, server)) {
    return Warn("environment",
                endpoint.Shown() + ": spans go to " + endpoint.host + ", not to " + server.host,
                "if they should come here: " + RightEndpoint(endpoint, server));
  }
  if (endpoint.port == server.ui_port) {
    return Bad("environment", endpoint.Shown() + ": that port is for people and queries, it takes no spans",
               RightEndpoint(endpoint, server));
  }
  if (endpoint.port == GrpcPort(server) && endpoint.protocol == Protocol::kHttp) {
    return Bad("environment",
               endpoint.Shown() + ": speaks gRPC, but " + endpoint.protocol_name + " says HTTP",
               RightEndpoint(endpoint, server));
  }
  if (endpoint.port == HttpPort(server) && endpoint.protocol == Protocol::kGrpc) {
    return Bad("environment",
               endpoint.Shown() + ": speaks HTTP, but " + endpoint.protocol_name + " says grpc",
               RightEndpoint(endpoint, server));
  }
  if (endpoint.port != GrpcPort(server) && endpoint.port != HttpPort(server)) {
    return Warn("environment",
                endpoint.Shown() + ": Telltale takes spans at " + std::to_string(GrpcPort(server)) +
                    " (gRPC) and " + std::to_string(HttpPort(server)) + " (HTTP)",
                RightEndpoint(endpoint, server));
  }
  return std::nullopt;
}

// gRPC exporters ignore a path.
std::optional<Finding> CheckPath(const Endpoint& endpoint, const ExpectedServer& server) {
  const bool is_http = endpoint.protocol == Protocol::kHttp ||
                       (endpoint.protocol == Protocol::kUnknown && endpoint.port == HttpPort(server));
  if (!is_http) return std::nullopt;
  if (endpoint.is_for_traces && !endpoint.path.ends_with(kTracesPath)) {
    return Bad("environment",
               endpoint.Shown() + ": HTTP exporters take it as it is, and it does not end in " +
                   std::string(kTracesPath),
               "export " + endpoint.name + "=" + Url(server, HttpPort(server)) + std::string(kTracesPath));
  }
  if (!endpoint.is_for_traces && endpoint.path.find(kTracesPath) != std::string::npos) {
    return Bad("environment",
               endpoint.Shown() + ": HTTP exporters add " + std::string(kTracesPath) + " themselves",
               "export " + endpoint.name + "=" + Url(server, HttpPort(server)));
  }
  return std::nullopt;
}

std::string GoodEndpoint(const Endpoint& endpoint, const ExpectedServer& server) {
  const bool is_grpc_port = endpoint.port == GrpcPort(server);
  std::string message =
      endpoint.Shown() + ": where Telltale takes OTLP over " + (is_grpc_port ? "gRPC" : "HTTP");
  if (endpoint.protocol == Protocol::kUnknown) {
    message +=
        is_grpc_port ? "; an exporter over HTTP needs " : "; a gRPC exporter (Python's default) needs ";
    message += std::to_string(is_grpc_port ? HttpPort(server) : GrpcPort(server));
  }
  return message;
}

Finding CheckEndpoint(const Endpoint& endpoint, const ExpectedServer& server) {
  for (const auto check : {CheckForm, CheckPort, CheckPath}) {
    if (std::optional<Finding> finding = check(endpoint, server)) return *finding;
  }
  return Good("environment", GoodEndpoint(endpoint, server));
}

// With a protocol but no endpoint the SDK's own default port applies: right by itself.
void CheckProtocols(const Environment& environment, std::vector<Finding>& findings) {
  for (const std::string_view name : {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"}) {
    const auto found = environment.find(name);
    if (found == environment.end() || ProtocolFrom(found->second) != Protocol::kUnknown) continue;
    findings.push_back(Bad("environment", found->first + "=" + found->second + ": no such protocol",
                           "export " + found->first + "=grpc, or http/protobuf"));
  }
}

// What is wrong in a list of key=value, with commas between; nullptr when nothing is.
const char* HeaderFault(std::string_view list) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    const std::string_view entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const size_t equals = entry.find('=');
    if (equals == entry.npos || equals == 0) {
      return entry.find(':') != entry.npos ? "it is written key: value, not key=value"
                                           : "an entry is not key=value";
    }
    if (entry.substr(equals + 1).find(' ') != entry.npos) return "a space in a value must be written %20";
  }
  return nullptr;
}

void CheckHeaders(const Environment& environment, std::vector<Finding>& findings) {
  for (const std::string_view name : {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"}) {
    const auto found = environment.find(name);
    if (found == environment.end()) continue;
    if (const char* fault = HeaderFault(found->second); fault != nullptr) {
      findings.push_back(Warn("environment", found->first + ": " + fault,
                              "write key=value,key2=value2; Telltale needs no headers"));
    }
  }
}

void CheckCompression(const Environment& environment, std::vector<Finding>& findings) {
  const auto set =
      FirstSet(environment, {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"});
  if (!set || set->second == "gzip" || set->second == "none") return;
  findings.push_back(Warn("environment",
                          set->first + "=" + set->second + ": not every exporter and server knows it",
                          "export " + set->first + "=gzip"));
}

}  // namespace

std::vector<Finding> CheckExport(const Environment& environment, const ExpectedServer& server) {
  std::vector<Finding> findings;
  CheckProtocols(environment, findings);
  if (const std::optional<Endpoint> endpoint = EffectiveEndpoint(environment)) {
    findings.push_back(CheckEndpoint(*endpoint, server));
  }
  CheckHeaders(environment, findings);
  CheckCompression(environment, findings);
  return findings;
}

}  // namespace telltale
