#include "query/live_tail.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"

namespace telltale {
namespace {

constexpr auto kRecheckEvery = std::chrono::seconds(1);

}  // namespace

TailPosition TailPosition::EndOf(int64_t received_unix_ms) {
  TailPosition position{.received_unix_ms = received_unix_ms, .trace_id = {}, .span_id = {}};
  position.trace_id.bytes.fill(0xff);
  position.span_id.bytes.fill(0xff);
  return position;
}

std::string TailPositionText(const TailPosition& position) {
  std::string text = std::to_string(position.received_unix_ms);
  if (position == TailPosition::EndOf(position.received_unix_ms)) return text;
  return text + '-' + position.trace_id.Hex() + '-' + position.span_id.Hex();
}

std::optional<TailPosition> ParseTailPositionUntrusted(std::string_view text) {
  int64_t unix_ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unix_ms);
  // The engine's times of milliseconds end before the year 2300.
  if (error != std::errc() || unix_ms < 0 || unix_ms > 10'000'000'000'000) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.empty()) return TailPosition::EndOf(unix_ms);
  TailPosition position{.received_unix_ms = unix_ms, .trace_id = {}, .span_id = {}};
  if (text.size() != 1 + 32 + 1 + 16 || text[0] != '-' || text[33] != '-' ||
      !ParseHex(text.substr(1, 32), position.trace_id.bytes.data(), 16) ||
      !ParseHex(text.substr(34), position.span_id.bytes.data(), 8))
    return std::nullopt;
  return position;
}

// Everything that the tail's thread and its readers share. Readers hold it, so that they may
// outlive the tail.
struct LiveTail::Shared {
  // What waits for one reader.
  struct Queue {
    CondVar wake;
    std::deque<TailItem> items;
    size_t bytes = 0;
    uint64_t dropped = 0;   // behind the items
    TailPosition position;  // behind those
    TailPosition told;      // nothing up to here is wanted
  };
  // A filter, and how far it was read.
  struct Feed {
    TailRead read;
    std::optional<int64_t> until_unix_ms;  // nullopt: not known yet where it begins
    std::set<Queue*> queues;
  };

  Shared(const LiveTailOptions& the_options, std::function<std::optional<int64_t>()> the_stored_until)
      : options(the_options), stored_until(std::move(the_stored_until)) {}

  void Run();
  // Reads a feed on to `until`; false: it has to be tried again.
  bool ReadOn(const std::string& filter, int64_t until);
  void Give(const TailPage& page, int64_t until, Feed& feed) TELLTALE_REQUIRES(mu);
  void Push(const std::shared_ptr<const TailEvent>& event, Queue& queue) TELLTALE_REQUIRES(mu);
  std::optional<int64_t> StoredUntil() const { return stored_until(); }

  const LiveTailOptions options;
  const std::function<std::optional<int64_t>()> stored_until;

  Mutex mu;
  CondVar wake;
  bool stored TELLTALE_GUARDED_BY(mu) = false;
  bool stopping TELLTALE_GUARDED_BY(mu) = false;
  size_t readers TELLTALE_GUARDED_BY(mu) = 0;
  std::map<std::string, Feed> feeds TELLTALE_GUARDED_BY(mu);
  std::thread thread TELLTALE_GUARDED_BY(mu);
};

void LiveTail::Shared::Run() {
  bool failed = false;
  while (true) {
    std::vector<std::string> filters;
    {
      MutexLock lock(mu);
      while (!stopping && feeds.empty()) wake.Wait(lock);
      if (!stopping && (failed || !stored)) wake.WaitFor(lock, kRecheckEvery);
      if (stopping) return;
      stored = false;
      for (const auto& [filter, feed] : feeds) filters.push_back(filter);
    }
    failed = false;
    const std::optional<int64_t> until = StoredUntil();
    for (const std::string& filter : filters) {
      if (until && !ReadOn(filter, *until)) failed = true;
    }
  }
}

