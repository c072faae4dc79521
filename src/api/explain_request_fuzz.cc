// A body of any bytes is read or refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/explain_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const bool is_one = telltale::IsExplainRequest(body);
  const auto request = telltale::ReadExplainRequestUntrusted(body);
  if (is_one && request) {
    const bool is_either = request->trace_id.has_value() != request->request.has_value();
    if (!is_either) __builtin_trap();
  }
  return 0;
}
