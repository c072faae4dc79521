// The part of libchdb's C API that we call, found at run time with dlopen, so that
// every command that needs no store starts without it.
//
// Source of the signatures: programs/local/chdb.h of chdb-core 26.7. The package has
// no header of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace telltale {

struct ChdbResultHandle;
struct ChdbStreamHandle;
using ChdbConnectionHandle = void*;

// What a statement would do. The caller sets `size_bytes`.
struct ChdbAnalysis {
  uint32_t size_bytes = sizeof(ChdbAnalysis);
  uint32_t statements = 0;  // 0: it does not parse
  uint32_t flags = 0;
  uint32_t statement_class = kUnknown;

  static constexpr uint32_t kReadOnly = 0;
  static constexpr uint32_t kUnknown = 4;
};

struct Chdb {
  const char* (*version)();
  void (*set_signal_handlers_enabled)(int);
  ChdbConnectionHandle* (*connect)(int argc, char** argv);
  void (*close)(ChdbConnectionHandle*);
  ChdbResultHandle* (*query)(ChdbConnectionHandle, const char* sql, size_t sql_size, const char* format,
                             size_t format_size);
  ChdbResultHandle* (*query_with_parameters)(ChdbConnectionHandle, const char* sql, size_t sql_size,
                                             const char* format, size_t format_size, const char* const* names,
                                             const size_t* name_sizes, const char* const* values,
                                             const size_t* value_sizes, size_t count);
  char* (*result_buffer)(ChdbResultHandle*);
  size_t (*result_length)(ChdbResultHandle*);
  double (*result_elapsed)(ChdbResultHandle*);
  uint64_t (*result_rows_read)(ChdbResultHandle*);
  uint64_t (*result_bytes_read)(ChdbResultHandle*);
  const char* (*result_error)(ChdbResultHandle*);
  void (*destroy_result)(ChdbResultHandle*);
  // The result has no bytes of its own: fetch pieces until one is empty.
  ChdbResultHandle* (*stream)(ChdbConnectionHandle, const char* sql, size_t sql_size, const char* format,
                              size_t format_size, const char* const* names, const size_t* name_sizes,
                              const char* const* values, const size_t* value_sizes, size_t count);
  ChdbStreamHandle* (*insert)(ChdbConnectionHandle, const char* sql, size_t sql_size, const char* format,
                              size_t format_size);
  int (*append)(ChdbStreamHandle*, const void* bytes, size_t size);
  ChdbResultHandle* (*finish)(ChdbStreamHandle*);
  const char* (*insert_error)(ChdbStreamHandle*);
  void (*destroy_insert)(ChdbStreamHandle*);
  ChdbResultHandle* (*fetch)(ChdbConnectionHandle, ChdbResultHandle* stream);
  void (*cancel)(ChdbConnectionHandle, ChdbResultHandle* stream);
  // Runs nothing. 0: success.
  int (*classify)(ChdbConnectionHandle, const char* sql, size_t sql_size, const char* database,
                  size_t database_size, ChdbAnalysis*);
};

// Opens the library and checks its version. Call once; the library stays loaded.
Result<Chdb> LoadChdb(const std::filesystem::path& library);

// Where the library is: $TELLTALE_LIBCHDB, beside our executable, in the checkout's
// .cache/chdb (where ./dev puts it), in /usr/local/lib and /usr/lib, in that order.
// Builds with a sanitizer have none: its allocator and libchdb's exclude each other.
Result<std::filesystem::path> FindChdb();

}  // namespace telltale
