// One statement to a ClickHouse server, as an HTTP request.
//
//   HttpCaller caller(address);
//   auto answer = caller.Call({.what = "query", .sql = "SELECT 1", .settings = {{"readonly", "1"}}});
//
// Thread safety  Any thread.
// Failure        As HttpFetch; an error of the server comes as kInternal with its own text ("Code: 60. ...")
//                and is told apart by EngineErrorNumber. Neither holds user, password or values.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/http_engine.h"

namespace telltale {

struct HttpStatement {
  std::string_view what;  // "query": begins what an error says
  std::string sql;
  std::vector<SqlSetting> settings = {};
  std::vector<SqlParameter> parameters = {};  // escaped
  std::string database = {};                  // empty: the address's
  // An INSERT's data. `sql` then stands in the URL.
  std::span<const std::string_view> data = {};
  double seconds_max = 30;
  std::function<bool(std::string_view)> take = nullptr;  // else the whole answer
  std::function<bool()> cancelled = nullptr;
};

struct HttpAnswer {
  std::string body;
  uint64_t rows_read = 0;
  uint64_t bytes_read = 0;
};

class HttpCaller {
 public:
  explicit HttpCaller(StoreAddress address) : address_(std::move(address)) {}

  Result<HttpAnswer> Call(const HttpStatement& statement) const;
  const StoreAddress& address() const { return address_; }

 private:
  const StoreAddress address_;
};

}  // namespace telltale
