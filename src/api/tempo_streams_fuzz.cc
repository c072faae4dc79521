// Whatever a streamed request holds, reading it ends, and a message that is cut is whole in its
// parts.
#include "api/tempo_streams.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  for (const TempoCall call : {TempoCall::kSearch, TempoCall::kQueryRange, TempoCall::kQueryInstant}) {
    const auto request = TempoRequestUntrusted(call, message);
    if (!request) continue;
    std::string joined;
    for (const std::string& part : SplitMessage(message, 16)) joined += part;
    TELLTALE_CHECK(joined == message, "a part of a message was lost");
  }
  return 0;
}
