// Whatever the bytes: no crash, and never more than the limit.
#include <cstdint>
#include <cstdlib>

#include "net/gzip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto unpacked = telltale::GunzipUntrusted(bytes, 64u << 10);
  if (unpacked && unpacked->size() > (64u << 10)) std::abort();
  // And what we pack ourselves always comes back.
  const auto back = telltale::GunzipUntrusted(telltale::Gzip(bytes), size + 1);
  if (!back || *back != bytes) std::abort();
  return 0;
}
