#include "ingest/pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace telltale {
namespace {

class FakeClock final : public Clock {
 public:
  uint64_t UnixNanos() const override { return unix_ms * 1'000'000; }
  uint64_t MonotonicNanos() const override { return 0; }

  uint64_t unix_ms = 1'764'028'800'000;
};

// Keeps what is appended; answers when the test says so.
class FakeLog final : public WriteAheadLog {
 public:
  void Append(std::vector<Block> blocks, Done done) override {
    appended.push_back(std::move(blocks));
    waiting.push_back(std::move(done));
  }
  void Answer(const Status& status) {
    for (const Done& done : std::exchange(waiting, {})) done(status);
  }

  Result<std::vector<WalRecord>> Read(uint64_t, const ReadLimits&) override {
    return std::vector<WalRecord>();
  }
  void WaitForRecord(uint64_t, int) override {}
  void Release(uint64_t) override {}
  void Close() override {}
  std::string id() const override { return "log"; }
  uint64_t begin_position() const override { return 0; }
  uint64_t end_position() const override { return 0; }
  uint64_t size_bytes() const override { return 0; }
  uint64_t pending_bytes() const override { return 0; }
  bool failed() const override { return false; }

  std::vector<std::vector<Block>> appended;
  std::vector<Done> waiting;
};

const std::string kPrompt(600, 'p');

Batch OneSpan() {
  Batch batch;
  batch.attributes = {{"prompt", Value::String(kPrompt)}};
  batch.resources.emplace_back();
  batch.scopes.emplace_back();
  Span span;
  span.trace_id.bytes.fill(1);
  span.span_id.bytes.fill(1);
  span.attributes = {0, 1};
  batch.spans = {span};
  return batch;
}

class PipelineTest : public testing::Test {
 protected:
  // The kinds of the blocks that one more span with the same prompt brings.
  std::vector<BlockKind> Send() {
    pipeline_.Submit(OneSpan(), [](const Status&) {});
    std::vector<BlockKind> kinds;
    for (const Block& block : log_.appended.back()) kinds.push_back(block.kind);
    return kinds;
  }

  const std::vector<BlockKind> with_content_ = {BlockKind::kSaidContent, BlockKind::kWords,
                                                BlockKind::kSpans};
  const std::vector<BlockKind> rows_only_ = {BlockKind::kSpans};
  FakeClock clock_;
  FakeLog log_;
  Pricer pricer_{PriceTable::BuiltIn()};
  IngestPipeline pipeline_{log_, clock_, pricer_};
};

TEST_F(PipelineTest, ContentThatIsDurableIsNotSentAgain) {
  EXPECT_EQ(Send(), with_content_) << "content comes before the rows that refer to it";
  EXPECT_TRUE(log_.appended[0][0].bytes.contains(kPrompt));
  EXPECT_FALSE(log_.appended[0][2].bytes.contains(kPrompt));
  log_.Answer({});
  EXPECT_EQ(Send(), rows_only_);
}

TEST_F(PipelineTest, ContentOfWhichNobodyKnowsYetIsSentAgain) {
  Send();
  EXPECT_EQ(Send(), with_content_) << "the first append is not answered";
}

TEST_F(PipelineTest, ContentWhoseAppendFailedIsSentAgain) {
  Send();
  log_.Answer(Fail(ErrorCode::kUnavailable, "the log is full"));
  EXPECT_EQ(Send(), with_content_);
}

TEST_F(PipelineTest, ContentIsSentAgainOnAnotherDay) {
  clock_.unix_ms = 1'764'028'799'999;  // the last millisecond of a day
  Send();
  log_.Answer({});
  EXPECT_EQ(Send(), rows_only_);
  clock_.unix_ms += 1;
  EXPECT_EQ(Send(), with_content_);
  log_.Answer({});
  EXPECT_EQ(Send(), rows_only_);
}

TEST_F(PipelineTest, ContentStaysInItsRowsWhereThatIsWanted) {
  IngestPipeline inline_pipeline(log_, clock_, pricer_, RuleTable::BuiltIn(), {.inline_content = true});
  inline_pipeline.Submit(OneSpan(), [](const Status&) {});
  ASSERT_EQ(log_.appended.back().size(), 1u);
  EXPECT_TRUE(log_.appended.back()[0].bytes.contains(kPrompt));
}

TEST_F(PipelineTest, ThePipelineMayGoBeforeItsAppendsAreAnswered) {
  {
    IngestPipeline short_lived(log_, clock_, pricer_);
    short_lived.Submit(OneSpan(), [](const Status&) {});
  }
  log_.Answer({});
}

}  // namespace
}  // namespace telltale
