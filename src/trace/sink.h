// SpanSink: the one seam that every span, log record and metric point flows through,
// whichever door it came in by. A batch holds one of the three kinds.
#pragma once

#include <functional>

#include "base/result.h"
#include "trace/batch.h"

namespace telltale {

// Called exactly once, from any thread. Success means durable: the sender may be
// told so. kUnavailable means "try later": nothing of the batch was kept.
using SinkDone = std::function<void(Status)>;

// Ownership      Submit takes the batch; its views may be used until `done`.
// Thread safety  Submit may be called from any thread.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Submit(Batch batch, SinkDone done) = 0;
};

}  // namespace telltale
