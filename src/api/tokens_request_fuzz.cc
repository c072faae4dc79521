// Whatever a body holds, reading it ends, and what is accepted names one encoding or model
// and one thing to count.
#include "api/tokens_request.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request =
      telltale::ReadTokensRequestUntrusted(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!request) return 0;
  TELLTALE_CHECK(request->model.empty() != request->encoding.empty(), "no or two ways to count");
  TELLTALE_CHECK(request->text.has_value() != request->messages.has_value(),
                 "nothing or two things to count");
  return 0;
}
