// One call, whole: what its span and its log records say, and what the store says that its
// trace makes of it.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto detail, ReadCallDetail(engine, {.pricer = pricer, .rules = rules}, key));
//   if (detail->call.is_call()) Show(detail->span(), detail->call, detail->cost);
//
// Usage scope, duplicates, conversation and user are those of the stored row: they follow from
// the whole trace. What log records say is joined as in the trace's answer.
//
// Ownership      Texts of the call and of the span point into the detail.
// Thread safety  One thread at a time.
// Failure        kNotFound: the store has no such span. Else as Engine::Query and `admit`.
// Limits         A span's size is limited by the request that it came in; its trace's log
//                records count up to kDetailLogsMax.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/batch_calls.h"
#include "query/call_rows.h"
#include "query/logs.h"
#include "query/span_reader.h"
#include "query/trace_batch.h"
#include "store/engine.h"
#include "trace/call.h"
#include "trace/cost.h"

namespace telltale {

inline constexpr size_t kDetailLogsMax = 10'000;

struct CallDetailOptions {
  const Pricer& pricer;
  const RuleTable& rules;
  std::function<Status(size_t size_bytes)> admit = nullptr;  // as of ReadSpansOptions
};

struct CallDetail {
  TraceSet set;
  LogPage logs;  // of its trace
  TraceBatch batch;
  size_t index = 0;  // of the span in its trace
  CallRows rows;     // what the store keeps of the call: at most one
  Call call;         // no call: is_call() is false
  Cost cost;

  const Trace& trace() const { return set.traces.front(); }
  const SpanRow& span() const { return trace().spans[index].row; }
  std::string_view resource() const { return set.resources[trace().spans[index].resource]; }
  std::string_view scope() const { return set.scopes[trace().spans[index].scope]; }
};

Result<std::unique_ptr<CallDetail>> ReadCallDetail(Engine& engine, const CallDetailOptions& options,
                                                   const SpanKey& key);

// The nearest call above a span, and the nearest ones below it, the earliest first; spans that
// are no calls in between do not count.
struct CallNeighbours {
  CallRows rows;
  std::optional<size_t> parent;  // of rows
  std::vector<size_t> children;  // of rows, at most kChildCallsMax
  uint64_t child_count = 0;      // all of them
  bool truncated = false;        // the trace has more spans than were looked at
};
inline constexpr size_t kChildCallsMax = 100;
Result<CallNeighbours> ReadCallNeighbours(Engine& engine, const SpanKey& key);

// The name of a text of a call, whatever its place: made from its bytes, so what a name stands
// for never changes.
std::string ContentName(std::string_view text);
inline constexpr size_t kContentNameSize = 32;  // hex digits

}  // namespace telltale
