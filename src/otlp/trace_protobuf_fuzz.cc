// Our protobuf decoder against protobuf's own parser, on any bytes:
//   - what protobuf reads, we read, with the same spans kept and refused;
//   - what protobuf refuses as a whole, we may refuse in part (only the broken span);
//   - protobuf's own JSON of the request gives the same batch as its bytes.
// The messages have `bytes` for text, because UTF-8 is not checked by our decoder.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "otlp/testing/dump.h"
#include "otlp/testing/reference.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

void CompareWithJson(std::string_view bytes, const std::string& dump) {
  // nlohmann's reader, which turns ids into hex here, takes -0 for the integer 0.
  if (dump.find("\"doubleValue\":-0}") != std::string::npos) return;
  const std::optional<std::string> json = testing::ReferenceJsonFromWire(bytes);
  if (!json) return;
  Batch batch;
  const Result<RefusedItems> refused = DecodeTracesJsonUntrusted(*json, batch);
  TELLTALE_CHECK(refused.has_value(), "the JSON of what was read is refused: " + *json);
  TELLTALE_CHECK(testing::DumpBatch(batch) == dump, "JSON and protobuf differ: " + *json + "\n" + dump);
}

void Compare(std::string_view bytes) {
  Batch batch;
  const Result<RefusedItems> refused = DecodeTracesProtobufUntrusted(bytes, batch);
  const std::string dump = refused ? testing::DumpBatch(batch) : "";
  const std::optional<testing::ReferenceTraces> reference = testing::ReferenceDecode(bytes);
  if (!reference) return;

  TELLTALE_CHECK(refused.has_value(), "protobuf reads what we refuse: " + refused.error().message);
  TELLTALE_CHECK(refused->count == reference->spans_refused, "other spans refused: " + refused->reason);
  const std::string reference_dump = testing::DumpBatch(reference->batch);
  TELLTALE_CHECK(dump == reference_dump, "other spans read:\n" + dump + "\nprotobuf:\n" + reference_dump);
  CompareWithJson(bytes, dump);
}

}  // namespace
}  // namespace telltale

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  telltale::Compare({reinterpret_cast<const char*>(data), size});
  return 0;
}
