// A ClickHouse server as the store, over its HTTP interface.
//
//   TELLTALE_ASSIGN_OR_RETURN(StoreAddress address, StoreAddress::FromUrl("http://user:pass@host:8123/db"));
//   auto engine = HttpEngine::Open({.address = std::move(address)});
//
// One request a statement; values go as `param_NAME`, settings as URL parameters, user and password as
// headers. What may be done twice is tried again when the connection fails or the server is not ready:
// reads, and inserts, whose token makes a second one harmless. Everything else is tried once.
//
// Ownership      Readers hold what they need of it.
// Failure        As Engine. Open: kUnavailable where no server answers, or it refuses user and password.
//                No message holds user, password or a statement's values.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/engine.h"

namespace telltale {

struct StoreAddress {
  std::string host;
  std::string port = "8123";
  std::string user = "default";
  std::string password;
  std::string database = "telltale";

  // http://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]; user and password percent-encoded.
  static Result<StoreAddress> FromUrl(std::string_view url);
  // For people: without user and password.
  std::string Text() const;
};

struct HttpEngineOptions {
  StoreAddress address;
  int tries = 3;
  int pause_ms = 200;  // before the second try; four times as much before the third
};

class HttpEngine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const HttpEngineOptions& options);
};

}  // namespace telltale
