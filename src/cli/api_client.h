// Asks a running Telltale server over /api/v1.
//
//   ApiClient api(options.server);
//   TELLTALE_ASSIGN_OR_RETURN(std::string body, api.Get("/api/v1/traces" + query.Text()));
//
// Thread safety  May be used from several threads.
// Failure        An error that the server tells keeps its code, message and hint.
//                kUnavailable: nothing answers, or the server cannot right now.
//                kCorrupt: what answers is not Telltale.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

inline constexpr std::string_view kDefaultServer = "http://127.0.0.1:16686";

// The query part of an address, encoded.
class QueryText {
 public:
  // Leaves out an empty value.
  QueryText& Add(std::string_view name, std::string_view value);
  // "" or "?a=b&c=d"
  std::string Text() const { return text_; }

 private:
  std::string text_;
};

class ApiClient {
 public:
  static constexpr int kTimeoutMs = 30'000;

  // With or without http:// and a slash at the end; empty: kDefaultServer.
  explicit ApiClient(std::string_view server, int timeout_ms = kTimeoutMs);

  const std::string& server() const { return server_; }
  // The body of a 200 answer.
  Result<std::string> Get(std::string_view path_and_query) const;
  // An answer of 200 that goes on: as HttpFollow.
  Status Follow(std::string_view path_and_query, const std::function<bool(std::string_view)>& take) const;
  Result<std::string> PostJson(std::string_view path, std::string body) const;

 private:
  Result<std::string> Ask(std::string method, std::string_view path_and_query, std::string body) const;

  std::string server_;
  int timeout_ms_;
};

// What an answer other than 200 says: the API's {"code","message","hint"}, or that it is
// not the API's.
struct ApiRefusal {
  std::string server;
  std::string path;
  int status = 0;
};
Error ReadApiErrorUntrusted(const ApiRefusal& from, std::string_view body);

}  // namespace telltale
