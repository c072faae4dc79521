// Any text of an error becomes a short one.
#include <cstddef>
#include <cstdint>
#include <string>

#include "query/sql_error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const telltale::Error said = telltale::SayEngineErrorUntrusted(
      {telltale::ErrorCode::kInvalidInput, std::string(reinterpret_cast<const char*>(data), size), {}}, "x");
  if (said.message.size() > 600 || said.hint.size() > 400) __builtin_trap();
  return 0;
}
