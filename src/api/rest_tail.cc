// /api/v1/tail: what is stored, as it is stored, as server-sent events.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/call_filter.h"
#include "api/rest_parts.h"
#include "base/counters.h"
#include "query/live_tail.h"
#include "query/live_tail_reads.h"
#include "query/trace_search.h"

namespace telltale {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHeartbeatDefault = 15 * kSecond;
// A client that has gone is noticed so late at the latest.
constexpr auto kLookAtClientEvery = std::chrono::seconds(1);

enum class TailOf { kTraces, kSpans, kCalls };
constexpr std::string_view kEventNames[] = {"trace", "span", "call"};

template <typename Write>
std::string JsonOf(Write write) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject();
  write(json);
  json.EndObject();
  return text;
}

TailPosition PositionOf(const ArrivedSpanRow& row) {
  return {.received_unix_ms = row.received_unix_ms, .trace_id = row.trace_id, .span_id = row.span_id};
}

TailPosition PositionOf(const CallRow& row) {
  return {.received_unix_ms = row.received_unix_ms, .trace_id = row.trace_id, .span_id = row.span_id};
}

void WriteArrivedSpan(const ArrivedSpanRow& row, JsonWriter& json) {
  json.Key("trace_id").String(row.trace_id.Hex());
  json.Key("span_id").String(row.span_id.Hex());
  if (!row.parent_id.IsZero()) json.Key("parent_id").String(row.parent_id.Hex());
  json.Key("start_unix_nano").IntString(row.start_unix_nano);
  json.Key("duration_nano").IntString(row.duration_nano);
  json.Key("service").String(row.service);
  json.Key("name").String(row.name);
  json.Key("kind").Uint(row.kind);
  json.Key("status").BeginObject();
  json.Key("code").Uint(row.status);
  if (!row.status_message.empty()) json.Key("message").String(row.status_message);
  json.EndObject();
}

Result<TailPage> ReadSpanEvents(Engine& engine, const SpanFilter& filter, const Arrived& arrived) {
  TELLTALE_ASSIGN_OR_RETURN(const ArrivedSpans spans, ReadArrivedSpans(engine, filter, arrived));
  TailPage page{.events = {}, .more = spans.more, .end = arrived.after};
  for (const ArrivedSpanRow& row : spans.rows) {
    page.events.push_back({.position = PositionOf(row),
                           .data = JsonOf([&](JsonWriter& json) { WriteArrivedSpan(row, json); })});
    page.end = page.events.back().position;
  }
  return page;
}

Result<TailPage> ReadCallEvents(Engine& engine, const CallFilter& filter, const Arrived& arrived) {
  TELLTALE_ASSIGN_OR_RETURN(const ArrivedCalls calls, ReadArrivedCalls(engine, filter, arrived));
  TailPage page{.events = {}, .more = calls.more, .end = arrived.after};
  for (const CallRow& row : calls.calls.rows) {
    page.events.push_back(
        {.position = PositionOf(row), .data = JsonOf([&](JsonWriter& json) { WriteCallRow(row, json); })});
    page.end = page.events.back().position;
  }
  return page;
}

// A trace stands where the last of its matching spans stands, so who goes on from there gets
// none of them again.
Result<TailPage> ReadTraceEvents(Engine& engine, const SpanFilter& filter, const Arrived& arrived) {
  TELLTALE_ASSIGN_OR_RETURN(const ArrivedSpans spans, ReadArrivedSpans(engine, filter, arrived));
  TailPage page{.events = {}, .more = spans.more, .end = arrived.after};
  std::map<TraceId, TailPosition> last;
  std::map<TraceId, int64_t> newest;
  for (const ArrivedSpanRow& row : spans.rows) {
    last[row.trace_id] = page.end = PositionOf(row);
    int64_t& start = newest[row.trace_id];
    start = std::max(start, row.start_unix_nano);
  }
  std::vector<MatchRow> matches;
  for (const auto& [id, start] : newest) matches.push_back({.trace_id = id, .start_unix_nano = start});
  TELLTALE_ASSIGN_OR_RETURN(const auto summaries, SummariseTraces(engine, matches));
  TELLTALE_ASSIGN_OR_RETURN(const auto sums, SumCallsOf(engine, summaries));
  for (const TraceSummary& summary : summaries) {
    page.events.push_back({.position = last[summary.trace_id],
                           .data = JsonOf([&](JsonWriter& json) { WriteSummary(summary, sums, json); })});
  }
  std::ranges::sort(page.events, {}, &TailEvent::position);
  return page;
}

struct TailQuestion {
  TailOf of = TailOf::kTraces;
  std::string filter;  // the same text: the same question
  TailRead read;
  std::chrono::nanoseconds heartbeat{0};
  std::optional<TailPosition> after;
};

Status RefuseTimes(const Parameters& parameters) {
  for (const std::string_view name : {"start", "end"}) {
    TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text(name));
    if (text) {
      return BadParameter(name, *text, "what is followed has no times",
                          "last_event_id goes on where an earlier tail ended");
    }
  }
  return {};
}

Result<std::optional<TailPosition>> ReadAfter(const Parameters& parameters, const HttpRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(const auto parameter, parameters.Text("last_event_id"));
  const std::string text = parameter.value_or(std::string(request.headers.Get("Last-Event-ID")));
  if (text.empty()) return std::optional<TailPosition>();
  const auto position = ParseTailPositionUntrusted(text);
  if (!position)
    return BadParameter("last_event_id", text, "not an id of this stream",
                        "pass the id of an event, unchanged");
  return position;
}

