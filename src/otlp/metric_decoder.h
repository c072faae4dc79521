// OTLP metric requests, protobuf or JSON, into a flat Batch: Batch::points, one for each
// data point. The rules are those of trace_decoder.h.
//
// A point that is wrong by itself is refused, counted (metric_points_refused) and told to
// the sender, and the rest is kept:
//   - a time that does not fit 63 bits of nanoseconds (the year 2262);
//   - a histogram whose bucket counts are not one more than its bounds;
//   - bytes or JSON types inside it that cannot be read;
//   - kMetricPointsMax points, kAttributesMax attributes or kExemplarsMax exemplars were in
//     the request before it.
// A metric that cannot be read is refused with one count, for its points are not known.
// A number's point without a value (no value recorded) is kept, with NaN.
//
// Ownership      protobuf: views in `out` point into `bytes`, which the caller keeps alive
//                (Batch::Retain), or into its arena. JSON: `out` keeps what it needs.
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

Result<RefusedItems> DecodeMetricsProtobufUntrusted(std::string_view bytes, Batch& out);
Result<RefusedItems> DecodeMetricsJsonUntrusted(std::string_view bytes, Batch& out);

}  // namespace telltale
