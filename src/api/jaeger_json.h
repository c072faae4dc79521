// A trace in the JSON of Jaeger's UI: tags, references, logs and processes, as Jaeger
// itself makes them from OTLP (opentelemetry-collector-contrib, pkg/translator/jaeger).
// Beside them a span that is a call has tags `call.*`, named as in TraceQL: kind, models,
// tokens, cost (US dollars) ...
//
//   JaegerTraceWriter writer(set, calls);
//   for (const Trace& trace : set.traces) writer.Write(trace, sink);
//
// Ownership      The set and the calls, which are in the order of trace and span, must
//                outlive the writer.
// Thread safety  One thread at a time.
// Cost           Resources and scopes are translated once for the set, events and
//                links once for each span that has some.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/whole_traces.h"
#include "query/call_rows.h"
#include "query/trace_reader.h"

namespace telltale {

class JaegerTraceWriter {
 public:
  JaegerTraceWriter(const TraceSet& set, const CallRows& calls);
  ~JaegerTraceWriter();

  // One element of the answer's `data`. False: the client has gone.
  bool Write(const Trace& trace, WholeTraces::Sink& sink);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Jaeger writes an id whose upper half is zero with 16 digits.
std::string JaegerTraceId(const TraceId& id);

// "unspecified", "internal", "server", "client", "producer", "consumer".
std::string_view JaegerSpanKind(uint8_t kind);

}  // namespace telltale
