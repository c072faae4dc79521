// A Batch as text and as OTLP/JSON, for tests: two batches with the same dump hold
// the same spans, whatever the order of their arrays.
#pragma once

#include <string>

#include "trace/batch.h"

namespace telltale::testing {

// One line per thing, spans in the order of the batch, each resource and scope shown
// where it changes. Bytes outside printable ASCII are \xNN.
std::string DumpBatch(const Batch& batch);

// An ExportTraceServiceRequest in OTLP/JSON.
std::string EncodeTracesJson(const Batch& batch);

}  // namespace telltale::testing
