// OTLP trace requests, protobuf or JSON, into a flat Batch: the first step of
// everything that is ever stored.
//
//   Batch batch;
//   batch.Retain(body);                                        // the views point into it
//   auto refused = DecodeTracesProtobufUntrusted(*body, batch);
//   if (!refused) return BadRequest(refused.error());          // 400, INVALID_ARGUMENT
//   if (refused->count > 0) ...                                // partial_success
//
// A request that is not OTLP as a whole is an error. A span that is wrong by itself is
// refused, counted (spans_refused_* in spec/counters.toml) and told to the sender, and
// the rest is kept:
//   - trace id not 16 bytes or zero; span id not 8 bytes or zero; parent span id
//     neither 0 nor 8 bytes (all zeros are "no parent");
//   - start or end that does not fit 63 bits of nanoseconds (the year 2262);
//   - bytes or JSON types inside it that cannot be read;
//   - kAttributesMax attributes or kEventsMax events were in the request before it;
//   - an attribute value nested more than kValueDepthMax deep.
// A link whose ids are wrong is dropped and added to its span's dropped links. Kinds
// and status codes that OTLP does not define become 0; unknown fields are ignored.
// Resources and scopes that are left without spans are left out.
//
// Both append to `out`, so that several requests can share a batch.
//
// Ownership      protobuf: views in `out` point into `bytes`, which the caller keeps
//                alive (Batch::Retain). JSON: everything is copied into out.arena.
// Thread safety  Any thread; the JSON form keeps a reader per thread.
// Failure        kInvalidInput. `out` is then partly filled and good for nothing.
// Cost           protobuf: one pass over the bytes, no allocation per span. Memory
//                beside the request, measured on 33 MB: 0.05 times it for spans of 4 KB,
//                1.4 times for small spans; hostile requests (empty attributes) reach
//                25 times, and 50 while the attributes of one span grow.
//                JSON: ten to twenty times the time; at its peak 3 times the request
//                for spans of 4 KB, 5.5 times for small spans, 35 times for hostile
//                ones. The limit on a request's size must leave room for that.
#pragma once

#include <string_view>

#include "base/result.h"
#include "otlp/limits.h"
#include "otlp/refused_items.h"
#include "trace/batch.h"

namespace telltale {

Result<RefusedItems> DecodeTracesProtobufUntrusted(std::string_view bytes, Batch& out);
Result<RefusedItems> DecodeTracesJsonUntrusted(std::string_view bytes, Batch& out);

}  // namespace telltale
