// Text forms of bytes: lower-case hex (trace and span ids) and base64 (RFC 4648,
// with padding when written; read with or without it, standard or URL alphabet).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace telltale {

void AppendHex(std::string_view bytes, std::string& out);
std::string ToHex(std::string_view bytes);

// Reads exactly 2 * size hex digits of either case into `out`. False, with `out`
// unchanged or partly written, when the length or a digit is wrong.
bool ParseHex(std::string_view hex, uint8_t* out, size_t size);

void AppendBase64(std::string_view bytes, std::string& out);

// Empty when a character is not of the alphabet or the length cannot be.
std::optional<std::string> ParseBase64(std::string_view text);

}  // namespace telltale
