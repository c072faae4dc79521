// The sums over calls: how each is taken from rows of `calls`, and added up from sums. Private to query/.
#pragma once

#include <string_view>

namespace telltale {

struct SumColumn {
  std::string_view name;
  std::string_view of_calls;
};

// In the order in which they are read.
inline constexpr SumColumn kSumColumns[] = {
    {"calls", "countIf(kind IN (1, 2, 3, 7))"},
    {"errors", "countIf(kind IN (1, 2, 3, 7) AND failed)"},
    {"input", "sum(greatest(input_tokens, 0))"},
    {"output", "sum(greatest(output_tokens, 0))"},
    {"cache_read", "sum(greatest(cache_read_tokens, 0))"},
    {"cache_write", "sum(greatest(cache_write_tokens, 0))"},
    {"reasoning", "sum(greatest(reasoning_tokens, 0))"},
    {"without_usage", "countIf(kind IN (1, 2, 3, 7) AND input_tokens < 0 AND output_tokens < 0)"},
    {"total_cost", "sumIf(toInt128(cost), kind IN (1, 2, 3, 7) AND cost_status IN (2, 3))"},
    {"computed", "countIf(kind IN (1, 2, 3, 7) AND cost_status = 2)"},
    {"reported", "countIf(kind IN (1, 2, 3, 7) AND cost_status = 3)"},
    {"unpriced", "countIf(kind IN (1, 2, 3, 7) AND cost_status = 1)"},
    {"no_usage", "countIf(kind IN (1, 2, 3, 7) AND cost_status = 0)"},
    {"all_duration", "sumIf(toInt128(duration), kind IN (1, 2, 3, 7))"},
    {"timed_tokens", "sumIf(output_tokens, kind IN (1, 2, 3, 7) AND output_tokens > 0 AND duration > 0)"},
    {"timed_nanos", "sumIf(toInt128(duration), kind IN (1, 2, 3, 7) AND output_tokens > 0 AND duration > 0)"},
};
// The first so many are those of CallSums.
inline constexpr size_t kTotalColumns = 13;

// States, within 1 %.
#define TELLTALE_QUANTILES "0.01, 0.5, 0.95, 0.99"
inline constexpr SumColumn kStateColumns[] = {
    {"durations", "quantilesDDStateIf(" TELLTALE_QUANTILES ")(toFloat64(duration), kind IN (1, 2, 3, 7))"},
    {"first_tokens", "quantilesDDStateIf(" TELLTALE_QUANTILES
                     ")(time_to_first_token, kind IN (1, 2, 3, 7) AND NOT isNaN(time_to_first_token))"},
};
inline constexpr std::string_view kMergeQuantiles = "quantilesDDMerge(" TELLTALE_QUANTILES ")(";
inline constexpr std::string_view kMergeStates = "quantilesDDMergeState(" TELLTALE_QUANTILES ")(";
#undef TELLTALE_QUANTILES

// What call_sums is summed by, beside the time: columns of both tables.
inline constexpr std::string_view kRollUpKeys =
    "service, name, provider, request_model, response_model, kind, failed, prompt, prompt_version, agent, "
    "cost_status";

}  // namespace telltale
