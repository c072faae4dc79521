// Trace and span ids as OpenTelemetry has them: opaque bytes; all zeros is "none".
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace telltale {

template <size_t kSize>
struct Id {
  std::array<uint8_t, kSize> bytes{};

  bool IsZero() const { return *this == Id{}; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), kSize}; }
  std::string Hex() const { return ToHex(view()); }

  // REQUIRES: `text.size() == kSize`.
  static Id FromBytes(std::string_view text) {
    Id id;
    std::memcpy(id.bytes.data(), text.data(), kSize);
    return id;
  }

  auto operator<=>(const Id&) const = default;
};

using TraceId = Id<16>;
using SpanId = Id<8>;

}  // namespace telltale
