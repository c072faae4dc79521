// Appends protobuf fields to a string: for the few small messages that we send.
//
//   AppendWireVarint(1, code, out);
//   AppendWireBytes(2, message, out);   // also a nested message, written before
//
// Thread safety  Stateless.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "otlp/wire_reader.h"

namespace telltale {

inline void AppendVarint(uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

inline void AppendWireVarint(uint32_t field, uint64_t number, std::string& out) {
  AppendVarint(WireTag(field, WireType::kVarint), out);
  AppendVarint(number, out);
}

inline void AppendWireBytes(uint32_t field, std::string_view bytes, std::string& out) {
  AppendVarint(WireTag(field, WireType::kBytes), out);
  AppendVarint(bytes.size(), out);
  out += bytes;
}

inline void AppendWireFixed64(uint32_t field, uint64_t number, std::string& out) {
  AppendVarint(WireTag(field, WireType::kFixed64), out);
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

inline void AppendWireFixed32(uint32_t field, uint32_t number, std::string& out) {
  AppendVarint(WireTag(field, WireType::kFixed32), out);
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

}  // namespace telltale
