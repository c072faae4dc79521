// Turns results into responses: JSON, errors in the form of /api/v1, compression.
#pragma once

#include <string>

#include "base/result.h"
#include "net/http.h"

namespace telltale {

// The HTTP status that tells a client what the error's code tells a caller.
int HttpStatusOf(ErrorCode code);

// Counts the error as a failed query where it is not the caller's, and logs it where it is
// a mistake of ours.
void CountQueryError(const Error& error);

// {"code","message","hint"}; 503 carries Retry-After.
HttpResponse ErrorAnswer(const Error& error);

// 404 for a path that no face has.
HttpResponse NoSuchPath(const HttpRequest& request);

// Compresses the body when the client takes gzip and it is worth it.
void CompressFor(const HttpRequest& request, HttpResponse& response);

// True when an Accept-Encoding header takes gzip.
bool AcceptsGzip(const HttpRequest& request);

}  // namespace telltale
