#include "cli/doctor/environment.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace telltale {
namespace {

constexpr std::string_view kCheck = "environment";

bool SaysAnythingToOpenTelemetry(const Environment& environment) {
  return std::ranges::any_of(environment, [](const auto& entry) { return entry.first.starts_with("OTEL_"); });
}

void Append(std::vector<Finding> more, std::vector<Finding>& findings) {
  std::ranges::move(more, std::back_inserter(findings));
}

}  // namespace

Environment ProcessEnvironment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == text.npos || equals + 1 == text.size()) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

bool IsLocalHost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" || host == "[::1]" ||
         host.starts_with("127.");
}

std::vector<Finding> CheckEnvironment(const Environment& environment, const ExpectedServer& server) {
  std::vector<Finding> findings = CheckSpelling(environment);
  Append(CheckExport(environment, server), findings);
  Append(CheckSdk(environment), findings);
  if (SaysAnythingToOpenTelemetry(environment)) {
    Append(CheckResource(environment), findings);
  } else {
    findings.push_back(
        Good(std::string(kCheck),
             "no OTEL_ variable is set in this shell: what your program sets, and the defaults of "
             "its SDK (http://localhost:4317 or :4318), count"));
  }
  Append(CheckProxies(environment, server), findings);
  return findings;
}

}  // namespace telltale
