// What a request in ClickHouse's HTTP protocol asks: the statement, its parameters and settings, and
// how it wants the answer.
//
//   auto asked = ReadClickHouseRequestUntrusted(request);
//   if (!asked) return ErrorResponse(asked.error());      // clickhouse_error.h
//
// Failure        The fault has ClickHouse's own number and name.
#pragma once

#include <expected>
#include <string>

#include "net/http.h"
#include "query/sql.h"

namespace telltale {

struct ClickHouseRequest {
  SqlStreamQuestion question;
  std::string query_id;  // as given, or one of ours
  std::string time_zone = "UTC";
  bool compress = false;          // ClickHouse's own blocks
  bool http_compression = false;  // Accept-Encoding counts
  bool wait_for_end = false;
  bool tell_progress = false;
};

std::expected<ClickHouseRequest, SqlFault> ReadClickHouseRequestUntrusted(const HttpRequest& request);

}  // namespace telltale
