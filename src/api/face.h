// What the faces have in common: where they ask, and their one function each.
#pragma once

#include <memory>
#include <string>

#include "api/api.h"
#include "api/large_reads.h"
#include "api/latency.h"
#include "api/whole_traces.h"
#include "base/clock.h"
#include "net/http.h"
#include "query/live_tail.h"
#include "query/sql.h"
#include "store/engine.h"

namespace telltale {

struct Face {
  Engine& engine;
  const Clock& clock;
  const ApiOptions& options;
  WholeTraces whole_traces = {};
  std::shared_ptr<Sql> sql = nullptr;  // null: not here
  LargeReads large_reads = {};
  LiveTail* live_tail = nullptr;  // null: not here
};

// These block while the store answers. REQUIRES: the path begins with /api/v1/,
// /api/v3/ and /api/ respectively.
HttpResponse AnswerRest(const Face& face, const HttpRequest& request);
HttpResponse AnswerJaegerV3(const Face& face, const HttpRequest& request);
HttpResponse AnswerJaeger(const Face& face, const HttpRequest& request);

// /healthz, /readyz and /metrics; does not block.
HttpResponse AnswerHealth(const Face& face, const QueryLatency& latency, const HttpRequest& request);

}  // namespace telltale
