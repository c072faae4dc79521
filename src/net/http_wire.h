// The text of HTTP/1.1 that the server needs besides Beast's request parser:
// response heads, request targets, Host names. No I/O.
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace telltale {

enum class BodyFraming {
  kNone,        // 204, 304, 1xx: no body and no length
  kLength,      // Content-Length
  kChunked,     // Transfer-Encoding: chunked
  kUntilClose,  // HTTP/1.0 stream: the end of the connection ends the body
};

struct ResponseHead {
  int version = 11;  // 10 or 11, of the request
  bool keep_alive = true;
  BodyFraming framing = BodyFraming::kLength;
  size_t content_length = 0;
};

// Status line, headers and the empty line. Line breaks inside a header name or value
// become spaces, so that no value can forge a header.
std::string FormatResponseHead(const HttpResponse& response, const ResponseHead& head);

std::string_view ReasonPhrase(int status);

// Sets `path` (decoded) and `query` (raw) of `request` from the target of a request
// line: origin form ("/a?b"), absolute form ("http://host/a?b") or "*".
void SplitTargetUntrusted(std::string_view target, HttpRequest& request);

// True for localhost, *.localhost, 127.0.0.0/8 and [::1], each with or without a port.
bool IsLoopbackHostUntrusted(std::string_view host);

// A refusal in the shape of the REST errors.
HttpResponse ErrorResponse(int status, ErrorCode code, std::string_view message, std::string_view hint = {});

}  // namespace telltale
