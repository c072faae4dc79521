#include "api/clickhouse_request.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "net/gzip.h"
#include "query/sql_dialect.h"
#include "query/sql_settings.h"

namespace telltale {
namespace {

constexpr size_t kBodyBytesMax = 1u << 20;
constexpr size_t kParametersMax = 1000;
constexpr std::string_view kParameterPrefix = "param_";

std::unexpected<SqlFault> Refuse(int number, std::string_view name, std::string message) {
  return std::unexpected(SqlFault{.error = {ErrorCode::kInvalidInput, std::move(message), {}},
                                  .number = number,
                                  .name = std::string(name)});
}

std::vector<std::pair<std::string, std::string>> ReadPairs(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty() && pairs.size() < kParametersMax) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(PercentDecode(pair.substr(0, equals), true),
                       PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  return pairs;
}

// As ClickHouse makes them: a UUID.
std::string NewQueryId() {
  thread_local std::mt19937_64 random(std::random_device{}());
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 36; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      id += '-';
    } else if (i == 14) {
      id += '4';
    } else {
      id += kHex[random() % (i == 19 ? 4 : 16) + (i == 19 ? 8 : 0)];
    }
  }
  return id;
}

bool IsQueryId(std::string_view id) {
  return !id.empty() && id.size() <= 200 &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

bool IsTrue(std::string_view value) {
  return value == "1" || value == "true";
}

// 0 stands for no limit, and ours stay.
template <typename T>
void Tighten(T given, T& limit) {
  if (given > 0) limit = std::min(limit, given);
}

void ApplyLimit(const SqlSettingRule& rule, const std::string& value, SqlStreamQuestion& question) {
  if (rule.name == "max_execution_time") {
    Tighten(std::strtod(value.c_str(), nullptr), question.seconds_max);
  } else if (rule.name == "max_memory_usage") {
    Tighten<uint64_t>(std::strtoull(value.c_str(), nullptr, 10), question.memory_bytes_max);
  } else if (value.find_first_not_of('0') != value.npos) {
    question.settings.push_back({.name = std::string(rule.name), .value = value});
  }
}

class Reader {
 public:
  std::expected<void, SqlFault> Read(const std::string& name, const std::string& value) {
    if (name == "query") {
      query_ = value;
    } else if (name == "database") {
      return ReadDatabase(value);
    } else if (name == "default_format") {
      if (!value.empty()) asked_.question.default_format = value;
    } else if (name == "query_id") {
      if (IsQueryId(value)) asked_.query_id = value;
    } else if (name == "user" || name == "password" || name == "stacktrace") {
      // As everywhere on this server: who reaches the port may ask.
    } else if (name == "compress") {
      asked_.compress = IsTrue(value);
    } else if (name == "decompress") {
      if (IsTrue(value))
        return Refuse(48, "NOT_IMPLEMENTED",
                      "A request body in ClickHouse's compressed blocks is not read here");
    } else if (name == "extremes") {
      if (IsTrue(value)) return Refuse(48, "NOT_IMPLEMENTED", "extremes are not told here");
    } else if (name.starts_with(kParameterPrefix)) {
      asked_.question.parameters.push_back({.name = name.substr(kParameterPrefix.size()), .value = value});
    } else {
      return ReadSetting(name, value);
    }
    return {};
  }

  std::expected<void, SqlFault> ReadDatabase(const std::string& value) {
    if (value.empty() || IsPublicDatabase(value)) return {};
    return Refuse(81, "UNKNOWN_DATABASE", "Database " + value.substr(0, 100) + " does not exist");
  }

  std::expected<void, SqlFault> ReadSetting(const std::string& name, const std::string& value) {
    const SqlSettingRule* rule = FindSqlSettingRule(name);
    if (rule == nullptr) {
      return Refuse(164, "READONLY", "Cannot modify '" + name.substr(0, 100) + "' setting in readonly mode");
    }
    if (const Status right = rule->Check(value); !right)
      return Refuse(6, "CANNOT_PARSE_TEXT", right.error().message);
    if (rule->use == SqlSettingRule::Use::kLimit) {
      ApplyLimit(*rule, value, asked_.question);
    } else if (rule->use == SqlSettingRule::Use::kOutput) {
      asked_.question.settings.push_back({.name = name, .value = value});
    }
    if (name == "session_timezone") asked_.time_zone = value;
    if (name == "enable_http_compression") asked_.http_compression = IsTrue(value);
    if (name == "wait_end_of_query") asked_.wait_for_end = IsTrue(value);
    if (name == "send_progress_in_http_headers") asked_.tell_progress = IsTrue(value);
    return {};
  }

  std::expected<void, SqlFault> ReadHeaders(const HttpHeaders& headers) {
    if (const std::string_view format = headers.Get("X-ClickHouse-Format"); !format.empty())
      asked_.question.default_format = format;
    return ReadDatabase(std::string(headers.Get("X-ClickHouse-Database")));
  }

  // The statement is what `query` says and, behind it, the body.
  std::expected<void, SqlFault> ReadBody(const HttpRequest& request) {
    const std::string_view encoding = request.headers.Get("Content-Encoding");
    std::string body;
    if (request.headers.Get("Content-Type").starts_with("multipart/"))
      return Refuse(48, "NOT_IMPLEMENTED",
                    "A body of several parts is not read here: put it into the address");
    if (request.body.size() > kBodyBytesMax) return Refuse(62, "SYNTAX_ERROR", "The statement is too long");
    if (encoding.empty() || encoding == "identity") {
      body = request.body;
    } else if (encoding == "gzip" || encoding == "deflate") {
      auto plain = GunzipUntrusted(request.body, kBodyBytesMax);
      if (!plain) return Refuse(354, "ZLIB_INFLATE_FAILED", plain.error().message);
      body = std::move(*plain);
    } else {
      return Refuse(48, "NOT_IMPLEMENTED",
                    "Content-Encoding " + std::string(encoding.substr(0, 100)) + " is not read here");
    }
    if (!query_.empty() && !body.empty()) query_ += '\n';
    asked_.question.text = std::move(query_) + body;
    return {};
  }

  ClickHouseRequest Take() {
    if (asked_.query_id.empty()) asked_.query_id = NewQueryId();
    return std::move(asked_);
  }

 private:
  ClickHouseRequest asked_;
  std::string query_;
};

}  // namespace

std::expected<ClickHouseRequest, SqlFault> ReadClickHouseRequestUntrusted(const HttpRequest& request) {
  Reader reader;
  if (auto read = reader.ReadHeaders(request.headers); !read) return std::unexpected(read.error());
  for (const auto& [name, value] : ReadPairs(request.query)) {
    if (auto read = reader.Read(name, value); !read) return std::unexpected(read.error());
  }
  if (auto read = reader.ReadBody(request); !read) return std::unexpected(read.error());
  return reader.Take();
}

}  // namespace telltale
