#include "cli/api_client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "net/http.h"
#include "net/http_client.h"

namespace telltale {
namespace {

using Json = nlohmann::json;

constexpr size_t kAnswerBytesMax = 1u << 30;

constexpr std::string_view kOtherProgramHint =
    "another program may have this port: telltale doctor looks, --server names another address";

ErrorCode CodeFromName(std::string_view name) {
  for (const ErrorCode code : {ErrorCode::kInvalidInput, ErrorCode::kNotFound, ErrorCode::kUnavailable,
                               ErrorCode::kOverLimit, ErrorCode::kCorrupt}) {
    if (ErrorCodeName(code) == name) return code;
  }
  return ErrorCode::kInternal;
}

std::string Member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Says the server's address once, instead of the whole request.
Error Explain(Error error, const std::string& server, const std::string& request) {
  if (error.message.starts_with(request)) error.message.replace(0, request.size(), "ask " + server);
  if (error.code == ErrorCode::kUnavailable) {
    error.hint = "start a server with `telltale serve`, or name the one that runs with --server";
  }
  return error;
}

}  // namespace

QueryText& QueryText::Add(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  text_ += text_.empty() ? '?' : '&';
  text_ += PercentEncode(name);
  text_ += '=';
  text_ += PercentEncode(value);
  return *this;
}

ApiClient::ApiClient(std::string_view server, int timeout_ms)
    : server_(server.empty() ? kDefaultServer : server), timeout_ms_(timeout_ms) {
  if (server_.find("://") == std::string::npos) server_.insert(0, "http://");
  while (server_.ends_with('/')) server_.pop_back();
}

Result<std::string> ApiClient::Get(std::string_view path_and_query) const {
  return Ask("GET", path_and_query, {});
}

Status ApiClient::Follow(std::string_view path_and_query,
                         const std::function<bool(std::string_view)>& take) const {
  HttpClientRequest request{.url = server_ + std::string(path_and_query), .timeout_ms = timeout_ms_};
  auto answer = HttpFollow(request, take);
  if (!answer) return std::unexpected(Explain(std::move(answer.error()), server_, "GET " + request.url));
  if (answer->status == 200) return {};
  const std::string path(path_and_query.substr(0, path_and_query.find('?')));
  return std::unexpected(
      ReadApiErrorUntrusted({.server = server_, .path = path, .status = answer->status}, answer->body));
}

Result<std::string> ApiClient::PostJson(std::string_view path, std::string body) const {
  return Ask("POST", path, std::move(body));
}

Result<std::string> ApiClient::Ask(std::string method, std::string_view path_and_query,
                                   std::string body) const {
  HttpClientRequest request{.method = std::move(method),
                            .url = server_ + std::string(path_and_query),
                            .body = std::move(body),
                            .timeout_ms = timeout_ms_,
                            .body_bytes_max = kAnswerBytesMax};
  request.headers.Add("Accept", "application/json");
  if (!request.body.empty()) request.headers.Add("Content-Type", "application/json");
  auto answer = HttpFetch(request);
  if (!answer)
    return std::unexpected(Explain(std::move(answer.error()), server_, request.method + " " + request.url));
  if (answer->status == 200) return std::move(answer->body);
  const std::string path(path_and_query.substr(0, path_and_query.find('?')));
  return std::unexpected(
      ReadApiErrorUntrusted({.server = server_, .path = path, .status = answer->status}, answer->body));
}

Error ReadApiErrorUntrusted(const ApiRefusal& from, std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) {
    const std::string code = Member(json, "code");
    const std::string message = Member(json, "message");
    if (!code.empty() && !message.empty()) return {CodeFromName(code), message, Member(json, "hint")};
  }
  return {ErrorCode::kCorrupt,
          "ask " + from.server + ": " + from.path + ": answered " + std::to_string(from.status) +
              ", and not as Telltale does",
          std::string(kOtherProgramHint)};
}

}  // namespace telltale
