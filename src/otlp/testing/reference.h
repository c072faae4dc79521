// Protobuf's own parser behind the same Batch: the second implementation that our
// decoders are held against. It copies everything and takes its time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trace/batch.h"

namespace telltale::testing {

struct ReferenceTraces {
  Batch batch;
  uint64_t spans_refused = 0;
};

// Empty when protobuf refuses the bytes.
std::optional<ReferenceTraces> ReferenceDecode(std::string_view bytes);

// An ExportTraceServiceRequest written in protobuf's text format -> its wire bytes.
// Stops the test program when the text is wrong.
std::string WireFromText(std::string_view text_proto);

// The bytes of an ExportTraceServiceRequest -> OTLP/JSON by protobuf's own printer,
// with ids in hex. Empty when protobuf refuses the bytes, text that is not UTF-8
// included.
std::optional<std::string> ReferenceJsonFromWire(std::string_view bytes);

// OTLP/JSON -> wire bytes by protobuf's own JSON reader, ids read as hex. Empty when
// it refuses.
std::optional<std::string> ReferenceWireFromJson(std::string_view json);

}  // namespace telltale::testing
