// Text for a terminal: made safe to print, measured, cut and padded by columns.
//
//   CutToWidth(Printable(span.name), 20)     // "summarize the long d…"
//   FormatDuration(1'234'000'000)            // "1.23 s"
//
// Names come from whoever sends spans: Printable takes the escape sequences out of them
// that would otherwise drive the reader's terminal.
//
// Thread safety  Free functions; FormatLocalTime reads the process's time zone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

// Valid UTF-8 on one line: control characters, invisible direction marks and broken
// sequences become U+FFFD, line breaks and tabs a space.
std::string Printable(std::string_view text);

// Columns that `text` (valid UTF-8) takes: wide East Asian characters and emoji are 2,
// combining marks 0.
int DisplayWidth(std::string_view text);

// `text` if it fits, else its beginning with an ellipsis at the end; never wider than `width`.
std::string CutToWidth(std::string_view text, int width);

std::string PadRight(std::string_view text, int width);
std::string PadLeft(std::string_view text, int width);

// Three digits of precision and never more than 8 columns: 812 ns, 45.0 ms, 1.23 s, 2m 05s.
std::string FormatDuration(uint64_t nanos);

// "1 span", "12 spans"
std::string Plural(uint64_t count, std::string_view noun);

// 1.5 KiB, 20.0 GiB
std::string FormatBytes(uint64_t bytes);

// strftime's pattern, in the local time zone.
std::string FormatLocalTime(uint64_t unix_nanos, const char* pattern);
// 2026-11-25T11:14:36.120000000Z
std::string FormatUtcTime(uint64_t unix_nanos);

// Go style, days too: 1h30m, 1.5s, 100ms, 2us, 7d. In nanoseconds.
Result<uint64_t> ReadDurationFlag(std::string_view flag, std::string_view text);

}  // namespace telltale
