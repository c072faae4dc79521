// Which span a log record is about, where that is another one than it was written in:
// coding agents write what a call said into records of the step around it, and name the
// call by its request's or its tool call's id. Private to calls/.
//
//   const RecordOwners owners(batch);                 // of all spans of a trace
//   const SpanId owner = owners.Of(batch, log);
//
// Ownership      Views into the batch, which must outlive it.
// Thread safety  Const after it is made.
// Cost           One pass over the spans' attributes; nothing where no record of the batch
//                has such an id.
#pragma once

#include <map>
#include <string_view>
#include <tuple>

#include "trace/batch.h"

namespace telltale {

class RecordOwners {
 public:
  explicit RecordOwners(const Batch& batch);

  // The span that the record names, else the one that it was written in (zero: none).
  SpanId Of(const Batch& batch, const LogRecord& log) const;

  // Of Codex: the span around `span` that names the model, which the call's own does not.
  // Null: not Codex's, or none does.
  const Span* ModelAround(const Batch& batch, const Span& span) const;

 private:
  struct SpanKey {
    TraceId trace_id;
    SpanId span_id;
    auto operator<=>(const SpanKey&) const = default;
  };

  // The nearest span from this one upwards that has a key which begins so.
  const Span* Above(const Batch& batch, SpanKey at, std::string_view key_begin) const;

  // (trace, kind of id, id) -> the earliest span that has it.
  std::map<std::tuple<TraceId, size_t, std::string_view>, const Span*> by_id_;
  std::map<SpanKey, const Span*> spans_;
};

}  // namespace telltale
