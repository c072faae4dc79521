// What is stored, as it is stored, to many readers at once: each filter is asked of the store
// once for all who read by it, and only when something was stored.
//
//   LiveTail tail({}, [&] { return arrivals.stored_until_unix_ms(); });
//   TELLTALE_ASSIGN_OR_RETURN(auto reader, tail.Open(filter_text, read, after));
//   while (true) {
//     const TailNews news = reader->Wait(std::chrono::seconds(15));
//     for (const TailItem& item : news.items) Show(item);
//     if (news.ended) return;
//   }
//   tail.Wake();                        // something was stored
//
// The order is that of arrival, (received, trace, span): a reader that knows where it stopped
// goes on from there without a gap and without anything twice, over restarts of the server too.
// A reader that is too slow for what is stored loses the newest of it, and is told how much,
// in its place.
//
// Ownership      A reader may outlive its LiveTail: it has then ended.
// Thread safety  LiveTail from any thread; a reader from one at a time.
// Failure        Open: kUnavailable above `readers_max`. A question that fails is asked again a
//                second later; nothing is lost by it.
// Limits         LiveTailOptions.
// Cost           Nothing without readers. A store with readers: one question for each filter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trace/ids.h"

namespace telltale {

// Everything up to and with this one has been told.
struct TailPosition {
  int64_t received_unix_ms = 0;
  TraceId trace_id;
  SpanId span_id;
  auto operator<=>(const TailPosition&) const = default;

  // Behind everything that arrived until then.
  static TailPosition EndOf(int64_t received_unix_ms);
};
std::string TailPositionText(const TailPosition& position);
std::optional<TailPosition> ParseTailPositionUntrusted(std::string_view text);

struct TailEvent {
  TailPosition position;
  std::string data;
};

struct TailPage {
  std::vector<TailEvent> events;  // in order
  uint64_t more = 0;              // that were left out
  TailPosition end;               // where the page ends, where more follows
};

// Reads what arrived after `after` and until `until_unix_ms`, at most about `events_max` of it.
using TailRead =
    std::function<Result<TailPage>(const TailPosition& after, int64_t until_unix_ms, size_t events_max)>;

struct LiveTailOptions {
  size_t readers_max = 64;  // a connection and a thread each
  // What may wait for one reader.
  size_t waiting_events_max = 5'000;
  size_t waiting_bytes_max = 2'000'000;
  // Of one question: about what the fastest reader can take in until the next.
  size_t events_max = 2'000;
};

struct TailItem {
  std::shared_ptr<const TailEvent> event;  // null:
  uint64_t dropped = 0;                    // so many were lost here
};

struct TailNews {
  std::vector<TailItem> items;
  TailPosition position;  // all until here was told, these items with it
  bool ended = false;     // the tail has stopped
};

class TailReader {
 public:
  virtual ~TailReader() = default;
  // Until there is news, or for so long.
  virtual TailNews Wait(std::chrono::milliseconds timeout) = 0;
};

class LiveTail {
 public:
  // `stored_until` gives Arrivals::stored_until_unix_ms.
  LiveTail(const LiveTailOptions& options, std::function<std::optional<int64_t>()> stored_until);
  ~LiveTail();  // Stops.

  // `filter` names what `read` reads: readers with an equal one share it. `after`: begins there
  // instead of now.
  Result<std::unique_ptr<TailReader>> Open(const std::string& filter, TailRead read,
                                           const std::optional<TailPosition>& after);

  // Something was stored.
  void Wake();
  // Ends every reader, and every one that is opened from now on.
  void Stop();

 private:
  struct Shared;
  class Reader;
  std::shared_ptr<Shared> shared_;
};

}  // namespace telltale
