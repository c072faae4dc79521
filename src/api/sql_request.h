// The body of POST /api/v1/sql:
//
//   {"query": "SELECT service, count() FROM spans GROUP BY service", "limit": 100, "timeout_seconds": 5}
//
// Failure        kInvalidInput names the member.
#pragma once

#include <string_view>

#include "base/result.h"
#include "query/sql.h"

namespace telltale {

inline constexpr uint64_t kSqlRowsMax = 1'000'000;
inline constexpr double kSqlSecondsMax = 300;

Result<SqlQuestion> ReadSqlRequestUntrusted(std::string_view body);

}  // namespace telltale
