// Log records of an OTLP logs request, for the spans that they belong to.
//
//   LogRecords logs;
//   TELLTALE_RETURN_IF_ERROR(logs.AddUntrusted(body, batch));
//   mapper.Map(batch, span, logs.Of(span), call, &explanation);
//
// A record's attributes go into the batch beside those of its spans. Records of no span
// are left out.
//
// Ownership      Views point into `body`, which the batch keeps (Batch::Retain).
// Thread safety  One thread at a time.
// Failure        kInvalidInput: not OTLP logs, protobuf or JSON.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "trace/batch.h"
#include "trace/call.h"

namespace telltale {

class LogRecords {
 public:
  Status AddUntrusted(std::string_view body, Batch& batch);
  // The logs that a batch holds already, from this one on.
  void AddFrom(const Batch& batch, size_t first_log);
  // Of this span, in the order of time. REQUIRES: Sort() after the last Add.
  std::span<const CallRecord> Of(const Span& span) const;
  void Sort();

 private:
  struct Owner {
    TraceId trace_id;
    SpanId span_id;
    auto operator<=>(const Owner&) const = default;
  };

  std::vector<std::pair<Owner, CallRecord>> added_;
  std::vector<Owner> owners_;
  std::vector<CallRecord> records_;  // beside owners_
};

}  // namespace telltale
