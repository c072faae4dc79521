// A stored trace, and the log records that name it, as the Batch they came as: what the
// stages that read a Batch (calls/) are given again.
//
//   const TraceBatch again = BatchOfTrace(set, trace, logs);
//   again.batch.spans[i];      // trace.spans[i], with typed attributes and events
//   again.batch.logs[i];       // logs.rows[i]
//
// Links are left out: nobody reads them here.
//
// Ownership      Texts point into the set's and the page's bytes, which must outlive it,
//                or into its own memory.
// Thread safety  A free function; a TraceBatch is plain data.
// Failure        None: what the store holds was written by us. JSON that is broken all the
//                same leaves resources, scopes and events empty.
// Cost           About 1 us a span without events; events are parsed, 1.3 us and more.
#pragma once

#include "query/logs.h"
#include "query/trace_reader.h"
#include "trace/batch.h"

namespace telltale {

struct TraceBatch {
  Batch batch;
  Batch parts;  // what was parsed from JSON; `batch` has views into it
};

TraceBatch BatchOfTrace(const TraceSet& set, const Trace& trace, const LogPage& logs);

}  // namespace telltale
