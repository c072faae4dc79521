// OTLP log requests, protobuf or JSON, into a flat Batch: Batch::logs. The rules are
// those of trace_decoder.h.
//
// A record that is wrong by itself is refused, counted (logs_refused) and told to the
// sender, and the rest is kept:
//   - trace id neither empty nor 16 bytes; span id neither empty nor 8 bytes (all zeros
//     are "none");
//   - a time that does not fit 63 bits of nanoseconds (the year 2262);
//   - bytes or JSON types inside it that cannot be read;
//   - kAttributesMax attributes were in the request before it;
//   - a body or an attribute nested more than kValueDepthMax deep.
//
// Ownership      protobuf: views in `out` point into `bytes`, which the caller keeps alive
//                (Batch::Retain). JSON: `out` keeps what it needs.
// Thread safety  Any thread.
// Failure        kInvalidInput: the request as a whole is not OTLP. `out` is then partly
//                filled and good for nothing.
#pragma once

#include <string_view>

#include "base/result.h"
#include "otlp/limits.h"
#include "otlp/refused_items.h"
#include "trace/batch.h"

namespace telltale {

Result<RefusedItems> DecodeLogsProtobufUntrusted(std::string_view bytes, Batch& out);
Result<RefusedItems> DecodeLogsJsonUntrusted(std::string_view bytes, Batch& out);

}  // namespace telltale
