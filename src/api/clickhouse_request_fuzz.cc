// Any address, header and body is read or refused; what is read is within the limits.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/clickhouse_request.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t query = text.find('\n');
  const size_t header = query == text.npos ? text.npos : text.find('\n', query + 1);
  telltale::HttpRequest request;
  request.query = text.substr(0, query);
  if (query != text.npos)
    request.headers.Add("Content-Encoding", std::string(text.substr(query + 1, header - query - 1)));
  if (header != text.npos) request.body = text.substr(header + 1);
  const auto asked = telltale::ReadClickHouseRequestUntrusted(request);
  if (!asked) return asked.error().number == 0 ? __builtin_trap(), 0 : 0;
  if (asked->question.seconds_max > 300 || asked->question.memory_bytes_max > 150'000'000) __builtin_trap();
  for (const char c : asked->query_id) {
    if (c <= ' ' || c > '~') __builtin_trap();
  }
  return 0;
}
