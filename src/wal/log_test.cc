#include "wal/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <future>

#include "base/counters.h"
#include "wal/record.h"

namespace telltale {
namespace {

namespace fs = std::filesystem;

class LogTest : public testing::Test {
 protected:
  LogTest() {
    std::string name = (fs::temp_directory_path() / "telltale-wal-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~LogTest() override { fs::remove_all(folder_); }

  std::unique_ptr<WriteAheadLog> Open(uint64_t segment_bytes = 1 << 16, uint64_t size_bytes_max = 1 << 20) {
    auto log = WriteAheadLog::Open(
        {.folder = folder_, .segment_bytes = segment_bytes, .size_bytes_max = size_bytes_max});
    EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().message);
    return std::move(*log);
  }

  static Status Append(WriteAheadLog& log, std::string bytes) {
    std::promise<Status> durable;
    log.Append({{.rows = 1, .bytes = std::move(bytes)}},
               [&](Status status) { durable.set_value(std::move(status)); });
    return durable.get_future().get();
  }

  static std::vector<std::string> ReadAll(WriteAheadLog& log, uint64_t from = 0) {
    std::vector<std::string> blocks;
    uint64_t position = std::max(from, log.begin_position());
    while (true) {
      auto records = log.Read(position, {.bytes_max = 1 << 20, .rows_max = 1000});
      EXPECT_TRUE(records.has_value());
      if (!records || records->empty()) return blocks;
      for (WalRecord& record : *records) blocks.push_back(std::move(record.bytes));
      position = records->back().end_position;
    }
  }

  std::vector<fs::path> Segments() {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.path().extension() == ".wal") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    return paths;
  }

  static void Overwrite(const fs::path& path, uint64_t offset, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file << bytes;
  }

