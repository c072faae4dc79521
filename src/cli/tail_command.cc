#include <csignal>
#include <ctime>
#include <string>
#include <utility>

#include "base/clock.h"
#include "cli/api_client.h"
#include "cli/commands.h"
#include "cli/text.h"
#include "cli/trace_follower.h"
#include "cli/trace_query.h"
#include "cli/trace_table.h"

namespace telltale {
namespace {

constexpr std::chrono::milliseconds kPollEvery(1000);
// A server that hangs must not keep Ctrl-C waiting for long.
constexpr int kTimeoutMs = 5000;
// A quick poll ends at the first page that holds nothing new; a full one looks at the
// whole window, for traces that arrive long after they started.
constexpr int kPollsPerFullPoll = 10;
constexpr size_t kQuickPageSize = 200;
constexpr size_t kFullPageSize = 1000;
constexpr size_t kTracesMax = 20'000;
// Senders' clocks may be ahead of ours.
constexpr uint64_t kAheadNanos = 3'600'000'000'000;

struct Tail {
  ApiClient api;
  QueryText filter;
  uint64_t window_nanos = 0;
  bool json = false;
  Terminal& terminal;
  TraceTable table;
  TraceFollower follower;
  bool is_waiting = false;  // for the server to come back
  bool told_of_too_many = false;
};

uint64_t NowMs() {
  return Clock::System()->MonotonicNanos() / 1'000'000;
}

// Gives each page of the window to `use`, newest first, until it returns false.
Status ReadWindow(Tail& tail, size_t page_size,
                  const std::function<bool(const std::vector<ListedTrace>&)>& use) {
  const uint64_t now = Clock::System()->UnixNanos();
  std::string cursor;
  for (size_t read = 0; read < kTracesMax; read += page_size) {
    QueryText query = tail.filter;
    query.Add("start", std::to_string(now - tail.window_nanos)).Add("end", std::to_string(now + kAheadNanos));
    query.Add("limit", std::to_string(page_size)).Add("cursor", cursor);
    TELLTALE_ASSIGN_OR_RETURN(const ListedTraces page, ListTraces(tail.api, query));
    if (!use(page.items) || page.next.empty() || page.items.empty()) return {};
    cursor = page.next;
  }
  if (!std::exchange(tail.told_of_too_many, true)) {
    tail.terminal.err << "note: more than " << kTracesMax
                      << " traces within the window: late ones may be missed\n"
                      << "hint: narrow it with --service or --attribute, or make --window shorter\n";
  }
  return {};
}

Status Poll(Tail& tail, bool is_full) {
  return ReadWindow(tail, is_full ? kFullPageSize : kQuickPageSize,
                    [&](const std::vector<ListedTrace>& page) {
                      return tail.follower.Offer(page, NowMs()) > 0 || is_full;
                    });
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

void NoteOutage(Tail& tail, const Status& polled) {
  if (!polled && !tail.is_waiting) {
    tail.terminal.err << "note: waiting for the server: " << Printable(polled.error().message) << '\n';
  } else if (polled && tail.is_waiting) {
    tail.terminal.err << "note: " << tail.api.server() << " answers again\n";
  }
  tail.is_waiting = !polled;
}

Result<Tail> StartTail(const TailOptions& options, Terminal& terminal) {
  TELLTALE_ASSIGN_OR_RETURN(QueryText filter, FilterQuery(options.filter));
  TELLTALE_ASSIGN_OR_RETURN(const uint64_t window, ReadDurationFlag("window", options.window));
  Tail tail{.api = ApiClient(options.server, kTimeoutMs),
            .filter = std::move(filter),
            .window_nanos = window,
            .json = options.json,
            .terminal = terminal,
            .table = TraceTable(TraceTable::Unknown(), terminal)};
  TELLTALE_RETURN_IF_ERROR(ReadWindow(tail, kFullPageSize, [&](const std::vector<ListedTrace>& page) {
    tail.follower.Ignore(page);
    return true;
  }));
  return tail;
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
  auto tail = StartTail(options, terminal);
  if (!tail) return ReportError(tail.error(), terminal);
  terminal.err << "following new traces of " << tail->api.server() << "; Ctrl-C stops\n";
  if (!options.json) tail->table.PrintHeader();
  terminal.out.flush();
  for (int polls = 1; !wait_or_stop(kPollEvery); ++polls) {
    const Status polled = Poll(*tail, polls % kPollsPerFullPoll == 0 || tail->is_waiting);
    if (!polled && polled.error().code == ErrorCode::kInvalidInput)
      return ReportError(polled.error(), terminal);
    NoteOutage(*tail, polled);
    Show(*tail);
    if (!terminal.out) return kExitOk;  // Whoever read us has gone.
  }
  return kExitOk;
}

int RunTail(const TailOptions& options, Terminal& terminal) {
  return RunTail(options, terminal, WaitForSignal);
}

}  // namespace telltale
