// A trace in few words, for a language model that reads it: a tree of spans with what each call
// asked, answered, took and cost.
//
//   body = TraceForModels(set, calls);
//
//   {"trace":{"traceId":"...","durationMs":2000,"spanCount":3,
//     "calls":{"count":1,"inputTokens":812,"outputTokens":57,"costUsd":0.0021},
//     "spans":[{"name":"ask","service":"front","startMs":0,"durationMs":2000,"spans":[
//       {"name":"chat","startMs":12,"durationMs":1900,
//        "call":{"kind":"llm","model":"gpt-4o","input":"...","output":"..."}}]}]}}
//
// Ownership      `calls` was mapped of the first trace of `set`.
// Thread safety  A free function.
// Limits         kSpansForModelsMax spans, parents before children; texts and depth are cut.
#pragma once

#include <string>

#include "query/trace_calls.h"
#include "query/trace_reader.h"

namespace telltale {

inline constexpr size_t kSpansForModelsMax = 500;

std::string TraceForModels(const TraceSet& set, const TraceCalls& calls);

}  // namespace telltale
