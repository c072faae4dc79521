// From a decoded batch to a durable block: what stands behind every receiver.
//
//   receivers -> [ IngestPipeline: map calls, price, encode -> log ] -> done -> the sender is answered
//
// Large values are kept once (content/): what is new of them is appended to the log with the
// rows that refer to it, and is believed stored only when that succeeded.
//
// Ownership      Log, clock, pricer and rules must outlive it.
// Thread safety  Submit may be called from any thread.
// Failure        `done` carries what the log says: success means synced; kUnavailable
//                means "try later", counted as requests_pushed_back.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "calls/rules.h"
#include "content/content_keeper.h"
#include "content/recent_chunks.h"
#include "content/word_groups.h"
#include "ingest/encode.h"
#include "ledger/batch_calls.h"
#include "pricing/pricer.h"
#include "trace/block.h"
#include "trace/sink.h"
#include "wal/arrivals.h"
#include "wal/log.h"

namespace telltale {

struct PipelineOptions {
  // Large values stay in their rows, however often they are sent.
  bool inline_content = false;
  // Told of everything that arrives; null: nobody. Must outlive the pipeline and the log.
  Arrivals* arrivals = nullptr;
};

class IngestPipeline final : public SpanSink {
 public:
  IngestPipeline(WriteAheadLog& log, const Clock& clock, const Pricer& pricer,
                 const RuleTable& rules = RuleTable::BuiltIn(), const PipelineOptions& options = {})
      : log_(log), clock_(clock), pricer_(pricer), rules_(rules), options_(options) {}

  void Submit(Batch batch, SinkDone done) override;

 private:
  // Content that is new goes to `keeper`, and is encoded with the rest.
  std::vector<Block> Encode(const Batch& batch, uint64_t received_unix_ms, ContentKeeper& keeper);
  std::vector<GroupWords> TakeWords(ContentKeeper& keeper, uint64_t received_unix_ms);
  std::unique_ptr<BatchCalls> TakeMapper() TELLTALE_EXCLUDES(mu_);
  void GiveBack(std::unique_ptr<BatchCalls> mapper) TELLTALE_EXCLUDES(mu_);

  WriteAheadLog& log_;
  const Clock& clock_;
  const Pricer& pricer_;
  const RuleTable& rules_;
  const PipelineOptions options_;
  // Shared with appends that are not answered yet.
  const std::shared_ptr<RecentChunks> recent_ = std::make_shared<RecentChunks>();
  const std::shared_ptr<WordGroups> words_ = std::make_shared<WordGroups>();

  Mutex mu_;
  // As many as there were threads at once: each keeps the memory of its last calls.
  std::vector<std::unique_ptr<BatchCalls>> mappers_ TELLTALE_GUARDED_BY(mu_);
};

}  // namespace telltale
