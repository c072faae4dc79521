// From a decoded batch to a durable block: what stands behind every receiver.
//
//   receivers -> [ IngestPipeline: encode -> log ] -> done -> the sender is answered
//
// Ownership      Log and clock must outlive it.
// Thread safety  Submit may be called from any thread.
// Failure        `done` carries what the log says: success means synced; kUnavailable
//                means "try later", counted as requests_pushed_back.
#pragma once

#include "base/clock.h"
#include "trace/sink.h"
#include "wal/log.h"

namespace telltale {

class IngestPipeline final : public SpanSink {
 public:
  IngestPipeline(WriteAheadLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  void Submit(Batch batch, SinkDone done) override;

 private:
  WriteAheadLog& log_;
  const Clock& clock_;
};

}  // namespace telltale
