// What the two kinds of connection share: a result that is given back, errors, parameters.
//
//   const ResultHolder result(chdb, chdb.query(connection, ...));
//   TELLTALE_RETURN_IF_ERROR(result.status("query"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/chdb.h"

namespace telltale {

// The number in "Code: 241. DB::Exception: ..."; 0: there is none. Numbers of ClickHouse:
// src/Common/ErrorCodes.cpp.
int EngineErrorNumber(std::string_view text);

// An error about a statement of ours.
Error EngineError(std::string_view what, std::string_view text);

// Of a statement of a user, by the engine's number: it is wrong until the number says otherwise.
ErrorCode StatementErrorCode(int number);

// Parameters are read in tab-separated form.
std::string EscapeParameter(std::string_view value);

class ResultHolder {
 public:
  ResultHolder(const Chdb& chdb, ChdbResultHandle* result) : chdb_(chdb), result_(result) {}
  ~ResultHolder() {
    if (result_ != nullptr) chdb_.destroy_result(result_);
  }
  ResultHolder(const ResultHolder&) = delete;

  ChdbResultHandle* get() const { return result_; }
  // The engine's text; empty: none.
  std::string_view error() const;
  Status status(std::string_view what) const;
  std::string_view bytes() const {
    const size_t size = chdb_.result_length(result_);
    return size == 0 ? std::string_view() : std::string_view(chdb_.result_buffer(result_), size);
  }
  double seconds() const { return chdb_.result_elapsed(result_); }
  uint64_t rows_read() const { return chdb_.result_rows_read(result_); }
  uint64_t bytes_read() const { return chdb_.result_bytes_read(result_); }

 private:
  const Chdb& chdb_;
  ChdbResultHandle* result_;
};

}  // namespace telltale
