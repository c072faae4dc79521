// A response of any bytes, whole or cut: no crash, and a complete one stays complete.
#include <cstdint>
#include <cstdlib>

#include "net/http_client.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto so_far = telltale::ParseResponseUntrusted({.bytes = bytes});
  const auto at_end = telltale::ParseResponseUntrusted({.bytes = bytes, .at_end = true});
  if (so_far && *so_far && !(at_end && *at_end)) std::abort();
  return 0;
}
