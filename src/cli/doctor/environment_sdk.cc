#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/environment.h"

namespace telltale {
namespace {

// Prompts and answers are longer than this, and SDKs cut them without a trace of it.
constexpr int kValueLengthEnough = 16'384;
// The default of SDKs; spans of model calls come near it.
constexpr int kAttributeCountEnough = 128;
constexpr int kExportDelayMsMax = 30'000;

std::string_view ValueOf(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> SplitList(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    if (const std::string_view part = Trimmed(list.substr(0, end)); !part.empty()) parts.push_back(part);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

std::optional<double> NumberIn(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string Shown(std::string_view name, std::string_view value) {
  return std::string(name) + "=" + std::string(value);
}

void CheckDisabled(const Environment& environment, std::vector<Finding>& findings) {
  const std::string_view value = ValueOf(environment, "OTEL_SDK_DISABLED");
  if (Lower(value) != "true") return;
  findings.push_back(Bad("environment", Shown("OTEL_SDK_DISABLED", value) + ": no spans are made",
                         "unset OTEL_SDK_DISABLED"));
}

void CheckExporter(const Environment& environment, std::vector<Finding>& findings) {
  constexpr std::string_view kName = "OTEL_TRACES_EXPORTER";
  const std::vector<std::string_view> exporters = SplitList(ValueOf(environment, kName));
  if (exporters.empty()) return;
  const bool has_otlp =
      std::ranges::any_of(exporters, [](std::string_view e) { return e.starts_with("otlp"); });
  if (has_otlp) return;
  std::string why = ": only OTLP arrives here";
  if (exporters.front() == "none") why = ": spans are made and thrown away";
  if (exporters.front() == "console" || exporters.front() == "logging") why = ": spans are printed, not sent";
  findings.push_back(Bad("environment", Shown(kName, ValueOf(environment, kName)) + why,
                         "export OTEL_TRACES_EXPORTER=otlp"));
}

std::string Percent(double share) {
  std::string text = std::to_string(share * 100);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

Finding JudgeRatio(const Environment& environment, std::string_view sampler) {
  const std::string_view argument = ValueOf(environment, "OTEL_TRACES_SAMPLER_ARG");
  const std::string shown = Shown("OTEL_TRACES_SAMPLER", sampler);
  const std::string fix = "export OTEL_TRACES_SAMPLER=parentbased_always_on";
  if (argument.empty())
    return Good("environment", shown + " without OTEL_TRACES_SAMPLER_ARG: keeps every trace");
  const std::optional<double> ratio = NumberIn(argument);
  const std::string both = shown + ", OTEL_TRACES_SAMPLER_ARG=" + std::string(argument);
  if (!ratio || *ratio < 0 || *ratio > 1) {
    return Warn("environment", both + ": not a number from 0 to 1", "export OTEL_TRACES_SAMPLER_ARG=1.0");
  }
  if (*ratio == 0) return Bad("environment", both + ": keeps no trace", fix);
  if (*ratio < 1) {
    return Warn("environment", both + ": keeps " + Percent(*ratio) + " of traces; the others never arrive",
                fix);
  }
  return Good("environment", both + ": keeps every trace");
}

void CheckSampler(const Environment& environment, std::vector<Finding>& findings) {
  const std::string_view sampler = ValueOf(environment, "OTEL_TRACES_SAMPLER");
  if (sampler.empty() || sampler == "always_on" || sampler == "parentbased_always_on") return;
  const std::string fix = "export OTEL_TRACES_SAMPLER=parentbased_always_on";
  if (sampler == "always_off" || sampler == "parentbased_always_off") {
    findings.push_back(Bad("environment", Shown("OTEL_TRACES_SAMPLER", sampler) + ": keeps no trace", fix));
  } else if (sampler == "traceidratio" || sampler == "parentbased_traceidratio") {
    findings.push_back(JudgeRatio(environment, sampler));
  } else {
    findings.push_back(
        Warn("environment", Shown("OTEL_TRACES_SAMPLER", sampler) + ": may keep only some traces", fix));
  }
}

// "Missing attributes", the quiet kind.
void CheckLimits(const Environment& environment, std::vector<Finding>& findings) {
  for (const std::string_view name :
       {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"}) {
    const std::string_view value = ValueOf(environment, name);
    if (const auto limit = NumberIn(value); limit && *limit < kValueLengthEnough) {
      findings.push_back(Warn("environment",
                              Shown(name, value) + ": longer prompts and answers are cut by the SDK",
                              "unset " + std::string(name)));
    }
  }
  for (const std::string_view name : {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"}) {
    const std::string_view value = ValueOf(environment, name);
    if (const auto limit = NumberIn(value); limit && *limit < kAttributeCountEnough) {
      findings.push_back(Warn("environment", Shown(name, value) + ": the SDK drops what a span has more of",
                              "unset " + std::string(name)));
    }
  }
}

void CheckBatching(const Environment& environment, std::vector<Finding>& findings) {
  const std::string_view delay = ValueOf(environment, "OTEL_BSP_SCHEDULE_DELAY");
  if (const auto milliseconds = NumberIn(delay); milliseconds && *milliseconds > kExportDelayMsMax) {
    findings.push_back(Warn("environment",
                            Shown("OTEL_BSP_SCHEDULE_DELAY", delay) +
                                ": milliseconds that spans wait before they "
                                "are sent",
                            "unset OTEL_BSP_SCHEDULE_DELAY: the default is 5000"));
  }
}

void CheckPropagators(const Environment& environment, std::vector<Finding>& findings) {
  const std::string_view value = ValueOf(environment, "OTEL_PROPAGATORS");
  if (value.empty() || value.find("tracecontext") != value.npos) return;
  findings.push_back(Warn("environment",
                          Shown("OTEL_PROPAGATORS", value) + ": calls between services may start new traces",
                          "export OTEL_PROPAGATORS=tracecontext,baggage"));
}

// service.name in a list of key=value; empty when it is not there.
std::string_view ServiceNameIn(std::string_view list) {
  for (const std::string_view entry : SplitList(list)) {
    const size_t equals = entry.find('=');
    if (equals != entry.npos && Trimmed(entry.substr(0, equals)) == "service.name")
      return entry.substr(equals + 1);
  }
  return {};
}

void CheckAttributeList(std::string_view list, std::vector<Finding>& findings) {
  for (const std::string_view entry : SplitList(list)) {
    const size_t equals = entry.find('=');
    if (equals != entry.npos && equals > 0) continue;
    findings.push_back(
        Warn("environment",
             "OTEL_RESOURCE_ATTRIBUTES: '" + std::string(entry) + "' is not key=value: SDKs drop it",
             "write key=value,key2=value2; a comma inside a value is %2C"));
  }
}

// One proxy rule set: the variables that name a proxy, and those that make exceptions.
struct ProxyNames {
  std::initializer_list<std::string_view> proxies;
  std::initializer_list<std::string_view> exceptions;
};

bool IsException(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with("127.") && entry.find('/') != entry.npos) return host.starts_with("127.");
  if (!entry.starts_with('[') && std::ranges::count(entry, ':') == 1)
    entry = entry.substr(0, entry.find(':'));
  if (entry.starts_with('.')) return host.ends_with(entry);
  return host == entry || host.ends_with("." + std::string(entry));
}

bool IsExcepted(const Environment& environment, const ProxyNames& names, std::string_view host) {
  for (const std::string_view name : names.exceptions) {
    for (const std::string_view entry : SplitList(ValueOf(environment, name))) {
      if (IsException(entry, host)) return true;
    }
  }
  return false;
}

// The proxy variable that would take a request to `host`; empty when none would.
std::string ProxyFor(const Environment& environment, const ProxyNames& names, std::string_view host) {
  for (const std::string_view name : names.proxies) {
    if (environment.contains(name) && !IsExcepted(environment, names, host)) return std::string(name);
  }
  return {};
}

// The host that spans are sent to: SDKs say localhost where nobody says anything.
std::string TargetHost(const Environment& environment, const ExpectedServer& server) {
  for (const std::string_view name : {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}) {
    std::string_view value = ValueOf(environment, name);
    if (value.empty()) continue;
    if (const size_t scheme = value.find("://"); scheme != value.npos) value.remove_prefix(scheme + 3);
    if (value.starts_with('[')) return std::string(value.substr(0, value.find(']') + 1));
    return std::string(value.substr(0, value.find_first_of(":/")));
  }
  return IsLocalHost(server.host) ? "localhost" : server.host;
}

}  // namespace

std::vector<Finding> CheckSdk(const Environment& environment) {
  std::vector<Finding> findings;
  CheckDisabled(environment, findings);
  CheckExporter(environment, findings);
  CheckSampler(environment, findings);
  CheckLimits(environment, findings);
  CheckBatching(environment, findings);
  CheckPropagators(environment, findings);
  return findings;
}

std::vector<Finding> CheckResource(const Environment& environment) {
  std::vector<Finding> findings;
  const std::string_view list = ValueOf(environment, "OTEL_RESOURCE_ATTRIBUTES");
  const std::string_view in_list = ServiceNameIn(list);
  const std::string_view name = ValueOf(environment, "OTEL_SERVICE_NAME");
  CheckAttributeList(list, findings);
  if (!name.empty() && !in_list.empty() && name != in_list) {
    findings.push_back(Warn("environment",
                            Shown("OTEL_SERVICE_NAME", name) + " wins over service.name=" +
                                std::string(in_list) + " in OTEL_RESOURCE_ATTRIBUTES",
                            "keep one of them"));
  } else if (!name.empty() || !in_list.empty()) {
    findings.push_back(
        Good("environment", "the service is called " + std::string(name.empty() ? in_list : name)));
  } else {
    findings.push_back(
        Warn("environment",
             "OTEL_SERVICE_NAME is not set: unless the program names itself, its spans are listed "
             "under unknown_service",
             "export OTEL_SERVICE_NAME=llm-service"));
  }
  return findings;
}

std::vector<Finding> CheckProxies(const Environment& environment, const ExpectedServer& server) {
  const std::string host = TargetHost(environment, server);
  // gRPC reads the lower-case names alone; HTTP libraries read both.
  std::string proxy = ProxyFor(environment,
                               {.proxies = {"grpc_proxy", "https_proxy", "http_proxy", "all_proxy"},
                                .exceptions = {"no_grpc_proxy", "no_proxy"}},
                               host);
  if (proxy.empty()) {
    proxy = ProxyFor(environment,
                     {.proxies = {"HTTP_PROXY", "ALL_PROXY"}, .exceptions = {"no_proxy", "NO_PROXY"}}, host);
  }
  if (proxy.empty()) return {};
  return {Warn("environment",
               proxy + " is set and makes no exception for " + host + ": spans may go to the proxy",
               "export NO_PROXY=localhost,127.0.0.1,::1 no_proxy=localhost,127.0.0.1,::1")};
}

}  // namespace telltale
