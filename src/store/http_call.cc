#include "store/http_call.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/http_client.h"
#include "store/chdb_result.h"

namespace telltale {
namespace {

// Servers and proxies between take URLs of some size; longer ones go as a form.
constexpr size_t kUrlBytesMax = 6000;
constexpr std::string_view kBoundary = "telltale-7MA4YWxkTrZu0gW";
// What the server may take longer than the limit that it was given.
constexpr double kOvertimeSeconds = 10;

void AddPair(std::string_view name, std::string_view value, std::string& query) {
  if (!query.empty()) query += '&';
  query.append(PercentEncode(name)).append("=").append(PercentEncode(value));
}

void AddField(std::string_view name, std::string_view value, std::string& form) {
  form.append("--").append(kBoundary).append("\r\nContent-Disposition: form-data; name=\"");
  form.append(name).append("\"\r\n\r\n").append(value).append("\r\n");
}

uint64_t NumberBehind(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  uint64_t number = 0;
  if (at != text.npos) std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  return number;
}

std::string HostOf(const StoreAddress& address) {
  return address.host.contains(':') ? "[" + address.host + "]" : address.host;
}

// Puts statement and parameters where they fit.
void Write(const HttpStatement& statement, std::string& query, HttpClientRequest& request) {
  std::string parameters;
  for (const SqlParameter& parameter : statement.parameters)
    AddPair("param_" + parameter.name, parameter.value, parameters);
  if (!statement.data.empty()) {
    AddPair("query", statement.sql, query);
    request.body_pieces = statement.data;
  } else if (query.size() + parameters.size() <= kUrlBytesMax) {
    if (!parameters.empty()) query += "&" + parameters;
    request.body = statement.sql;
  } else {
    AddField("query", statement.sql, request.body);
    for (const SqlParameter& parameter : statement.parameters)
      AddField("param_" + parameter.name, parameter.value, request.body);
    request.body.append("--").append(kBoundary).append("--\r\n");
    request.headers.Add("Content-Type", "multipart/form-data; boundary=" + std::string(kBoundary));
  }
}

Error ServerError(const HttpStatement& statement, const HttpClientResponse& response) {
  const std::string what(statement.what);
  if (response.headers.Get("X-ClickHouse-Exception-Code").empty() && !response.body.starts_with("Code: ")) {
    return {ErrorCode::kUnavailable, what + ": the store answered HTTP " + std::to_string(response.status),
            "is it a ClickHouse server, and ready?"};
  }
  return {ErrorCode::kInternal, response.body.substr(0, 4000), {}};
}

}  // namespace

Result<HttpAnswer> HttpCaller::Call(const HttpStatement& statement) const {
  std::string query;
  AddPair("database", statement.database.empty() ? address_.database : statement.database, query);
  for (const SqlSetting& setting : statement.settings) AddPair(setting.name, setting.value, query);
  HttpAnswer answer;
  HttpClientRequest request;
  request.method = "POST";
  request.timeout_ms = static_cast<int>((statement.seconds_max + kOvertimeSeconds) * 1000);
  request.cancelled = statement.cancelled;
  request.what = std::string(statement.what) + ": store " + address_.Text();
  request.take = statement.take != nullptr ? statement.take : [&answer](std::string_view piece) {
    answer.body += piece;
    return true;
  };
  Write(statement, query, request);
  request.url = "http://" + HostOf(address_) + ":" + address_.port + "/?" + query;
  request.headers.Add("X-ClickHouse-User", address_.user);
  if (!address_.password.empty()) request.headers.Add("X-ClickHouse-Key", address_.password);

  TELLTALE_ASSIGN_OR_RETURN(const HttpClientResponse response, HttpFetch(request));
  if (response.status != 200) return std::unexpected(ServerError(statement, response));
  const std::string_view summary = response.headers.Get("X-ClickHouse-Summary");
  answer.rows_read = NumberBehind(summary, "\"read_rows\":\"");
  answer.bytes_read = NumberBehind(summary, "\"read_bytes\":\"");
  return answer;
}

}  // namespace telltale
