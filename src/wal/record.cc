#include "wal/record.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace telltale {
namespace {

constexpr size_t kChecksumOffset = 16;

uint64_t Checksum(std::string_view header, std::string_view block, uint64_t position) {
  const uint64_t seed = XXH3_64bits_withSeed(header.data(), kChecksumOffset, position);
  return XXH3_64bits_withSeed(block.data(), block.size(), seed);
}

}  // namespace

void AppendRecord(const Block& block, uint64_t position, std::string& out) {
  char header[kRecordHeaderBytes] = {};
  const auto length = static_cast<uint32_t>(block.bytes.size());
  std::memcpy(header, &length, 4);
  std::memcpy(header + 4, &block.rows, 4);
  std::memcpy(header + 8, &block.kind, 1);
  const uint64_t checksum = Checksum({header, sizeof header}, block.bytes, position);
  std::memcpy(header + kChecksumOffset, &checksum, 8);
  out.append(header, sizeof header);
  out += block.bytes;
}

RecordHeader ReadRecordHeaderUntrusted(std::string_view head) {
  RecordHeader header;
  std::memcpy(&header.length, head.data(), 4);
  std::memcpy(&header.rows, head.data() + 4, 4);
  std::memcpy(&header.kind, head.data() + 8, 1);
  return header;
}

bool IsRecordWhole(std::string_view head, std::string_view block, uint64_t position) {
  uint64_t checksum = 0;
  std::memcpy(&checksum, head.data() + kChecksumOffset, 8);
  return checksum == Checksum(head, block, position);
}

RecordState InspectRecordUntrusted(std::string_view bytes, uint64_t position, RecordHeader& header) {
  const std::string_view head = bytes.substr(0, kRecordHeaderBytes);
  if (std::ranges::all_of(head, [](char c) { return c == 0; })) return RecordState::kEnd;
  if (head.size() < kRecordHeaderBytes) return RecordState::kBroken;
  header = ReadRecordHeaderUntrusted(head);
  if (header.length > kRecordBytesMax || header.length > bytes.size() - kRecordHeaderBytes) {
    return RecordState::kBroken;
  }
  const std::string_view block = bytes.substr(kRecordHeaderBytes, header.length);
  return IsRecordWhole(head, block, position) ? RecordState::kWhole : RecordState::kBroken;
}

}  // namespace telltale
