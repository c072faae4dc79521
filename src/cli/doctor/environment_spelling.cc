#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/doctor/environment.h"

namespace telltale {
namespace {

// Names that programs of this field read. Their own letters in another order of
// underscores are a slip; so are one or two wrong letters in an OTEL_ name.
constexpr std::string_view kKnownNames[] = {
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SDK_DISABLED",
    "OTEL_LOG_LEVEL",
    "OTEL_PROPAGATORS",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_LOGS_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_INSECURE",
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_BSP_EXPORT_TIMEOUT",
    "OTEL_BSP_MAX_QUEUE_SIZE",
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_BLRP_SCHEDULE_DELAY",
    "OTEL_BLRP_EXPORT_TIMEOUT",
    "OTEL_BLRP_MAX_QUEUE_SIZE",
    "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SPAN_EVENT_COUNT_LIMIT",
    "OTEL_SPAN_LINK_COUNT_LIMIT",
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
    "OTEL_SEMCONV_STABILITY_OPT_IN",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_KEY",
    "SERVICE_VERSION",
    "DEPLOYMENT_ENV",
    "TELLTALE_SERVER",
    "TELLTALE_DATA",
};

// Two slips of the finger; three make another word.
constexpr size_t kWrongLettersMax = 2;

std::string Squeezed(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c != '_' && c != '-')
      letters.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return letters;
}

// Letters to insert, remove or replace to get from one to the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// The name that was meant; nullopt when `name` is right or not ours to judge.
std::optional<std::string_view> MeantName(std::string_view name) {
  if (std::ranges::find(kKnownNames, name) != std::end(kKnownNames)) return std::nullopt;
  const std::string letters = Squeezed(name);
  for (const std::string_view known : kKnownNames) {
    if (Squeezed(known) == letters) return known;
  }
  // METRICS_ and LOGS_ names differ from TRACES_ names by more than slips do.
  if (!letters.starts_with("OTEL")) return std::nullopt;
  for (const std::string_view known : kKnownNames) {
    if (EditDistance(letters, Squeezed(known)) <= kWrongLettersMax) return known;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Finding> CheckSpelling(const Environment& environment) {
  std::vector<Finding> findings;
  for (const auto& [name, value] : environment) {
    const std::optional<std::string_view> meant = MeantName(name);
    if (!meant) continue;
    const std::string right(*meant);
    if (environment.contains(right)) {
      findings.push_back(
          Warn("environment", name + " is set beside " + right + ": no library reads it", "unset " + name));
    } else {
      findings.push_back(Warn("environment", name + " is set: no library reads it, the name is " + right,
                              "export " + right + "=\"$" + name + "\""));
    }
  }
  return findings;
}

}  // namespace telltale
