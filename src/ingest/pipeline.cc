#include "ingest/pipeline.h"

#include <utility>
#include <vector>

#include "base/counters.h"
#include "ingest/encode.h"
#include "ledger/call_encoder.h"

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

}  // namespace

// Calls go before their spans: a crash in between must not leave spans without them.
std::vector<Block> IngestPipeline::Encode(const Batch& batch) {
  thread_local SpanEncoder spans;
  thread_local LogEncoder logs;
  thread_local MetricEncoder metrics;
  thread_local CallEncoder call_rows;
  const uint64_t received_unix_ms = clock_.UnixNanos() / 1'000'000;
  std::vector<Block> blocks;
  if (!batch.logs.empty()) {
    blocks.push_back(logs.Encode(batch, received_unix_ms));
  } else if (!batch.points.empty()) {
    blocks.push_back(metrics.Encode(batch, received_unix_ms));
  } else {
    std::unique_ptr<BatchCalls> mapper = TakeMapper();
    mapper->Map(batch);
    const auto rows = mapper->Rows(static_cast<int64_t>(received_unix_ms));
    if (!rows.empty()) blocks.push_back(call_rows.Encode(rows));
    GiveBack(std::move(mapper));
    blocks.push_back(spans.Encode(batch, received_unix_ms));
  }
  return blocks;
}

std::unique_ptr<BatchCalls> IngestPipeline::TakeMapper() {
  {
    MutexLock lock(mu_);
    if (!mappers_.empty()) {
      std::unique_ptr<BatchCalls> mapper = std::move(mappers_.back());
      mappers_.pop_back();
      return mapper;
    }
  }
  return std::make_unique<BatchCalls>(pricer_, rules_);
}

void IngestPipeline::GiveBack(std::unique_ptr<BatchCalls> mapper) {
  MutexLock lock(mu_);
  mappers_.push_back(std::move(mapper));
}

void IngestPipeline::Submit(Batch batch, SinkDone done) {
  const Content content = ContentOf(batch);
  Count(content.received, content.rows);
  if (content.rows == 0) {
    done({});
    return;
  }
  log_.Append(Encode(batch), [content, done = std::move(done)](Status durable) {
    if (durable) {
      Count(content.acknowledged, content.rows);
    } else {
      Count(Counter::kRequestsPushedBack);
    }
    done(std::move(durable));
  });
}

}  // namespace telltale
