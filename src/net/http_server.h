// An HTTP/1.1 server: Boost.Beast coroutines, one io_context per thread.
//
//   auto server = HttpServer::Listen({.address = "127.0.0.1", .port = 0}, handler);
//   (*server)->port();
//
// Keep-alive, pipelining-safe, bounded; what it refuses by itself is worded by the
// handler (HttpHandler::Refuse): a body above `body_bytes_max` is answered
// 413 and the connection closed (when Content-Length says so: before it is read);
// bodies of all connections together never pass `inflight_bytes_max`: 503 with
// Retry-After. A header block is limited to 64 KiB: 431. Idle connections are closed
// after `idle_seconds`, connections in mid-request after `request_seconds`.
//
// A client that closes during a streamed response, or only its sending side, counts as
// gone at once. One acceptor an address hands connections to the threads in turn.
//
// Ownership      `handler` must outlive the server; a `done` may outlive both.
// Thread safety  port may be called from any thread, Stop from any but the server's own
//                and those of its streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace telltale {

struct HttpServerOptions {
  // An IP address, or localhost: 127.0.0.1 and, where the machine has it, ::1, under
  // one port. Clients differ in which of the two they take localhost for.
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  int threads = 1;
  size_t body_bytes_max = 64u << 20;
  size_t inflight_bytes_max = 256u << 20;
  int connections_max = 4096;
  int idle_seconds = 90;
  int request_seconds = 60;
  // On a loopback address a request whose Host header names another host than
  // loopback is refused (403): a web page elsewhere cannot read us through a
  // visitor's browser (DNS rebinding).
  bool check_host = true;
  // Gets each connection that begins as HTTP/2's do, unread, and owns it: for who speaks both on
  // one port. Called on the server's threads; must not block. Empty: such a client is refused.
  std::function<void(int fd)> take_http2 = {};
  // Sets HttpRequest::client_gone while a request is handled: for handlers that work long. As with
  // streams a client that closes only its sending side counts as gone.
  bool watch_clients = false;
};

class HttpServer {
 public:
  static Result<std::unique_ptr<HttpServer>> Listen(const HttpServerOptions& options, HttpHandler& handler);

  virtual ~HttpServer() = default;  // Stops.
  virtual uint16_t port() const = 0;
  // Stops accepting, lets requests in progress finish for up to `grace_ms`, then
  // closes every connection; a stream's function must then return. Returns when no thread of the server runs
  // any more.
  virtual void Stop(int grace_ms) = 0;
};

}  // namespace telltale
