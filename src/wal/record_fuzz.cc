// Any bytes where a record should be: never a crash, and a whole record never
// reaches past what was given.
#include <cstdlib>

#include "wal/record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  telltale::RecordHeader header;
  if (telltale::InspectRecordUntrusted(bytes, 0, header) == telltale::RecordState::kWhole &&
      telltale::kRecordHeaderBytes + header.length > size) {
    std::abort();
  }
  std::string record;
  telltale::AppendRecord({.rows = 1, .bytes = std::string(bytes)}, size, record);
  if (telltale::InspectRecordUntrusted(record, size, header) != telltale::RecordState::kWhole) std::abort();
  return 0;
}
