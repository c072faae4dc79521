// Errors as ClickHouse's server words them.
//
//   "Code: 60. DB::Exception: Unknown table ... (UNKNOWN_TABLE)", X-ClickHouse-Exception-Code: 60, status 404
//
// Thread safety  Free functions.
#pragma once

#include <string>

#include "net/http.h"
#include "query/sql.h"

namespace telltale {

std::string ClickHouseErrorText(const SqlFault& fault);
int ClickHouseStatusOf(const SqlFault& fault);
HttpResponse ClickHouseErrorResponse(const SqlFault& fault);

}  // namespace telltale
