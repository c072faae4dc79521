// Tempo's StreamingQuerier over gRPC: what Grafana asks instead of HTTP where streaming is switched
// on in its data source. An answer is found at once here, so a stream has the one that HTTP would
// give, in messages of bounded size.
//
//   auto streams = TempoStreams::Start(api.tempo());
//   HttpServer::Listen({.port = 3200, .take_http2 = [&](int fd) { streams->Take(fd); }}, api.tempo());
//   ...
//   streams->Stop(2000);                  // after the server in front
//
// Ownership      `tempo` must outlive it, and answers to be awaited by Stop.
// Thread safety  Take from any thread; Start and Stop from one.
// Failure        A call ends with gRPC's status for the HTTP status, and its text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace telltale {

class TempoStreams {
 public:
  static Result<std::unique_ptr<TempoStreams>> Start(HttpHandler& tempo);

  virtual ~TempoStreams() = default;  // Stops.
  // A connection that begins HTTP/2; owned from here on.
  virtual void Take(int fd) = 0;
  virtual void Stop(int grace_ms) = 0;
};

// The same question as HTTP: a tempopb.SearchRequest, QueryRangeRequest or QueryInstantRequest as
// `path` and its parameters. kInvalidInput: the bytes are no message.
enum class TempoCall { kSearch, kQueryRange, kQueryInstant };
Result<HttpRequest> TempoRequestUntrusted(TempoCall call, std::string_view message);

// A message in parts that are messages themselves, cut between its fields: each at most `bytes_max`
// where no single field is larger. REQUIRES: written by us.
std::vector<std::string> SplitMessage(std::string_view message, size_t bytes_max);

}  // namespace telltale
