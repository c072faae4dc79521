// The SqlReader of the embedded engine: a connection that gave its rights away.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/chdb.h"
#include "store/sql_reader.h"

namespace telltale {

// Opens a connection with these settings, `--name=value`, in addition to the engine's.
using ConnectFunction =
    std::function<Result<ChdbConnectionHandle*>(const std::vector<std::string>& settings)>;

// `chdb` and what `connect` needs must outlive the reader.
Result<std::unique_ptr<SqlReader>> OpenEmbeddedReader(const Chdb& chdb, ConnectFunction connect,
                                                      const SqlReaderLimits& limits);

}  // namespace telltale
