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

// Calls go before their spans: a crash in between must not leave spans without them. So does
// the content that rows refer to.
std::vector<Block> IngestPipeline::Encode(const Batch& batch, uint64_t received_unix_ms,
                                          ContentKeeper& keeper) {
  thread_local SpanEncoder spans;
  thread_local LogEncoder logs;
  thread_local MetricEncoder metrics;
  thread_local CallEncoder call_rows;
  ContentKeeper* const keep = options_.inline_content ? nullptr : &keeper;
  std::vector<Block> blocks;
  if (!batch.logs.empty()) {
    blocks.push_back(logs.Encode(batch, received_unix_ms, keep, rules_));
  } else if (!batch.points.empty()) {
    blocks.push_back(metrics.Encode(batch, received_unix_ms));
  } else {
    std::unique_ptr<BatchCalls> mapper = TakeMapper();
    mapper->Map(batch);
    const auto rows = mapper->Rows(static_cast<int64_t>(received_unix_ms));
    if (!rows.empty()) blocks.push_back(call_rows.Encode(rows));
    GiveBack(std::move(mapper));
    blocks.push_back(spans.Encode(batch, received_unix_ms, keep, rules_));
  }
  return blocks;
}

// The words of what is new, and to which group of text each chunk belongs.
std::vector<GroupWords> IngestPipeline::TakeWords(ContentKeeper& keeper, uint64_t received_unix_ms) {
  thread_local WordSet words;
  const auto now_ms = static_cast<int64_t>(received_unix_ms);
  std::vector<GroupWords> groups;
  for (const GroupKind kind : {GroupKind::kOnTime, GroupKind::kLate}) {
    const auto is_of_kind = [&](const FreshChunk& chunk) {
      return !chunk.owner.trace_id.IsZero() && GroupKindOf(chunk.owner.start_unix_nano, now_ms) == kind;
    };
    words.Clear();
    for (const FreshChunk& chunk : keeper.fresh()) {
      if (is_of_kind(chunk)) words.AddUntrusted(chunk.bytes);
    }
    if (words.keys().empty()) continue;
    GroupWords& group = groups.emplace_back(GroupWords{.kind = kind});
    group.group = words_->Join(kind, words, now_ms, group.keys);
    for (FreshChunk& chunk : keeper.fresh()) {
      if (is_of_kind(chunk)) chunk.group = group.group;
    }
  }
  return groups;
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
  return std::make_unique<BatchCalls>(pricer_, rules_, MapDepth::kFacts);
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
  Arrivals* const arrivals = options_.arrivals;
  Arrivals::Ticket ticket{.unix_ms = static_cast<int64_t>(clock_.UnixNanos() / 1'000'000)};
  if (arrivals != nullptr) ticket = arrivals->Arrive(ticket.unix_ms);
  const auto received_unix_ms = static_cast<uint64_t>(ticket.unix_ms);
  ContentKeeper keeper(*recent_, received_unix_ms);
  std::vector<Block> blocks = Encode(batch, received_unix_ms, keeper);
  std::vector<GroupWords> words = TakeWords(keeper, received_unix_ms);
  if (!keeper.fresh().empty()) {
    thread_local ContentEncoder content_encoder;
    Block content_block = content_encoder.Encode(keeper.fresh(), received_unix_ms);
    Block word_block = EncodeWords(words);
    if (word_block.rows > 0) blocks.insert(blocks.begin(), std::move(word_block));
    blocks.insert(blocks.begin(), std::move(content_block));
  }
  std::vector<ChunkHash> chunks;
  for (const FreshChunk& chunk : keeper.fresh()) chunks.push_back(chunk.hash);
  log_.Append(std::move(blocks), [content, ticket, arrivals, &log = log_, received_unix_ms,
                                  chunks = std::move(chunks), recent = recent_, words = std::move(words),
                                  groups = words_, done = std::move(done)](Status durable) {
    if (arrivals != nullptr) {
      if (durable) {
        arrivals->Logged(ticket, log.end_position());
      } else {
        arrivals->Refused(ticket);
      }
    }
    if (durable) {
      recent->Remember(chunks, received_unix_ms);
      for (const GroupWords& group : words) groups->Remember(group.kind, group.group, group.keys);
      Count(content.acknowledged, content.rows);
    } else {
      Count(Counter::kRequestsPushedBack);
    }
    done(std::move(durable));
  });
}

}  // namespace telltale
