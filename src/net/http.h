// HTTP messages and the handler that answers them, free of any network library:
// a face (api/, ingest/receivers/) includes only this.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace telltale {

// Header names are matched without regard to case.
struct HttpHeaders {
  std::vector<std::pair<std::string, std::string>> fields;

  // The first value of `name`, or empty.
  std::string_view Get(std::string_view name) const;
  void Add(std::string name, std::string value) { fields.emplace_back(std::move(name), std::move(value)); }
};

struct HttpRequest {
  std::string method;  // upper case
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, without '?'
  HttpHeaders headers;
  std::string body;  // as sent: still compressed if Content-Encoding says so
  // True once nobody waits for the answer any more; null where the server does not look.
  std::shared_ptr<const std::atomic<bool>> client_gone = nullptr;

  // The first value of a query parameter, decoded; nullopt when it is absent.
  std::optional<std::string> Param(std::string_view name) const;
  // Every value of a repeated query parameter, decoded, in order.
  std::vector<std::string> Params(std::string_view name) const;
};

// Writes the body of a response piece by piece (server-sent events, large lists).
//
// Thread safety  One thread at a time; not the server's own threads, because
//                Write blocks while the client is slower than we are.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // False once the client has gone away: stop.
  [[nodiscard]] virtual bool Write(std::string bytes) = 0;
  // True as soon as the client has gone away.
  virtual bool closed() const = 0;
  // What was written is sent, and then the connection ends as one that broke off: the client sees
  // that the response is not whole. For failures after the headers.
  virtual void BreakOff() {}
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;  // Content-Length, Date and Connection are the server's
  std::string body;

  // Instead of `body`: bytes that live as long as the process (the web UI's files).
  std::string_view static_body;

  // Instead of `body`: called on a thread of its own after the headers were sent
  // (chunked); the response ends when it returns.
  std::function<void(HttpStream&)> stream;

  // Close the connection without sending anything: only the simulator uses this.
  bool drop_connection = false;

  static HttpResponse Text(int status, std::string text);  // text/plain; charset=utf-8
  static HttpResponse Json(int status, std::string text);  // application/json
};

// A request that the server itself turns away: too large, too slow, not HTTP, or one
// that its handler let go of without an answer.
struct HttpRefusal {
  int status = 400;
  ErrorCode code = ErrorCode::kInvalidInput;
  std::string message;
  std::string hint;
  HttpHeaders headers;  // of the request, as far as they could be read
};

// May be called once, from any thread.
using HttpDone = std::function<void(HttpResponse)>;

// Thread safety  Handle is called from the server's threads, several at a time; it
//                must not block there. Long work belongs on a WorkerPool (below).
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual void Handle(HttpRequest request, HttpDone done) = 0;

  // Words a refusal as this face's protocol does; without a word of its own as
  // {"code","message","hint"}. The server adds Retry-After where one is due.
  virtual HttpResponse Refuse(const HttpRefusal& refusal) const;
};

std::string PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);

}  // namespace telltale
