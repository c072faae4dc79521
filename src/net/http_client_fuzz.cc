// A response of any bytes, whole or cut: no crash, and a complete one stays complete.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/http_client.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto so_far = telltale::ParseResponseUntrusted({.bytes = bytes});
  const auto at_end = telltale::ParseResponseUntrusted({.bytes = bytes, .at_end = true});
  if (so_far && *so_far && !(at_end && *at_end)) std::abort();

  // A chunked body comes out the same whatever the pieces in which it comes.
  telltale::HttpClientResponse head;
  head.headers.Add("Transfer-Encoding", "chunked");
  telltale::BodyUnframer whole(head), bytewise(head);
  std::string first, second;
  if (const auto out = whole.AddUntrusted(bytes)) first = *out;
  for (const char& byte : bytes) {
    const auto out = bytewise.AddUntrusted({&byte, 1});
    if (!out) return 0;
    second += *out;
  }
  if (whole.done() != bytewise.done() || (whole.done() && first != second)) std::abort();
  return 0;
}
