#include "query/live_tail.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "query/testing/fake_engine.h"

namespace telltale {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong(20'000);

TailPosition At(int64_t unix_ms, uint8_t span = 1) {
  return {.received_unix_ms = unix_ms, .trace_id = IdOf<16>(1), .span_id = IdOf<8>(span)};
}

// A store of events in the order of arrival, that fails on demand.
class FakeStore {
 public:
  void Add(const TailPosition& position, std::string data = {}) {
    const std::lock_guard lock(mu_);
    if (data.empty()) data = std::to_string(position.received_unix_ms);
    events_.push_back({.position = position, .data = std::move(data)});
    until_ = position.received_unix_ms;
  }
  std::optional<int64_t> until() {
    const std::lock_guard lock(mu_);
    return until_;
  }
  void SetUntil(std::optional<int64_t> until) {
    const std::lock_guard lock(mu_);
    until_ = until;
  }
  TailRead Read() {
    return [this](const TailPosition& after, int64_t until, size_t events_max) -> Result<TailPage> {
      const std::lock_guard lock(mu_);
      ++reads;
      if (fails > 0) {
        --fails;
        return Fail(ErrorCode::kUnavailable, "no");
      }
      TailPage page{.events = {}, .more = 0, .end = after};
      for (const TailEvent& event : events_) {
        if (event.position <= after || event.position.received_unix_ms > until) continue;
        if (page.events.size() == events_max) {
          ++page.more;
          continue;
        }
        page.events.push_back(event);
        page.end = event.position;
      }
      return page;
    };
  }

  std::atomic<int> reads = 0;
  std::atomic<int> fails = 0;

 private:
  std::mutex mu_;
  std::vector<TailEvent> events_;
  std::optional<int64_t> until_ = 0;
};

// "10 20 -3": the data of events, and how many were lost; until there is some or the tail ends.
std::string Next(TailReader& reader) {
  std::string text;
  for (int tries = 0; text.empty() && tries < 100; ++tries) {
    const TailNews news = reader.Wait(milliseconds(200));
    for (const TailItem& item : news.items) {
      text += text.empty() ? "" : " ";
      text += item.event != nullptr ? item.event->data : "-" + std::to_string(item.dropped);
    }
    if (news.ended) text += text.empty() ? "end" : " end";
  }
  return text;
}

class LiveTailTest : public testing::Test {
 protected:
  std::unique_ptr<TailReader> Open(std::optional<TailPosition> after = std::nullopt,
                                   const std::string& filter = "all") {
    auto reader = tail_.Open(filter, store_.Read(), after);
    EXPECT_TRUE(reader);
    return *std::move(reader);
  }
  void Store(std::initializer_list<int64_t> times) {
    for (const int64_t time : times) store_.Add(At(time));
    tail_.Wake();
  }

  FakeStore store_;
  LiveTail tail_{{.readers_max = 3, .waiting_events_max = 4, .events_max = 3},
                 [this] { return store_.until(); }};
};

TEST_F(LiveTailTest, AReaderGetsWhatIsStoredFromNowOn) {
  Store({10});
  const auto reader = Open();
  Store({20});
  EXPECT_EQ(Next(*reader), "20");
  Store({30, 40});
  EXPECT_EQ(Next(*reader), "30 40");
}

TEST_F(LiveTailTest, ReadersOfOneFilterShareItsQuestions) {
  const auto one = Open();
  const auto other = Open();
  Store({10});
  EXPECT_EQ(Next(*one), "10");
  EXPECT_EQ(Next(*other), "10");
  EXPECT_EQ(store_.reads, 1);
}

TEST_F(LiveTailTest, AReaderGoesOnWhereItStopped) {
  Store({10, 20, 30, 40, 50, 60, 70});
  const auto reader = Open(At(20));
  std::string all;
  while (!all.ends_with("70")) all += (all.empty() ? "" : " ") + Next(*reader);
  EXPECT_EQ(all, "30 40 50 60 70");
  Store({80});
  EXPECT_EQ(Next(*reader), "80");
}

TEST_F(LiveTailTest, WhatWasToldOfOneMillisecondIsNotToldAgain) {
  store_.Add(At(10, 1));
  store_.Add(At(10, 2));
  store_.Add(At(10, 3));
  const auto reader = Open(At(10, 2));
  EXPECT_EQ(Next(*reader), "10");
}

TEST_F(LiveTailTest, WhoComesBackToAFeedThatIsBehindGetsNothingTwice) {
  const auto first = Open();
  // Stored, but nobody was woken: the feed still stands at 0.
  store_.Add(At(10));
  store_.Add(At(20));
  const auto second = Open(At(10));
  EXPECT_EQ(Next(*second), "20");
  Store({30});
  EXPECT_EQ(Next(*second), "30");
}

TEST_F(LiveTailTest, ASlowReaderIsToldWhatItLost) {
  const auto reader = Open();
  Store({10, 20});
  while (store_.reads < 1) std::this_thread::sleep_for(milliseconds(1));
  Store({30, 40, 50});
  while (store_.reads < 2) std::this_thread::sleep_for(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(Next(*reader), "10 20 30 40 -1");
  Store({60});
  EXPECT_EQ(Next(*reader), "60");
}

TEST_F(LiveTailTest, MoreThanOneQuestionMayBringIsToldToo) {
  const auto reader = Open();
  Store({10, 20, 30, 40, 50});
  EXPECT_EQ(Next(*reader), "10 20 30 -2");
}

TEST_F(LiveTailTest, AQuestionThatFailsIsAskedAgain) {
  const auto reader = Open();
  store_.fails = 1;
  Store({10});
  EXPECT_EQ(Next(*reader), "10");
  EXPECT_EQ(store_.reads, 2);
}

TEST_F(LiveTailTest, NobodyIsToldBeforeTheStoreKnowsWhereItStands) {
  store_.SetUntil(std::nullopt);
  const auto fresh = Open();
  const auto old = Open(At(10));
  EXPECT_TRUE(fresh->Wait(milliseconds(10)).items.empty());
  store_.Add(At(10));
  store_.Add(At(20));
  EXPECT_EQ(Next(*old), "20");
  Store({30});
  EXPECT_EQ(Next(*fresh), "30");
}

TEST_F(LiveTailTest, TooManyReadersAreRefusedUntilOneEnds) {
  auto one = Open();
  const auto two = Open();
  const auto three = Open();
  const auto refused = tail_.Open("all", store_.Read(), std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  one.reset();
  EXPECT_TRUE(tail_.Open("all", store_.Read(), std::nullopt));
}

TEST_F(LiveTailTest, StopEndsAReaderThatWaits) {
  const auto reader = Open();
  std::thread stopper([this] {
    std::this_thread::sleep_for(milliseconds(20));
    tail_.Stop();
  });
  EXPECT_TRUE(reader->Wait(kLong).ended);
  stopper.join();
  EXPECT_FALSE(tail_.Open("all", store_.Read(), std::nullopt));
}

TEST_F(LiveTailTest, WithoutReadersNobodyAsks) {
  Open().reset();
  Store({10});
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(store_.reads, 0);
}

// Readers come, go and come back while the store grows: each gets everything, once, in order.
TEST(LiveTail, ComingBackAgainAndAgainLosesNothing) {
  constexpr int64_t kEvents = 2'000;
  FakeStore store;
  LiveTail tail({}, [&] { return store.until(); });
  const std::jthread writer([&] {
    for (int64_t i = 1; i <= kEvents; ++i) {
      store.Add(At(i));
      if (i % 3 == 0) tail.Wake();
      if (i % 50 == 0) std::this_thread::sleep_for(milliseconds(1));
    }
    tail.Wake();
  });
  TailPosition position = TailPosition::EndOf(0);
  int64_t next = 1;
  for (int visit = 0; next <= kEvents && visit < 10'000; ++visit) {
    auto reader = tail.Open("all", store.Read(), position);
    ASSERT_TRUE(reader);
    for (int waits = 0; waits < 1 + visit % 4; ++waits) {
      const TailNews news = (*reader)->Wait(milliseconds(2));
      for (const TailItem& item : news.items) {
        ASSERT_NE(item.event, nullptr);
        ASSERT_EQ(item.event->position.received_unix_ms, next++);
        position = item.event->position;
      }
    }
  }
  EXPECT_EQ(next, kEvents + 1);
}

TEST(TailPositionTest, ComesBackAsItWasAndNothingElseIsOne) {
  for (const TailPosition& position : {At(5, 7), TailPosition::EndOf(9)})
    EXPECT_EQ(ParseTailPositionUntrusted(TailPositionText(position)), position);
  EXPECT_EQ(TailPositionText(TailPosition::EndOf(9)), "9");
  for (const char* text : {"", "x", "-1", "1-", "1-2-3", "99999999999999999999", "1 "})
    EXPECT_FALSE(ParseTailPositionUntrusted(text)) << text;
}

}  // namespace
}  // namespace telltale
