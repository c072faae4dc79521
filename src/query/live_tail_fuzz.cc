// An id that is accepted writes back to the same text, or to another spelling of it.
#include "query/live_tail.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto position = ParseTailPositionUntrusted(text)) {
    const auto again = ParseTailPositionUntrusted(TailPositionText(*position));
    TELLTALE_CHECK(again == position, "a position changed on the way");
  }
  return 0;
}
