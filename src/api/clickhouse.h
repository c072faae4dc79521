// Port 8123: ClickHouse's HTTP protocol, for reading. Clients, drivers and BI tools of ClickHouse ask
// here for what POST /api/v1/sql shows: the views of docs/reference/sql.md, through the same three gates
// (query/sql.h). docs/reference/clickhouse.md says what is spoken.
//
//   ClickHouseFace face({}, *engine);
//   auto server = HttpServer::Listen({.port = 8123, .watch_clients = true}, face);
//
// Ownership      The engine must outlive it. The destructor waits for statements that run, so the
//                server in front must have stopped.
// Thread safety  Handle may be called from any thread; statements run on threads of its own.
// Limits         `threads` statements run, `queue_max` wait; the next is answered 503. An answer is
//                held only as far as the client has not read it: some 2 MB, or 16 MB where the client
//                wants to know first that all is well (wait_end_of_query=1).
#pragma once

#include <cstddef>
#include <memory>

#include "net/http.h"
#include "store/engine.h"

namespace telltale {

struct ClickHouseOptions {
  int threads = 3;
  size_t queue_max = 64;
  // A listener on loopback answers no page of another site.
  bool check_origin = true;
};

class ClickHouseFace final : public HttpHandler {
 public:
  ClickHouseFace(const ClickHouseOptions& options, Engine& engine);
  ~ClickHouseFace() override;

  void Handle(HttpRequest request, HttpDone done) override;
  HttpResponse Refuse(const HttpRefusal& refusal) const override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace telltale
