#include <algorithm>
#include <cstdlib>

#include "server.h"

namespace telltale {
namespace {

constexpr uint64_t kMemoryBytesMin = 384ull << 20;  // The engine alone needs about 200 MiB.

std::filesystem::path DefaultDataFolder() {
  if (const char* home = std::getenv("XDG_DATA_HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / "telltale";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr && *home != '\0' ? home : "/var/lib") /
         ".local/share/telltale";
}

Result<ListenAddress> ReadAddress(std::string_view name, const std::string& given,
                                  const std::string& fallback, bool any_port, bool no_auth) {
  auto address = ParseListenAddress(given);
  if (!address) {
    address.error().message = "--" + std::string(name) + ": " + address.error().message;
    return std::unexpected(address.error());
  }
  if (any_port && given == fallback) address->port = 0;
  if (address->on && !address->IsLoopback() && !no_auth) {
    return Fail(ErrorCode::kInvalidInput,
                "--" + std::string(name) + ": " + given +
                    ": others could reach this address, and nothing checks who calls",
                "listen on localhost, or say --no-auth if the network is yours");
  }
  return address;
}

// "http://a, http://b" -> its parts.
std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

// An origin is a scheme, a host and perhaps a port; with more it would never match.
Result<std::vector<std::string>> ReadOrigins(const std::string& given) {
  std::vector<std::string> origins = SplitList(given);
  for (const std::string& origin : origins) {
    const size_t host = origin.find("://");
    const bool is_origin =
        host != std::string::npos && host > 0 && origin.find('/', host + 3) == std::string::npos;
    if (origin == "*" || (is_origin && std::ranges::count(origin, '*') <= 1)) continue;
    return Fail(ErrorCode::kInvalidInput, "--cors-origins: '" + origin + "': not an origin",
                "write http://localhost:5173, with one * for any text: http://localhost:*");
  }
  return origins;
}

// The built-in rules, before which those of a user's file stand where one is named.
Result<std::shared_ptr<const RuleTable>> ReadRules(const std::string& file_name) {
  if (file_name.empty())
    return std::shared_ptr<const RuleTable>(std::shared_ptr<const RuleTable>(), &RuleTable::BuiltIn());
  TELLTALE_ASSIGN_OR_RETURN(RuleTable table, RuleTable::FromFile(file_name));
  return std::make_shared<const RuleTable>(std::move(table));
}

}  // namespace

Result<ServeOptions> ServeOptions::From(const Settings& settings) {
  const Settings defaults;
  ServeOptions options;
  options.data = settings.data.empty() ? DefaultDataFolder() : std::filesystem::path(settings.data);
  options.ready_file = settings.ready_file;
  options.inline_content = settings.inline_content;
  if (!settings.ports.empty() && settings.ports != "0") {
    return Fail(ErrorCode::kInvalidInput, "--ports: '" + settings.ports + "': only 0 is known",
                "use --http, --tempo, --otlp-grpc, --otlp-http and --clickhouse for single ports");
  }
  const bool any_port = settings.ports == "0";
  TELLTALE_ASSIGN_OR_RETURN(options.http,
                            ReadAddress("http", settings.http, defaults.http, any_port, settings.no_auth));
  TELLTALE_ASSIGN_OR_RETURN(options.tempo,
                            ReadAddress("tempo", settings.tempo, defaults.tempo, any_port, settings.no_auth));
  TELLTALE_ASSIGN_OR_RETURN(options.otlp_grpc, ReadAddress("otlp-grpc", settings.otlp_grpc,
                                                           defaults.otlp_grpc, any_port, settings.no_auth));
  TELLTALE_ASSIGN_OR_RETURN(options.otlp_http, ReadAddress("otlp-http", settings.otlp_http,
                                                           defaults.otlp_http, any_port, settings.no_auth));
  TELLTALE_ASSIGN_OR_RETURN(options.clickhouse, ReadAddress("clickhouse", settings.clickhouse,
                                                            defaults.clickhouse, any_port, settings.no_auth));
  if (!settings.store.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(options.store, StoreAddress::FromUrl(settings.store));
  }
  TELLTALE_ASSIGN_OR_RETURN(options.cors_origins, ReadOrigins(settings.cors_origins));
  TELLTALE_ASSIGN_OR_RETURN(options.memory_bytes, ParseBytes(settings.memory));
  TELLTALE_ASSIGN_OR_RETURN(options.log_bytes, ParseBytes(settings.log_bytes));
  TELLTALE_ASSIGN_OR_RETURN(options.request_bytes, ParseBytes(settings.request_bytes));
  TELLTALE_ASSIGN_OR_RETURN(options.retention_bytes, ParseBytes(settings.retention_bytes));
  // A price file with a mistake is told now, not by calls without a price.
  options.prices_file = settings.prices;
  TELLTALE_ASSIGN_OR_RETURN(options.prices, PriceTable::WithUserFile(settings.prices));
  TELLTALE_ASSIGN_OR_RETURN(options.rules, ReadRules(settings.mapping));
  if (options.memory_bytes < kMemoryBytesMin) {
    return Fail(ErrorCode::kInvalidInput,
                "--memory: " + settings.memory + ": the engine needs at least 384MiB");
  }
  if (options.request_bytes > options.memory_bytes / 4) {
    return Fail(ErrorCode::kInvalidInput,
                "--request-bytes: " + settings.request_bytes + ": more than a quarter of --memory");
  }
  char* end = nullptr;
  options.retention_days = static_cast<int>(std::strtol(settings.retention_days.c_str(), &end, 10));
  if (settings.retention_days.empty() || *end != '\0' || options.retention_days < 0) {
    return Fail(ErrorCode::kInvalidInput,
                "--retention-days: '" + settings.retention_days + "': not a number of days");
  }
  return options;
}

}  // namespace telltale
