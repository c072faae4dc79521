// Any bytes: no crash; what is kept points to resources and scopes that are there.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "otlp/log_decoder.h"
#include "otlp/testing/batch_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  telltale::Batch batch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (telltale::DecodeLogsProtobufUntrusted(bytes, batch)) telltale::testing::CheckBatch(batch);
  return 0;
}
