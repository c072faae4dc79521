// A body of any bytes is read or refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/sql_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto question =
      telltale::ReadSqlRequestUntrusted(std::string_view(reinterpret_cast<const char*>(data), size));
  if (question && !(question->seconds_max > 0 && question->rows_max > 0)) __builtin_trap();
  return 0;
}
