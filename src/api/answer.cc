#include "api/answer.h"

#include <utility>

#include "base/counters.h"
#include "base/log.h"
#include "json/writer.h"
#include "net/gzip.h"

namespace telltale {
namespace {

constexpr size_t kCompressBytesMin = 1'024;
// Larger bodies are whole traces of many thousand spans: compressing one takes longer
// than sending it over any network that is near.
constexpr size_t kCompressBytesMax = 32'000'000;

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

int HttpStatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kOverLimit:
      return 422;
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

void CountQueryError(const Error& error) {
  switch (error.code) {
    case ErrorCode::kOverLimit:
      Count(Counter::kQueriesOverLimit);
      return;
    case ErrorCode::kUnavailable:
      Count(Counter::kQueriesFailed);
      return;
    case ErrorCode::kCorrupt:
    case ErrorCode::kInternal:
      Count(Counter::kQueriesFailed);
      Log(LogLevel::kError, "query failed", {{"code", ErrorCodeName(error.code)}, {"error", error.message}});
      return;
    case ErrorCode::kInvalidInput:
    case ErrorCode::kNotFound:
      return;
  }
}

HttpResponse ErrorAnswer(const Error& error) {
  CountQueryError(error);
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("code").String(ErrorCodeName(error.code));
  json.Key("message").String(error.message);
  json.Key("hint").String(error.hint);
  json.EndObject();
  HttpResponse response = HttpResponse::Json(HttpStatusOf(error.code), std::move(body));
  if (error.code == ErrorCode::kUnavailable) response.headers.Add("Retry-After", "1");
  return response;
}

HttpResponse NoSuchPath(const HttpRequest& request) {
  return ErrorAnswer({ErrorCode::kNotFound, "find " + request.path + ": no such path in this API",
                      "the paths are described in spec/openapi.yaml"});
}

bool AcceptsGzip(const HttpRequest& request) {
  std::string_view list = request.headers.Get("Accept-Encoding");
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    const std::string_view entry = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    const std::string_view name = Trimmed(entry.substr(0, entry.find(';')));
    if (name != "gzip" && name != "*") continue;
    const size_t quality = entry.find("q=");
    if (quality == std::string_view::npos) return true;
    return entry.substr(quality + 2).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

void CompressFor(const HttpRequest& request, HttpResponse& response) {
  if (response.body.size() < kCompressBytesMin || response.body.size() > kCompressBytesMax) return;
  response.headers.Add("Vary", "Accept-Encoding");
  if (!AcceptsGzip(request)) return;
  response.body = Gzip(response.body);
  response.headers.Add("Content-Encoding", "gzip");
}

}  // namespace telltale
