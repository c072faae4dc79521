// Tempo's query API: what Grafana's Tempo data source asks on port 3200
// (docs/reference/tempo.md).
//
//   HttpResponse answer = AnswerTempo(face, request);   // blocks while the store answers
//
// Failure        Errors are plain text, as Tempo's.
#pragma once

#include "api/face.h"
#include "net/http.h"

namespace telltale {

HttpResponse AnswerTempo(const Face& face, const HttpRequest& request);

// An error as this face words it; also of requests that the server itself turns away.
HttpResponse TempoError(int status, const std::string& message, const std::string& hint);

}  // namespace telltale
