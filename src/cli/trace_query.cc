#include "cli/trace_query.h"

#include <algorithm>
#include <cctype>

#include "cli/text.h"
#include "pricing/price_file.h"

namespace telltale {
namespace {

constexpr size_t kTraceIdDigits = 32;

std::unexpected<Error> BadFlag(std::string_view flag, std::string_view value, std::string_view why,
                               std::string hint) {
  return Fail(ErrorCode::kInvalidInput,
              "read --" + std::string(flag) + ": '" + std::string(value) + "': " + std::string(why),
              std::move(hint));
}

Result<std::string> NanosText(std::string_view flag, const std::string& duration) {
  if (duration.empty()) return std::string();
  TELLTALE_ASSIGN_OR_RETURN(const uint64_t nanos, ReadDurationFlag(flag, duration));
  return std::to_string(nanos);
}

// 2026-11-25T11:14:36Z; the server reads it in full.
bool LooksLikeTime(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't');
}

// 2026-11-25
bool LooksLikeDay(std::string_view text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-';
}

}  // namespace

Result<QueryText> FilterQuery(const TraceFilter& filter) {
  if (!filter.status.empty() && filter.status != "error" && filter.status != "ok" &&
      filter.status != "unset") {
    return BadFlag("status", filter.status, "no such status", "write error, ok or unset");
  }
  TELLTALE_ASSIGN_OR_RETURN(const std::string shortest, NanosText("min-duration", filter.min_duration));
  TELLTALE_ASSIGN_OR_RETURN(const std::string longest, NanosText("max-duration", filter.max_duration));
  QueryText query;
  query.Add("service", filter.service).Add("operation", filter.operation).Add("status", filter.status);
  query.Add("min_duration", shortest).Add("max_duration", longest);
  for (const std::string& attribute : filter.attributes) {
    if (attribute.empty() || attribute.starts_with('=')) {
      return BadFlag("attribute", attribute, "it has no key", "write key=value, or key alone: it exists");
    }
    query.Add("attribute", attribute);
  }
  return query;
}

Result<std::string> StartOfSince(std::string_view since, uint64_t now_unix_nanos) {
  if (LooksLikeTime(since)) return std::string(since);
  auto nanos = ReadDurationFlag("since", since);
  if (!nanos) {
    return BadFlag("since", since, "neither a duration nor a time",
                   "write 1h, 30m, 7d or 2026-11-25T11:00:00Z");
  }
  return std::to_string(now_unix_nanos - std::min(*nanos, now_unix_nanos));
}

Result<std::string> TimeOfFlag(std::string_view flag, std::string_view text, uint64_t now_unix_nanos) {
  if (LooksLikeTime(text)) return std::string(text);
  if (LooksLikeDay(text)) {
    const auto day = UnixNanosOfDay(text);
    if (!day) return BadFlag(flag, text, "no such day", "write it as 2026-11-01");
    return std::to_string(*day);
  }
  auto nanos = ReadDurationFlag(flag, text);
  if (!nanos) {
    return BadFlag(flag, text, "neither a day, a time nor a duration",
                   "write 2026-11-01, 2026-11-01T12:00:00Z, or 7d: so long ago");
  }
  return std::to_string(now_unix_nanos - std::min(*nanos, now_unix_nanos));
}

Result<ListedTraces> ListTraces(const ApiClient& api, const QueryText& query) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string body, api.Get("/api/v1/traces" + query.Text()));
  return ReadListedTracesUntrusted(body);
}

Result<std::string> ReadTraceIdArgument(std::string_view text) {
  std::string_view id = text;
  if (id.find("://") != id.npos) {
    id = id.substr(0, id.find_first_of("?#"));
    while (id.ends_with('/')) id.remove_suffix(1);
    id = id.substr(id.rfind('/') + 1);
  }
  std::string hex(id);
  std::ranges::transform(hex, hex.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (hex.empty() || hex.size() > kTraceIdDigits ||
      hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return Fail(ErrorCode::kInvalidInput,
                "read the trace id: '" + std::string(text) + "': not 1 to 32 hex digits",
                "telltale traces lists the ids");
  }
  return std::string(kTraceIdDigits - hex.size(), '0') + hex;
}

}  // namespace telltale
