// Scalars of protobuf's JSON form: numbers may be written as texts, texts as null, enums
// by name or number. Private to otlp/; `Element` is simdjson::dom::element, which this
// header leaves to the .cc that reads JSON.
//
// Thread safety  Stateless.
// Failure        False: the value is of another kind, or does not fit.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <system_error>

namespace telltale {

// 2^63 and 2^64: the first doubles that the integer types cannot hold.
inline constexpr double kInt64End = 9223372036854775808.0;
inline constexpr double kUint64End = 18446744073709551616.0;

inline bool IsWhole(double number) {
  return std::isfinite(number) && std::trunc(number) == number;
}

// All of `text` as a number; JSON senders write 64-bit integers as strings.
template <typename Number>
bool ParseNumber(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

template <typename Element>
bool ReadText(Element json, std::string_view& text) {
  if (json.is_null()) {
    text = {};
    return true;
  }
  return !json.get_string().get(text);
}

template <typename Element>
bool ReadDouble(Element json, double& number) {
  std::string_view text;
  if (json.is_null()) {
    number = 0;
    return true;
  }
  if (json.is_number()) return !json.get_double().get(number);
  if (json.get_string().get(text)) return false;
  if (text == "NaN") {
    number = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity" || text == "-Infinity") {
    number =
        text[0] == '-' ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  } else {
    return ParseNumber(text, number) && std::isfinite(number);
  }
  return true;
}

template <typename Element>
bool ReadUint64(Element json, uint64_t& number) {
  std::string_view text;
  if (!json.get_uint64().get(number)) return true;
  if (!json.get_string().get(text) && ParseNumber(text, number)) return true;
  double real;
  if (!ReadDouble(json, real) || !IsWhole(real) || real < 0 || real >= kUint64End) return false;
  number = static_cast<uint64_t>(real);
  return true;
}

template <typename Element>
bool ReadUint32(Element json, uint32_t& number) {
  uint64_t wide;
  if (!ReadUint64(json, wide) || wide > std::numeric_limits<uint32_t>::max()) return false;
  number = static_cast<uint32_t>(wide);
  return true;
}

// A number, or one of `names`, whose places are the numbers.
template <typename Element>
bool ReadEnum(Element json, std::span<const std::string_view> names, uint8_t& number) {
  number = 0;
  std::string_view text;
  if (!json.get_string().get(text)) {
    const auto name = std::find(names.begin(), names.end(), text);
    if (name != names.end()) {
      number = static_cast<uint8_t>(name - names.begin());
      return true;
    }
    double ignored;
    // A name from a newer OTLP means as little to us as a number from one.
    if (!ParseNumber(text, ignored)) return true;
  }
  double real;
  if (!ReadDouble(json, real) || !IsWhole(real)) return false;
  if (real >= 0 && real < static_cast<double>(names.size())) number = static_cast<uint8_t>(real);
  return true;
}

}  // namespace telltale
