#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/event_stream.h"
#include "cli/text.h"
#include "cli/trace_follower.h"
#include "cli/trace_query.h"
#include "cli/trace_table.h"

namespace telltale {
namespace {

constexpr std::chrono::milliseconds kLookEvery(200);
constexpr std::chrono::milliseconds kReconnectEvery(500);
// The server says every so often that it is there; a longer silence is an outage.
constexpr int kSilenceMs = 10'000;
constexpr std::string_view kHeartbeat = "3s";
constexpr size_t kPageSize = 1000;
constexpr size_t kTracesMax = 20'000;
// Senders' clocks may be ahead of ours.
constexpr uint64_t kAheadNanos = 3'600'000'000'000;

uint64_t NowMs() {
  return Clock::System()->MonotonicNanos() / 1'000'000;
}

// Follows /api/v1/tail on a thread of its own, and goes on where it stopped after an outage.
class StoredTraces {
 public:
  StoredTraces(const std::string& server, QueryText query)
      : api_(server, kSilenceMs), query_(std::move(query)), thread_([this] { Run(); }) {}
  ~StoredTraces() {
    stopping_ = true;
    thread_.join();
  }

  // Until the server has answered for the first time, or cannot be reached.
  Status WaitForAnswer() {
    MutexLock lock(mu_);
    while (!answered_) changed_.WaitFor(lock, kLookEvery);
    return state_;
  }

  struct News {
    std::vector<std::string> traces;  // JSON
    uint64_t dropped = 0;
    Status state;  // an error: waiting for the server
  };
  std::vector<std::string> Peek() {
    MutexLock lock(mu_);
    return traces_;
  }
  News Take() {
    MutexLock lock(mu_);
    News news{.traces = std::exchange(traces_, {}), .dropped = std::exchange(dropped_, 0), .state = state_};
    return news;
  }

 private:
  void Run() {
    while (!stopping_) {
      QueryText query = query_;
      query.Add("heartbeat", kHeartbeat).Add("last_event_id", last_id_);
      EventStream stream;
      Status ended = api_.Follow("/api/v1/tail" + query.Text(),
                                 [&](std::string_view piece) { return Add(stream, piece); });
      if (stopping_) return;
      // A server that stops ends the answer in order.
      if (ended) ended = Fail(ErrorCode::kUnavailable, "ask " + api_.server() + ": the server stops");
      Tell(std::move(ended));
      for (auto waited = kLookEvery * 0; waited < kReconnectEvery && !stopping_; waited += kLookEvery)
        std::this_thread::sleep_for(kLookEvery);
    }
  }

  bool Add(EventStream& stream, std::string_view piece) {
    std::vector<ServerEvent> events = stream.ReadUntrusted(piece);
    if (!stream.last_id().empty()) {
      last_id_ = stream.last_id();
      Tell({});
    }
    MutexLock lock(mu_);
    for (ServerEvent& event : events) {
      if (event.name == "trace") traces_.push_back(std::move(event.data));
      if (event.name == "dropped") dropped_ += ReadDroppedUntrusted(event.data);
    }
    return !stopping_;
  }

  void Tell(Status state) {
    MutexLock lock(mu_);
    state_ = std::move(state);
    answered_ = true;
    changed_.NotifyAll();
  }

  const ApiClient api_;
  const QueryText query_;
  std::string last_id_;  // the thread's
  std::atomic<bool> stopping_ = false;

  Mutex mu_;
  CondVar changed_;
  bool answered_ TELLTALE_GUARDED_BY(mu_) = false;
  Status state_ TELLTALE_GUARDED_BY(mu_);
  std::vector<std::string> traces_ TELLTALE_GUARDED_BY(mu_);
  uint64_t dropped_ TELLTALE_GUARDED_BY(mu_) = 0;

