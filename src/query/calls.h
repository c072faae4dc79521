// Stored calls: lists of them, and sums over them by anything that they have in common.
//
//   TELLTALE_ASSIGN_OR_RETURN(CallPage page, ListCalls(engine, {.filter = filter}));
//   TELLTALE_ASSIGN_OR_RETURN(auto sums, SumCalls(engine, {.filter = filter, .by =
//   {CallDimension::kModel}}));
//
// Sums take what counts: own usage, no call twice. Calls, errors, cost and times are those
// of calls of models; tokens also those of an agent that is all that its sender tells.
//
// Ownership      Texts of a CallPage point into its bytes.
// Thread safety  Free functions.
// Failure        As Engine::Query.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calls/trace_usage.h"
#include "ledger/batch_calls.h"
#include "query/call_rows.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "store/engine.h"
#include "trace/call.h"
#include "trace/cost.h"
#include "trace/ids.h"

namespace telltale {

class Statement;

// Empty texts and options: any.
struct CallFilter {
  TimeRange range;
  std::optional<TraceId> trace_id;
  std::string service;
  std::string provider;
  std::string model;  // requested or answering
  std::string conversation;
  std::string user;
  std::string prompt;
  std::string agent;
  std::optional<CallKind> kind;
  std::optional<bool> failed;
  std::optional<CostStatus> cost_status;
  // What a TraceQL query says of the call's span; only query/traceql/ makes one.
  std::shared_ptr<const traceql::SqlPiece> condition;
};

enum class CallOrder : uint8_t { kStart, kCost, kTokens, kDuration };  // all largest first

struct CallSearch {
  CallFilter filter;
  CallOrder order = CallOrder::kStart;
  size_t limit = 50;
  std::optional<CallCursor> cursor;  // its time range replaces the filter's
};

struct CallPage {
  CallRows calls;
  std::optional<CallCursor> next;
};

Result<CallPage> ListCalls(Engine& engine, const CallSearch& search);

enum class CallDimension : uint8_t {
  kModel,  // the answering one, else the requested
  kProvider,
  kService,
  kKind,
  kOperation,  // the span's name
  kUser,
  kConversation,
  kPrompt,
  kPromptVersion,
  kAgent,
  kCostStatus,
};
inline constexpr std::string_view kCallDimensionNames[] = {
    "model",        "provider", "service",        "kind",  "operation",  "user",
    "conversation", "prompt",   "prompt_version", "agent", "cost_status"};

enum class SumOrder : uint8_t { kCost, kCalls, kTokens, kErrors, kDuration };  // all largest first
inline constexpr std::string_view kSumOrderNames[] = {"cost", "calls", "tokens", "errors", "duration"};

struct CallSumQuery {
  CallFilter filter;
  std::vector<CallDimension> by;  // none: one row in all
  int64_t step_nano = 0;          // 0: no time; else rows are by time first, oldest first
  SumOrder order = SumOrder::kCost;
  size_t limit = 100;
  size_t offset = 0;
};

struct Quantiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

struct CallSums {
  CallTotals tokens;
  CostTotals cost;
};

struct CallSumRow {
  std::vector<std::string> key;  // beside CallSumQuery::by
  int64_t step_start_unix_nano = 0;
  CallSums sums;
  Quantiles duration_nano;                       // within 1 %
  std::optional<Quantiles> time_to_first_token;  // seconds, within 1 %
  std::optional<double> output_tokens_per_second;
};

// At most limit + 1 rows: one more says that there is a next page.
Result<std::vector<CallSumRow>> SumCalls(Engine& engine, const CallSumQuery& query);

// What the calls of each trace add up to; a trace without calls is not there. The range
// holds every call of them.
Result<std::map<TraceId, CallSums>> SumCallsOfTraces(Engine& engine, std::span<const TraceId> ids,
                                                     const TimeRange& range);

}  // namespace telltale
