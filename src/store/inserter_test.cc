#include "store/inserter.h"

#include <gtest/gtest.h>
#include <array>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>

#include "base/counters.h"
#include "block/native.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

// A block with one String column, and back.
std::string BlockOf(const std::vector<std::string>& texts) {
  std::string out;
  NativeBlock block(1, texts.size(), out);
  block.Column("t", "String");
  for (const std::string& text : texts) block.String(text);
  return out;
}

std::string TextOf(std::string_view block) {
  std::string joined;
  const std::string header = BlockOf({});
  block.remove_prefix(header.size());
  while (!block.empty()) {
    const size_t size = static_cast<uint8_t>(block.front());
    joined += block.substr(1, size);
    block.remove_prefix(1 + size);
  }
  return joined;
}

// An engine that keeps what was inserted, drops repeated tokens as the real one does,
// and fails on demand: before or after it has stored.
class FakeEngine final : public Engine {
 public:
  Status Insert(BlockKind, std::span<const std::string_view> pieces, std::string_view token) override {
    MutexLock lock(mu_);
    std::string block;
    for (const std::string_view piece : pieces) block += piece;
    if (fail_before_ > 0) {
      --fail_before_;
      return Fail(ErrorCode::kUnavailable, "no space");
    }
    const auto [at, fresh] = by_token_.emplace(token, block);
    if (fresh) stored_ += TextOf(block);
    EXPECT_EQ(at->second, block) << "one token, two contents";
    ++inserts_;
    if (fail_after_ > 0) {
      --fail_after_;
      return Fail(ErrorCode::kInternal, "stored, but the answer was lost");
    }
    return {};
  }
  Result<QueryResult> Query(const QueryRequest&) override { return QueryResult{}; }
  Status Execute(const std::string&) override { return {}; }
  Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits&) override {
    return Fail(ErrorCode::kUnavailable, "no reader");
  }

  std::string stored() {
    MutexLock lock(mu_);
    return stored_;
  }
  int inserts() {
    MutexLock lock(mu_);
    return inserts_;
  }
  void FailBeforeStoring(int times) {
    MutexLock lock(mu_);
    fail_before_ = times;
  }
  void FailAfterStoring(int times) {
    MutexLock lock(mu_);
    fail_after_ = times;
  }

 private:
  Mutex mu_;
  std::map<std::string, std::string, std::less<>> by_token_ TELLTALE_GUARDED_BY(mu_);
  std::string stored_ TELLTALE_GUARDED_BY(mu_);
  int inserts_ TELLTALE_GUARDED_BY(mu_) = 0;
  int fail_before_ TELLTALE_GUARDED_BY(mu_) = 0;
  int fail_after_ TELLTALE_GUARDED_BY(mu_) = 0;
};

class InserterTest : public testing::Test {
 protected:
  InserterTest() {
    std::string name = (fs::temp_directory_path() / "telltale-inserter-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    Reopen();
  }
  ~InserterTest() override {
    inserter_.reset();
    log_.reset();
    fs::remove_all(folder_);
  }

  // What a restart does: only the files and the engine stay.
  void Reopen() {
    inserter_.reset();
    log_.reset();
    log_ = std::move(*WriteAheadLog::Open({.folder = folder_, .segment_bytes = 4096}));
    cursor_ = std::move(*InsertCursor::Open(folder_));
  }
  void StartInserter() {
    inserter_ = std::make_unique<Inserter>(InserterOptions{.linger_ms = 1}, *log_, *cursor_, engine_);
  }
  void Append(std::string bytes) {
    std::promise<Status> durable;
    log_->Append({{.rows = 1, .bytes = BlockOf({std::move(bytes)})}},
                 [&](Status status) { durable.set_value(std::move(status)); });
    ASSERT_TRUE(durable.get_future().get());
  }

  fs::path folder_;
  FakeEngine engine_;
  std::unique_ptr<WriteAheadLog> log_;
  std::unique_ptr<InsertCursor> cursor_;
  std::unique_ptr<Inserter> inserter_;
};

TEST_F(InserterTest, CarriesEverythingInOrderAndReleasesTheLog) {
  StartInserter();
  for (int i = 0; i < 26; ++i) Append(std::string(1, static_cast<char>('a' + i)));
  ASSERT_TRUE(inserter_->Drain(5000));
  EXPECT_EQ(engine_.stored(), "abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(inserter_->lag_bytes(), 0u);
  EXPECT_EQ(log_->size_bytes(), 0u);
}

TEST_F(InserterTest, JoinsWhatWaitedIntoOneInsert) {
  for (int i = 0; i < 20; ++i) Append("x");
  StartInserter();
  ASSERT_TRUE(inserter_->Drain(5000));
  EXPECT_EQ(engine_.inserts(), 1);
}

TEST_F(InserterTest, TriesAgainUntilTheStoreTakesIt) {
  engine_.FailBeforeStoring(2);
  const uint64_t retries = CounterValue(Counter::kStoreInsertRetries);
  Append("patient");
  StartInserter();
  ASSERT_TRUE(inserter_->Drain(10'000));
  EXPECT_EQ(engine_.stored(), "patient");
  EXPECT_EQ(CounterValue(Counter::kStoreInsertRetries), retries + 2);
}

TEST_F(InserterTest, StoresOnceWhenTheAnswerOfAnInsertIsLost) {
  engine_.FailAfterStoring(1);
  Append("once");
  StartInserter();
  ASSERT_TRUE(inserter_->Drain(10'000));
  EXPECT_EQ(engine_.stored(), "once");
}

TEST_F(InserterTest, RepeatsTheInterruptedRangeWithItsOwnCutAfterARestart) {
  Append("one");
  Append("two");
  // The process dies after the store has taken [one two], before anyone noted it.
  ASSERT_TRUE(cursor_->Begin({0, log_->end_position()}));
  {
    const std::string block = BlockOf({"one", "two"});
    char token[64];
    std::snprintf(token, sizeof token, "-%x-%llx", 0, static_cast<unsigned long long>(log_->end_position()));
    ASSERT_TRUE(engine_.Insert(BlockKind::kSpans, std::array{std::string_view(block)}, log_->id() + token));
  }
  Append("three");
  Reopen();
  StartInserter();
  ASSERT_TRUE(inserter_->Drain(5000));
  EXPECT_EQ(engine_.stored(), "onetwothree");
}

}  // namespace
}  // namespace telltale