  std::thread thread_;  // last: it uses everything above
};

struct Tail {
  ApiClient api;
  QueryText filter;
  uint64_t window_nanos = 0;
  bool json = false;
  Terminal& terminal;
  TraceTable table;
  TraceFollower follower;
  bool is_waiting = false;  // for the server to come back
};

// The traces of these events that are not older than the window.
std::vector<ListedTrace> ReadTraces(const Tail& tail, const std::vector<std::string>& events) {
  const uint64_t now = Clock::System()->UnixNanos();
  std::vector<ListedTrace> traces;
  for (const std::string& event : events) {
    auto page = ReadListedTracesUntrusted("{\"items\":[" + event + "],\"next\":null}");
    if (!page) continue;
    for (ListedTrace& trace : page->items) {
      if (trace.start_unix_nano + trace.duration_nano + tail.window_nanos >= now)
        traces.push_back(std::move(trace));
    }
  }
  return traces;
}

// What is there already is not new, also where more of it comes. What came while it was
// looked for is.
Status IgnoreOlder(Tail& tail, StoredTraces& stored) {
  const uint64_t now = Clock::System()->UnixNanos();
  std::vector<ListedTrace> older;
  std::string cursor;
  do {
    QueryText query = tail.filter;
    query.Add("start", std::to_string(now - std::min(now, tail.window_nanos)))
        .Add("end", std::to_string(now + kAheadNanos));
    query.Add("limit", std::to_string(kPageSize)).Add("cursor", cursor);
    TELLTALE_ASSIGN_OR_RETURN(ListedTraces page, ListTraces(tail.api, query));
    cursor = page.items.empty() ? std::string() : page.next;
    std::ranges::move(page.items, std::back_inserter(older));
  } while (!cursor.empty() && older.size() < kTracesMax);
  std::set<std::string> fresh;
  for (const ListedTrace& trace : ReadTraces(tail, stored.Peek())) fresh.insert(trace.trace_id);
  std::erase_if(older, [&](const ListedTrace& trace) { return fresh.contains(trace.trace_id); });
  tail.follower.Ignore(older);
  return {};
}

void Show(Tail& tail) {
  for (const ListedTrace& trace : tail.follower.Take(NowMs())) {
    if (tail.json) {
      tail.terminal.out << trace.json << '\n';
    } else {
      tail.table.PrintRow(trace);
    }
  }
  tail.terminal.out.flush();
}

void NoteOutage(Tail& tail, const Status& state) {
  if (!state && !tail.is_waiting) {
    tail.terminal.err << "note: waiting for the server: " << Printable(state.error().message) << '\n';
  } else if (state && tail.is_waiting) {
    tail.terminal.err << "note: " << tail.api.server() << " answers again\n";
  }
  tail.is_waiting = !state;
}

bool WaitForSignal(std::chrono::milliseconds duration) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  // Held from here on, so that none comes between two waits.
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  const timespec timeout{.tv_sec = duration.count() / 1000, .tv_nsec = duration.count() % 1000 * 1'000'000};
  return sigtimedwait(&stop, nullptr, &timeout) > 0;
}

}  // namespace

int RunTail(const TailOptions& options, Terminal& terminal, const WaitOrStop& wait_or_stop) {
  const auto filter = FilterQuery(options.filter);
  if (!filter) return ReportError(filter.error(), terminal);
  const auto window = ReadDurationFlag("window", options.window);
  if (!window) return ReportError(window.error(), terminal);
  Tail tail{.api = ApiClient(options.server),
            .filter = *filter,
            .window_nanos = *window,
            .json = options.json,
            .terminal = terminal,
            .table = TraceTable(TraceTable::Unknown(), terminal),
            .follower = {}};
  // Followed first, so that nothing is missed in between.
  StoredTraces stored(options.server, *filter);
  if (const Status first = stored.WaitForAnswer(); !first) return ReportError(first.error(), terminal);
  const Status ignored = IgnoreOlder(tail, stored);
  if (!ignored) return ReportError(ignored.error(), terminal);

  terminal.err << "following new traces of " << tail.api.server() << "; Ctrl-C stops\n";
  if (!options.json) tail.table.PrintHeader();
  terminal.out.flush();
  while (!wait_or_stop(kLookEvery)) {
    const StoredTraces::News news = stored.Take();
    if (!news.state && news.state.error().code == ErrorCode::kInvalidInput)
      return ReportError(news.state.error(), terminal);
    NoteOutage(tail, news.state);
    tail.follower.Offer(ReadTraces(tail, news.traces), NowMs());
    if (news.dropped > 0) {
      terminal.err << "note: " << news.dropped << " spans were stored faster than they could be followed\n"
                   << "hint: narrow it with --service or --attribute\n";
    }
    Show(tail);
    if (!terminal.out) return kExitOk;  // Whoever read us has gone.
  }
  return kExitOk;
}

int RunTail(const TailOptions& options, Terminal& terminal) {
  return RunTail(options, terminal, WaitForSignal);
}

}  // namespace telltale
