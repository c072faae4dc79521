#include "ingest/pipeline.h"

#include <utility>
#include <vector>

#include "base/counters.h"
#include "ingest/encode.h"

namespace telltale {

namespace {

// What a batch holds: a request of OTLP carries one kind.
struct Content {
  uint64_t rows;
  Counter received;
  Counter acknowledged;
};

Content ContentOf(const Batch& batch) {
  if (!batch.logs.empty()) return {batch.logs.size(), Counter::kLogsReceived, Counter::kLogsAcknowledged};
  if (!batch.points.empty()) {
    return {batch.points.size(), Counter::kMetricPointsReceived, Counter::kMetricPointsAcknowledged};
  }
  return {batch.spans.size(), Counter::kSpansReceived, Counter::kSpansAcknowledged};
}

Block Encode(const Batch& batch, uint64_t received_unix_ms) {
  thread_local SpanEncoder spans;
  thread_local LogEncoder logs;
  thread_local MetricEncoder metrics;
  if (!batch.logs.empty()) return logs.Encode(batch, received_unix_ms);
  if (!batch.points.empty()) return metrics.Encode(batch, received_unix_ms);
  return spans.Encode(batch, received_unix_ms);
}

}  // namespace

void IngestPipeline::Submit(Batch batch, SinkDone done) {
  const Content content = ContentOf(batch);
  Count(content.received, content.rows);
  if (content.rows == 0) {
    done({});
    return;
  }
  std::vector<Block> blocks;
  blocks.push_back(Encode(batch, clock_.UnixNanos() / 1'000'000));
  log_.Append(std::move(blocks), [content, done = std::move(done)](Status durable) {
    if (durable) {
      Count(content.acknowledged, content.rows);
    } else {
      Count(Counter::kRequestsPushedBack);
    }
    done(std::move(durable));
  });
}

}  // namespace telltale
