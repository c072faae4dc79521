#include "ingest/pipeline.h"

#include <utility>

#include "base/counters.h"
#include "ingest/encode.h"

namespace telltale {

void IngestPipeline::Submit(Batch batch, SinkDone done) {
  const uint64_t spans = batch.spans.size();
  Count(Counter::kSpansReceived, spans);
  if (spans == 0) {
    done({});
    return;
  }
  thread_local SpanEncoder encoder;
  Block block = encoder.Encode(batch, clock_.UnixNanos() / 1'000'000);
  log_.Append(std::move(block), [spans, done = std::move(done)](Status durable) {
    if (durable) {
      Count(Counter::kSpansAcknowledged, spans);
    } else {
      Count(Counter::kRequestsPushedBack);
    }
    done(std::move(durable));
  });
}

}  // namespace telltale
