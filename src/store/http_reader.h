// The SqlReader of a ClickHouse server: each step is a request of its own, with readonly = 1 and the limits.
#pragma once

#include <memory>

#include "base/result.h"
#include "store/http_engine.h"
#include "store/sql_reader.h"

namespace telltale {

Result<std::unique_ptr<SqlReader>> OpenHttpReader(const StoreAddress& address, const SqlReaderLimits& limits);

}  // namespace telltale
