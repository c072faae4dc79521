// What the environment variables say to an OpenTelemetry SDK, and where that keeps its
// spans from arriving here. No I/O: the environment comes as a map.
//
//   std::vector<Finding> findings = CheckEnvironment(ProcessEnvironment(), {.grpc_port = 4317});
//
// Values are not repeated where they may be secret (headers, api keys, proxies).
//
// Thread safety  Free functions; ProcessEnvironment reads the process's environment.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/finding.h"

namespace telltale {

// Without variables whose value is empty: SDKs take these as not set.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment ProcessEnvironment();

// The server that the spans should reach.
struct ExpectedServer {
  std::string host = "127.0.0.1";
  int ui_port = 16686;
  int grpc_port = 4317;  // 0: not listening
  int http_port = 4318;
};

// All of the checks below. At least one finding.
std::vector<Finding> CheckEnvironment(const Environment& environment, const ExpectedServer& server);

// Names that no SDK reads, among them those that the guide lost underscores of.
std::vector<Finding> CheckSpelling(const Environment& environment);
// OTEL_EXPORTER_OTLP_[TRACES_]{ENDPOINT,PROTOCOL,HEADERS,COMPRESSION}
std::vector<Finding> CheckExport(const Environment& environment, const ExpectedServer& server);
// OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_TRACES_SAMPLER, limits, propagators.
std::vector<Finding> CheckSdk(const Environment& environment);
// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
std::vector<Finding> CheckResource(const Environment& environment);
// Proxies that would swallow what is meant for the server.
std::vector<Finding> CheckProxies(const Environment& environment, const ExpectedServer& server);

// True for localhost, 127.0.0.0/8 and ::1, in brackets or not.
bool IsLocalHost(std::string_view host);

}  // namespace telltale