Result<TailQuestion> ReadQuestion(const Face& face, const HttpRequest& request) {
  const Parameters parameters(request);
  TailQuestion question;
  TELLTALE_ASSIGN_OR_RETURN(
      const auto of, ReadName(parameters, "of",
                              std::array{std::pair<std::string_view, TailOf>{"traces", TailOf::kTraces},
                                         std::pair<std::string_view, TailOf>{"spans", TailOf::kSpans},
                                         std::pair<std::string_view, TailOf>{"calls", TailOf::kCalls}}));
  question.of = of.value_or(TailOf::kTraces);
  TELLTALE_RETURN_IF_ERROR(RefuseTimes(parameters));
  TELLTALE_ASSIGN_OR_RETURN(const auto heartbeat, parameters.Duration("heartbeat"));
  if (heartbeat && (*heartbeat < kSecond || *heartbeat > 60 * kSecond)) {
    TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("heartbeat"));
    return BadParameter("heartbeat", text.value_or(""), "not from 1s to 60s");
  }
  question.heartbeat = std::chrono::nanoseconds(heartbeat.value_or(kHeartbeatDefault));
  TELLTALE_ASSIGN_OR_RETURN(question.after, ReadAfter(parameters, request));

  Engine& engine = face.engine;
  const std::array<std::string_view, 3> own = {"of", "heartbeat", "last_event_id"};
  if (question.of == TailOf::kCalls) {
    TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, own));
    TELLTALE_ASSIGN_OR_RETURN(CallFilter filter, ReadCallFilter(parameters, 0));
    filter.range = {};
    question.read = [&engine, filter](const TailPosition& after, int64_t until, size_t events_max) {
      return ReadCallEvents(engine, filter, {.after = after, .until_unix_ms = until, .rows_max = events_max});
    };
  } else {
    TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideSpanFilter(parameters, own));
    TELLTALE_ASSIGN_OR_RETURN(SpanFilter filter, ReadSpanFilter(parameters, 0));
    filter.range = {};
    const auto read = question.of == TailOf::kSpans ? ReadSpanEvents : ReadTraceEvents;
    question.read = [&engine, filter, read](const TailPosition& after, int64_t until, size_t events_max) {
      return read(engine, filter, {.after = after, .until_unix_ms = until, .rows_max = events_max});
    };
  }
  question.filter = kEventNames[static_cast<size_t>(question.of)];
  for (const auto& [name, value] : parameters.values()) {
    if (name != "heartbeat" && name != "last_event_id" && name != "of")
      question.filter += '&' + PercentEncode(name) + '=' + PercentEncode(value);
  }
  return question;
}

std::string IdLine(const TailPosition& position) {
  return position.received_unix_ms < 0 ? std::string() : "id: " + TailPositionText(position) + "\n";
}

std::string TextOf(const TailItem& item, std::string_view name) {
  if (item.event == nullptr)
    return "event: dropped\ndata: {\"count\":" + std::to_string(item.dropped) + "}\n\n";
  return "id: " + TailPositionText(item.event->position) + "\nevent: " + std::string(name) +
         "\ndata: " + item.event->data + "\n\n";
}

// Until the client has gone or the tail ends.
void Follow(TailReader& reader, std::string_view name, std::chrono::nanoseconds heartbeat,
            HttpStream& stream) {
  const Clock& clock = *Clock::System();
  // What reconnects, and how: a browser waits so many milliseconds.
  if (!stream.Write(": telltale\nretry: 2000\n\n")) return;
  uint64_t said_at = 0;
  TailPosition said{.received_unix_ms = -1, .trace_id = {}, .span_id = {}};
  while (!stream.closed()) {
    const TailNews news = reader.Wait(kLookAtClientEvery);
    std::string text;
    for (const TailItem& item : news.items) {
      text += TextOf(item, name);
      if (item.event == nullptr) Count(Counter::kTailEventsDropped, item.dropped);
    }
    const uint64_t now = clock.MonotonicNanos();
    const bool is_due = said_at == 0 || now - said_at >= static_cast<uint64_t>(heartbeat.count());
    if (news.ended) text += ": the server stops\n\n";
    // A client that comes back before it got anything goes on from here all the same.
    if (text.empty() && is_due) text = (news.position == said ? ": \n\n" : IdLine(news.position) + ": \n\n");
    if (!text.empty()) {
      said_at = now;
      said = news.position;
      if (!stream.Write(std::move(text))) return;
    }
    if (news.ended) return;
  }
}

}  // namespace

Answer FollowStored(const Face& face, const HttpRequest& request) {
  if (face.live_tail == nullptr)
    return Fail(ErrorCode::kUnavailable, "follow what is stored: this server cannot");
  TELLTALE_ASSIGN_OR_RETURN(TailQuestion question, ReadQuestion(face, request));
  TELLTALE_ASSIGN_OR_RETURN(auto opened,
                            face.live_tail->Open(question.filter, std::move(question.read), question.after));
  HttpResponse response;
  response.headers.Add("Content-Type", "text/event-stream");
  response.headers.Add("Cache-Control", "no-store");
  // Of proxies that gather answers before they pass them on.
  response.headers.Add("X-Accel-Buffering", "no");
  response.stream = [reader = std::shared_ptr<TailReader>(std::move(opened)),
                     name = kEventNames[static_cast<size_t>(question.of)], heartbeat = question.heartbeat](
                        HttpStream& stream) { Follow(*reader, name, heartbeat, stream); };
  return response;
}

}  // namespace telltale
