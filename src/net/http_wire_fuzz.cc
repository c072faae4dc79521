// Targets, Host names and queries of any bytes: no crash, and decoding never grows.
#include <cstdint>
#include <cstdlib>

#include "net/http_wire.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  telltale::HttpRequest request;
  telltale::SplitTargetUntrusted(bytes, request);
  if (request.path.size() + request.query.size() > size + 1) std::abort();
  if (request.Param("a").has_value() != !request.Params("a").empty()) std::abort();
  telltale::IsLoopbackHostUntrusted(bytes);
  if (telltale::PercentDecode(telltale::PercentEncode(bytes), true) != bytes) std::abort();
  return 0;
}
