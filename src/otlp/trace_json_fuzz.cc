// Our JSON decoder, on any text:
//   - what it keeps, written as OTLP/JSON again, gives the same batch;
//   - what protobuf's own JSON reader accepts too means the same to both, as long as
//     we refuse no span of it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/json_repair.h"
#include "otlp/testing/dump.h"
#include "otlp/testing/reference.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

void Compare(std::string_view json) {
  Batch batch;
  const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(json, batch);
  if (!refused) return;
  const std::string dump = testing::DumpBatch(batch);

  const std::string again = testing::EncodeTracesJson(batch);
  Batch batch_again;
  const Result<RefusedItems> refused_again = DecodeTracesJsonUntrusted(again, batch_again);
  TELLTALE_CHECK(refused_again && refused_again->count == 0,
                 "what was kept is refused when written: " + again);
  TELLTALE_CHECK(testing::DumpBatch(batch_again) == dump, "what was kept changes when written:\n" + dump);

  // nlohmann's reader, which turns ids into base64 there, takes -0 for the integer 0.
  if (refused->count > 0 || MayHoldMinusZeroUntrusted(json)) return;
  const std::optional<std::string> wire = testing::ReferenceWireFromJson(json);
  if (!wire) return;
  const std::optional<testing::ReferenceTraces> reference = testing::ReferenceDecode(*wire);
  TELLTALE_CHECK(reference.has_value(), "protobuf cannot read what it wrote");
  const std::string reference_dump = testing::DumpBatch(reference->batch);
  TELLTALE_CHECK(dump == reference_dump, "other spans read:\n" + dump + "\nprotobuf:\n" + reference_dump);
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  telltale::Compare({reinterpret_cast<const char*>(data), size});
  return 0;
}
