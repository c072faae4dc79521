#include "query/trace_calls.h"

namespace telltale {

bool TraceCalls::Map(const TraceSet& set, const Trace& trace, const LogPage& logs) {
  mapped_ = trace.spans.size() <= kMappedSpansMax;
  if (mapped_) {
    again_ = BatchOfTrace(set, trace, logs);
    calls_.Map(again_.batch);
  }
  return mapped_;
}

}  // namespace telltale
