// Log records of an OTLP logs request, for the spans that they belong to.
//
//   LogRecords logs;
//   TELLTALE_RETURN_IF_ERROR(logs.AddUntrusted(body, batch));
//   logs.Sort(batch);                                     // once all is there
//   mapper.Map(batch, span, logs.Of(span), call, &explanation);
//
// A record's attributes go into the batch beside those of its spans. A record is its span's,
// or of the call that it names by an id (Claude Code's, Codex's: record_owners.h); of no span
// it is left out. What only the span around a call tells is a record of it too.
//
// Ownership      Views point into `body`, which the batch keeps (Batch::Retain).
// Thread safety  One thread at a time.
// Failure        kInvalidInput: not OTLP logs, protobuf or JSON.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trace/batch.h"
#include "trace/call.h"

namespace telltale {

// The name of a record that is the attributes of the span around a call.
inline constexpr std::string_view kSpanAround = "the span around";

class LogRecords {
 public:
  Status AddUntrusted(std::string_view body, Batch& batch);
  // The logs that a batch holds already, from this one on.
  void AddFrom(const Batch& batch, size_t first_log);
  // Of this span, in the order of time. REQUIRES: Sort() after the last Add.
  std::span<const CallRecord> Of(const Span& span) const;
  // `batch` holds the records and, for those that name a span, the spans of their traces.
  void Sort(const Batch& batch);

 private:
  struct Owner {
    TraceId trace_id;
    SpanId span_id;
    auto operator<=>(const Owner&) const = default;
  };

  std::vector<size_t> added_;  // of Batch::logs
  std::vector<Owner> owners_;
  std::vector<CallRecord> records_;  // beside owners_
};

}  // namespace telltale