  fs::path folder_;
};

TEST_F(LogTest, BlocksThatAreAppendedTogetherStayTogetherAndAreAnsweredOnce) {
  auto log = Open();
  int answers = 0;
  std::promise<void> answered;
  log->Append({{.kind = BlockKind::kLogs, .rows = 2, .bytes = "first"}, {.rows = 1, .bytes = "second"}},
              [&](const Status& status) {
                EXPECT_TRUE(status.has_value());
                ++answers;
                answered.set_value();
              });
  answered.get_future().wait();
  ASSERT_TRUE(Append(*log, "third").has_value());
  EXPECT_EQ(ReadAll(*log), (std::vector<std::string>{"first", "second", "third"}));
  EXPECT_EQ(answers, 1);
}

TEST_F(LogTest, BlocksThatAreAppendedTogetherAreRefusedTogether) {
  auto log = Open(1 << 16, 1000);
  std::promise<Status> refused;
  log->Append({{.rows = 1, .bytes = "small"}, {.rows = 1, .bytes = std::string(2000, 'x')}},
              [&](Status status) { refused.set_value(std::move(status)); });
  const Status status = refused.get_future().get();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(ReadAll(*log).empty());
}

TEST_F(LogTest, GivesBackWhatWasAppendedInOrderAlsoAfterReopening) {
  std::string id;
  {
    auto log = Open();
    id = log->id();
    ASSERT_TRUE(Append(*log, "one"));
    ASSERT_TRUE(Append(*log, "two"));
    EXPECT_EQ(ReadAll(*log), (std::vector<std::string>{"one", "two"}));
  }
  auto log = Open();
  EXPECT_EQ(log->id(), id);
  ASSERT_TRUE(Append(*log, "three"));
  EXPECT_EQ(ReadAll(*log), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(LogTest, GoesOnInANewSegmentAndKeepsPositionsGrowing) {
  auto log = Open(/*segment_bytes=*/1000);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(Append(*log, std::string(400, static_cast<char>('a' + i))));
  EXPECT_EQ(Segments().size(), 5u);
  EXPECT_EQ(ReadAll(*log).size(), 10u);
}

TEST_F(LogTest, KeepsARecordLargerThanASegment) {
  auto log = Open(/*segment_bytes=*/1000);
  ASSERT_TRUE(Append(*log, "small"));
  ASSERT_TRUE(Append(*log, std::string(5000, 'x')));
  ASSERT_TRUE(Append(*log, "after"));
  log.reset();
  log = Open(1000);
  EXPECT_EQ(ReadAll(*log).size(), 3u);
}

TEST_F(LogTest, RemovesSegmentsOnceTheyAreReleasedAndNotBefore) {
  auto log = Open(/*segment_bytes=*/1000);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Append(*log, std::string(400, 'x')));
  ASSERT_EQ(Segments().size(), 3u);
  log->Release(log->end_position());
  EXPECT_EQ(Segments().size(), 1u);
  EXPECT_EQ(log->size_bytes(), 0u);
}

TEST_F(LogTest, PushesBackAtItsLimitAndTakesMoreOnceTheStoreHasCaughtUp) {
  auto log = Open(/*segment_bytes=*/1000, /*size_bytes_max=*/1000);
  ASSERT_TRUE(Append(*log, std::string(600, 'x')));
  const Status refused = Append(*log, std::string(600, 'y'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  log->Release(log->end_position());
  EXPECT_TRUE(Append(*log, std::string(600, 'z')));
}

TEST_F(LogTest, CutsATornEndAndCountsIt) {
  uint64_t torn_at = 0;
  {
    auto log = Open();
    ASSERT_TRUE(Append(*log, "whole"));
    torn_at = kSegmentHeaderBytes + log->end_position();
  }
  std::string torn;
  AppendRecord({.rows = 1, .bytes = "never acknowledged"}, torn_at - kSegmentHeaderBytes, torn);
  torn.resize(torn.size() - 5);
  Overwrite(Segments().front(), torn_at, torn);

  const uint64_t before = CounterValue(Counter::kLogRecordsTorn);
  auto log = Open();
  EXPECT_EQ(CounterValue(Counter::kLogRecordsTorn), before + 1);
  EXPECT_EQ(ReadAll(*log), std::vector<std::string>{"whole"});
  ASSERT_TRUE(Append(*log, "next"));
  log.reset();
  log = Open();
  EXPECT_EQ(ReadAll(*log), (std::vector<std::string>{"whole", "next"}));
}

TEST_F(LogTest, StepsOverARecordThatTheDiskChangedAndCountsTheLoss) {
  {
    auto log = Open();
    ASSERT_TRUE(Append(*log, "first"));
    ASSERT_TRUE(Append(*log, "second"));
    ASSERT_TRUE(Append(*log, "third"));
  }
  const uint64_t second_block = kSegmentHeaderBytes + (kRecordHeaderBytes + 5) + kRecordHeaderBytes;
  Overwrite(Segments().front(), second_block, "X");

  const uint64_t before = CounterValue(Counter::kLogRecordsCorrupt);
  auto log = Open();
  EXPECT_EQ(CounterValue(Counter::kLogRecordsCorrupt), before + 1);
  EXPECT_EQ(ReadAll(*log), (std::vector<std::string>{"first", "third"}));
}

TEST_F(LogTest, ForgetsASegmentWhoseHeaderWasNeverSynced) {
  {
    auto log = Open();
    ASSERT_TRUE(Append(*log, "kept"));
  }
  std::ofstream(folder_ / "00000000ffffffff.wal") << std::string(100, '\0');
  auto log = Open();
  EXPECT_EQ(ReadAll(*log), std::vector<std::string>{"kept"});
}

TEST_F(LogTest, StopsReadingAtTheEndOfARange) {
  auto log = Open();
  ASSERT_TRUE(Append(*log, "one"));
  const uint64_t cut = log->end_position();
  ASSERT_TRUE(Append(*log, "two"));
  auto records = log->Read(0, {.bytes_max = 1 << 20, .rows_max = 100, .end_position = cut});
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->front().end_position, cut);
}

TEST_F(LogTest, FinishesEveryAcceptedAppendBeforeItCloses) {
  auto log = Open();
  std::atomic<int> durable = 0;
  for (int i = 0; i < 100; ++i) {
    log->Append({{.rows = 1, .bytes = "x"}}, [&](Status status) { durable += status.has_value(); });
  }
  log->Close();
  EXPECT_EQ(durable, 100);
}

}  // namespace
}  // namespace telltale