bool LiveTail::Shared::ReadOn(const std::string& filter, int64_t until) {
  TailRead read;
  int64_t from = 0;
  {
    MutexLock lock(mu);
    const auto feed = feeds.find(filter);
    if (feed == feeds.end()) return true;
    if (!feed->second.until_unix_ms) {
      Give({}, until, feed->second);
      return true;
    }
    if (*feed->second.until_unix_ms >= until) return true;
    from = *feed->second.until_unix_ms;
    read = feed->second.read;
  }
  const Result<TailPage> page = read(TailPosition::EndOf(from), until, options.events_max);
  if (!page) {
    Log(LogLevel::kWarn, "live tail: the store did not answer", {{"error", page.error().message}});
    return false;
  }
  MutexLock lock(mu);
  const auto feed = feeds.find(filter);
  // Another reader may have opened it anew meanwhile.
  if (feed != feeds.end() && feed->second.until_unix_ms == from) Give(*page, until, feed->second);
  return true;
}

void LiveTail::Shared::Give(const TailPage& page, int64_t until, Feed& feed) {
  feed.until_unix_ms = until;
  std::vector<std::shared_ptr<const TailEvent>> events;
  for (const TailEvent& event : page.events) events.push_back(std::make_shared<const TailEvent>(event));
  for (Queue* queue : feed.queues) {
    for (const auto& event : events) Push(event, *queue);
    queue->dropped += page.more;
    queue->position = TailPosition::EndOf(until);
    if (!events.empty() || page.more > 0) queue->wake.NotifyOne();
  }
}

void LiveTail::Shared::Push(const std::shared_ptr<const TailEvent>& event, Queue& queue) {
  if (event->position <= queue.told) return;
  const size_t bytes = event->data.size();
  const bool fits =
      queue.items.size() < options.waiting_events_max && queue.bytes + bytes <= options.waiting_bytes_max;
  // Once something is lost the reader has to come to that before it gets more.
  if (queue.dropped > 0 || (!fits && !queue.items.empty())) {
    ++queue.dropped;
    return;
  }
  queue.items.push_back({.event = event});
  queue.bytes += bytes;
}

class LiveTail::Reader final : public TailReader {
 public:
  Reader(std::shared_ptr<Shared> shared, std::string filter, TailRead read,
         const std::optional<TailPosition>& after)
      : shared_(std::move(shared)), filter_(std::move(filter)), read_(std::move(read)), after_(after) {
    // From the past one comes to the feed later.
    if (!after_) (void)Join();
  }

  ~Reader() override {
    MutexLock lock(shared_->mu);
    --shared_->readers;
    const auto feed = shared_->feeds.find(filter_);
    if (feed == shared_->feeds.end()) return;
    feed->second.queues.erase(&queue_);
    if (feed->second.queues.empty()) shared_->feeds.erase(feed);
  }

  TailNews Wait(std::chrono::milliseconds timeout) override {
    if (after_) {
      std::optional<TailNews> news = CatchUp();
      if (news) return *std::move(news);
    }
    MutexLock lock(shared_->mu);
    if (!HasNews()) queue_.wake.WaitFor(lock, timeout);
    return TakeAll();
  }

 private:
  // From here on what is stored waits in the queue: gives after which arrivals.
  std::optional<int64_t> Join() {
    MutexLock lock(shared_->mu);
    Shared::Feed& feed = shared_->feeds[filter_];
    if (!feed.read) feed.read = read_;
    if (!feed.until_unix_ms) feed.until_unix_ms = shared_->StoredUntil();
    feed.queues.insert(&queue_);
    queue_.position = TailPosition::EndOf(feed.until_unix_ms.value_or(-1));
    shared_->wake.NotifyAll();
    // Under the lock: the feed goes on at once.
    return feed.until_unix_ms;
  }

