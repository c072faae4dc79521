// A small blocking HTTP/1.1 client for plain http: the command line's, doctor's and
// the tests'.
//
//   auto answer = HttpFetch({.url = "http://127.0.0.1:16686/healthz", .timeout_ms = 2000});
//   if (answer && answer->status == 200) ...
//
// One connection per call; redirects are not followed, https is refused.
//
// Thread safety  May be called from any thread.
// Failure        kInvalidInput: the URL. kUnavailable: refused, reset, no such host.
//                kOverLimit: the time or the size of the answer. kCorrupt: the answer
//                is not HTTP. An answer of any status is a success.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace telltale {

struct HttpClientRequest {
  std::string method = "GET";
  std::string url;      // http://host[:port][/path][?query]; IPv6 in brackets
  HttpHeaders headers;  // Host, Content-Length and Connection are the client's
  std::string body;
  int timeout_ms = 10'000;  // for the whole call
  size_t body_bytes_max = 256u << 20;
};

struct HttpClientResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;  // the chunked coding taken off, a Content-Encoding left on
};

Result<HttpClientResponse> HttpFetch(const HttpClientRequest& request);

// An answer that goes on, such as server-sent events: `take` gets its body as it comes, and an
// empty piece every kFollowTickMs while nothing does; it ends the call by giving false.
// `timeout_ms` is for the head, and then for every silence. An answer of another status than 200
// is read whole, and nothing is given to `take`.
inline constexpr int kFollowTickMs = 100;
Result<HttpClientResponse> HttpFollow(const HttpClientRequest& request,
                                      const std::function<bool(std::string_view)>& take);

struct HttpUrl {
  std::string host;
  std::string port = "80";
  std::string target = "/";
};
Result<HttpUrl> ParseHttpUrl(std::string_view url);

// Reads a response from all bytes that have come so far. nullopt: more must come
// (`at_end`: no more will). `head_only`: it answers a HEAD request.
struct ResponseBytes {
  std::string_view bytes;
  bool at_end = false;
  bool head_only = false;
};
Result<std::optional<HttpClientResponse>> ParseResponseUntrusted(const ResponseBytes& from);

}  // namespace telltale
