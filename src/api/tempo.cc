// Routes, errors and the small answers of Tempo's query API.
#include "api/tempo.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/answer.h"
#include "api/tempo_parts.h"
#include "json/writer.h"

namespace telltale {
namespace {

// What clients take us for: the first Tempo whose endpoints are all here. Grafana asks for
// nothing above it that we lack (docs/reference/tempo.md).
constexpr std::string_view kTempoVersion = "2.9.0";

HttpResponse BuildInfo(const Face& face) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("version").String(kTempoVersion);
  json.Key("revision").String("telltale-" + face.options.version);
  json.Key("branch").String("");
  json.Key("buildDate").String("");
  json.Key("buildUser").String("");
  json.Key("goVersion").String("");
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

HttpResponse VersionText(const Face& face) {
  return HttpResponse::Text(
      200, "tempo, version " + std::string(kTempoVersion) + " (telltale " + face.options.version + ")\n");
}

// The name between the two; nullopt: the path is another one.
std::optional<std::string_view> Between(std::string_view path, std::string_view before,
                                        std::string_view after) {
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  return path.substr(before.size(), path.size() - before.size() - after.size());
}

// nullopt: no such path.
std::optional<Answer> Route(const Face& face, const HttpRequest& request) {
  const std::string_view path = request.path;
  if (path == "/api/echo") return HttpResponse::Text(200, "echo");
  if (path == "/api/status/buildinfo") return BuildInfo(face);
  if (path == "/ready") return HttpResponse::Text(200, "ready\n");
  if (path == "/status/version") return VersionText(face);
  if (path == "/api/search") return TempoSearch(face, request);
  if (path == "/api/search/tags") return TempoTags(face, request, TempoVersion::kV1);
  if (path == "/api/v2/search/tags") return TempoTags(face, request, TempoVersion::kV2);
  if (path == "/api/metrics/query_range") return TempoMetrics(face, request, false);
  if (path == "/api/metrics/query") return TempoMetrics(face, request, true);
  if (const auto name = Between(path, "/api/search/tag/", "/values"))
    return TempoTagValues(face, request, TempoVersion::kV1, *name);
  if (const auto name = Between(path, "/api/v2/search/tag/", "/values"))
    return TempoTagValues(face, request, TempoVersion::kV2, *name);
  if (const auto id = Between(path, "/api/traces/", ""))
    return TempoTrace(face, request, TempoVersion::kV1, *id);
  if (const auto id = Between(path, "/api/v2/traces/", ""))
    return TempoTrace(face, request, TempoVersion::kV2, *id);
  return std::nullopt;
}

}  // namespace

HttpResponse TempoError(int status, const std::string& message, const std::string& hint) {
  HttpResponse response = HttpResponse::Text(status, hint.empty() ? message : message + " (" + hint + ")");
  if (status == 503) response.headers.Add("Retry-After", "1");
  return response;
}

HttpResponse AnswerTempo(const Face& face, const HttpRequest& request) {
  std::optional<Answer> answer = Route(face, request);
  if (!answer)
    return TempoError(404, "find " + request.path + ": no such path in this API",
                      "the paths are in docs/reference/tempo.md");
  if (!*answer) {
    const Error& error = answer->error();
    CountQueryError(error);
    return TempoError(HttpStatusOf(error.code), error.message, error.hint);
  }
  return **std::move(answer);
}

}  // namespace telltale
