// A cursor that is accepted writes back to a cursor that says the same.
#include "query/cursor.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const auto cursor = ParseCursorUntrusted({reinterpret_cast<const char*>(data), size});
  if (!cursor) return 0;
  const auto again = ParseCursorUntrusted(EncodeCursor(*cursor));
  TELLTALE_CHECK(again && again->last.trace_id == cursor->last.trace_id, "a cursor changed on the way");
  return 0;
}
