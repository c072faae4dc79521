#include "api/call_filter.h"

#include <algorithm>
#include <vector>

#include "api/rest_parts.h"

namespace telltale {
namespace {

constexpr std::array<std::string_view, 13> kFilterParameters = {
    "trace_id", "service", "provider", "model",       "conversation", "user", "prompt",
    "agent",    "kind",    "status",   "cost_status", "start",        "end"};

Status ReadKind(const Parameters& parameters, CallFilter& filter) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("kind"));
  if (!text) return {};
  const auto at = std::ranges::find(kCallKindNames, std::string_view(*text));
  if (text->empty() || at == std::end(kCallKindNames))
    return BadParameter("kind", *text, "not a kind of call", "llm, embedding, tool, agent, chain ...");
  filter.kind = static_cast<CallKind>(at - std::begin(kCallKindNames));
  return {};
}

}  // namespace

Status RefuseUnknownBesideCallFilter(const Parameters& parameters, std::span<const std::string_view> own) {
  std::vector<std::string_view> known(kFilterParameters.begin(), kFilterParameters.end());
  known.insert(known.end(), own.begin(), own.end());
  return parameters.RefuseUnknown(known);
}

Result<CallFilter> ReadCallFilter(const Parameters& parameters, int64_t now) {
  CallFilter filter;
  TELLTALE_ASSIGN_OR_RETURN(const auto trace_id, parameters.Text("trace_id"));
  if (trace_id) {
    filter.trace_id = ParseTraceIdUntrusted(*trace_id);
    if (!filter.trace_id)
      return BadParameter("trace_id", *trace_id, "not a trace id", "1 to 32 hex digits, not all zeros");
  }
  const std::pair<std::string_view, std::string*> texts[] = {
      {"service", &filter.service}, {"provider", &filter.provider},         {"model", &filter.model},
      {"user", &filter.user},       {"conversation", &filter.conversation}, {"prompt", &filter.prompt},
      {"agent", &filter.agent}};
  for (const auto& [name, place] : texts) {
    TELLTALE_ASSIGN_OR_RETURN(auto text, parameters.Text(name));
    if (text) *place = *std::move(text);
  }
  TELLTALE_RETURN_IF_ERROR(ReadKind(parameters, filter));
  TELLTALE_ASSIGN_OR_RETURN(filter.failed,
                            ReadName(parameters, "status",
                                     std::array{std::pair<std::string_view, bool>{"error", true},
                                                std::pair<std::string_view, bool>{"ok", false}}));
  using Named = std::pair<std::string_view, CostStatus>;
  TELLTALE_ASSIGN_OR_RETURN(
      filter.cost_status,
      ReadName(
          parameters, "cost_status",
          std::array{Named{"computed", CostStatus::kComputed}, Named{"reported", CostStatus::kReported},
                     Named{"unpriced", CostStatus::kUnpriced}, Named{"no_usage", CostStatus::kNoUsage}}));
  TELLTALE_ASSIGN_OR_RETURN(filter.range,
                            ReadRange(parameters, filter.trace_id ? TimeRange{} : LastDay(now)));
  return filter;
}

}  // namespace telltale
