// A small blocking HTTP/1.1 client for plain http: the command line's, doctor's and
// the tests'.
//
//   auto answer = HttpFetch({.url = "http://127.0.0.1:16686/healthz", .timeout_ms = 2000});
//   if (answer && answer->status == 200) ...
//
// One connection per call; redirects are not followed, https is refused. With `take` a body of status 200
// is handed over as it comes, whatever its size.
//
// Thread safety  May be called from any thread.
// Failure        kInvalidInput: the URL. kUnavailable: refused, reset, no such host.
//                kOverLimit: the time or the size of the answer. kCorrupt: the answer
//                is not HTTP. An answer of any status is a success.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
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
  // Behind `body`: bytes that outlive the call.
  std::span<const std::string_view> body_pieces = {};
  int timeout_ms = 10'000;  // for the whole call
  size_t body_bytes_max = 256u << 20;
  // Gets the body of a response with status 200, in pieces; false: that is enough, a success.
  std::function<bool(std::string_view)> take = nullptr;
  // Asked every 50 ms while nothing comes; true ends the call, kOverLimit.
  std::function<bool()> cancelled = nullptr;
  std::string what = {};  // in errors, instead of method and URL, which may hold what is not for logs
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

// Takes the framing off a body while it comes. What Add gives is valid until the next call.
class BodyUnframer {
 public:
  // `response`: its head.
  explicit BodyUnframer(const HttpClientResponse& response);

  Result<std::string_view> AddUntrusted(std::string_view bytes);
  bool done() const { return state_ == State::kDone; }
  // True where the end of the connection is the end of the body.
  bool until_close() const { return state_ == State::kUntilClose; }

 private:
  enum class State : uint8_t { kLength, kUntilClose, kChunkHead, kChunk, kChunkEnd, kTrailer, kDone };
  // False: more must come.
  Result<bool> TakeLine();
  Status ReadLine();

  State state_ = State::kUntilClose;
  size_t left_ = 0;      // of the body, or of the chunk
  std::string line_;     // of a chunk's head, as far as it has come
  std::string_view in_;  // not read yet
  std::string out_;
};

}  // namespace telltale