  // A page of the past; nullopt: there is no more of it, and the feed goes on from there.
  std::optional<TailNews> CatchUp() {
    {
      MutexLock lock(shared_->mu);
      if (shared_->stopping) return TailNews{.items = {}, .position = *after_, .ended = true};
    }
    const std::optional<int64_t> stored = shared_->StoredUntil();
    if (!stored) return Pause();
    if (!joined_until_ && !IsBefore(*stored)) {
      // It has seen everything. What it saw last may be ahead of us, by a clock that was set
      // back: then it goes on from here.
      after_ = TailPosition::EndOf(*stored);
      JoinAt();
      if (!after_) return std::nullopt;
    }
    const int64_t until = joined_until_.value_or(*stored);
    const Result<TailPage> page = read_(*after_, until, shared_->options.events_max);
    if (!page) return Pause();
    TailNews news;
    for (const TailEvent& event : page->events)
      news.items.push_back({.event = std::make_shared<const TailEvent>(event)});
    after_ = page->more > 0 ? page->end : TailPosition::EndOf(until);
    news.position = *after_;
    if (page->more > 0) return news;
    if (joined_until_) {
      after_.reset();
    } else {
      // What is stored from now on waits in the queue; what was stored since `until` is one
      // more page.
      JoinAt();
    }
    return news;
  }

  bool IsBefore(int64_t unix_ms) const { return *after_ < TailPosition::EndOf(unix_ms); }

  void JoinAt() {
    // The feed may be behind what was read of the past.
    queue_.told = *after_;
    const std::optional<int64_t> begin = Join();
    if (begin && IsBefore(*begin)) {
      joined_until_ = begin;
    } else {
      after_.reset();
    }
  }

  TailNews Pause() {
    MutexLock lock(shared_->mu);
    if (!shared_->stopping) queue_.wake.WaitFor(lock, kRecheckEvery);
    return {.items = {}, .position = *after_, .ended = shared_->stopping};
  }

  bool HasNews() const TELLTALE_REQUIRES(shared_->mu) {
    return !queue_.items.empty() || queue_.dropped > 0 || shared_->stopping;
  }

  TailNews TakeAll() TELLTALE_REQUIRES(shared_->mu) {
    TailNews news{.items = {queue_.items.begin(), queue_.items.end()},
                  .position = queue_.position,
                  .ended = shared_->stopping};
    if (queue_.dropped > 0) news.items.push_back({.event = nullptr, .dropped = queue_.dropped});
    queue_.items.clear();
    queue_.bytes = 0;
    queue_.dropped = 0;
    return news;
  }

  const std::shared_ptr<Shared> shared_;
  const std::string filter_;
  const TailRead read_;
  std::optional<TailPosition> after_;    // still in the past: told up to here
  std::optional<int64_t> joined_until_;  // where the feed began that it joined
  Shared::Queue queue_;
};

LiveTail::LiveTail(const LiveTailOptions& options, std::function<std::optional<int64_t>()> stored_until)
    : shared_(std::make_shared<Shared>(options, std::move(stored_until))) {}

LiveTail::~LiveTail() {
  Stop();
}

Result<std::unique_ptr<TailReader>> LiveTail::Open(const std::string& filter, TailRead read,
                                                   const std::optional<TailPosition>& after) {
  {
    MutexLock lock(shared_->mu);
    if (shared_->stopping) return Fail(ErrorCode::kUnavailable, "follow what is stored: the server stops");
    if (shared_->readers >= shared_->options.readers_max) {
      return Fail(ErrorCode::kUnavailable,
                  "follow what is stored: " + std::to_string(shared_->readers) + " do so already: limit is " +
                      std::to_string(shared_->options.readers_max),
                  "try again when one of them has ended");
    }
    ++shared_->readers;
    if (!shared_->thread.joinable()) {
      // It holds the shared part by its address: Stop() waits for it.
      shared_->thread = std::thread([shared = shared_.get()] { shared->Run(); });
    }
  }
  return std::make_unique<Reader>(shared_, filter, std::move(read), after);
}

void LiveTail::Wake() {
  MutexLock lock(shared_->mu);
  shared_->stored = true;
  if (!shared_->feeds.empty()) shared_->wake.NotifyAll();
}

void LiveTail::Stop() {
  std::thread thread;
  {
    MutexLock lock(shared_->mu);
    shared_->stopping = true;
    shared_->wake.NotifyAll();
    for (auto& [filter, feed] : shared_->feeds) {
      for (Shared::Queue* queue : feed.queues) queue->wake.NotifyAll();
    }
    thread = std::move(shared_->thread);
  }
  if (thread.joinable()) thread.join();
}

}  // namespace telltale
