// Fields of CSV as RFC 4180 asks for them, safe to print.
//
//   out += CsvField(name) + ',' + CsvMilliseconds(nanos) + "\r\n";
//
// Thread safety  Free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

// In quotes where it must be.
std::string CsvField(std::string_view text);

// 1300.000000
std::string CsvMilliseconds(uint64_t nanos);

// 0.0035, exactly and without an exponent; nothing where it is not known.
std::string CsvDollars(const std::optional<double>& dollars);

// Fields that are CSV already, as a line with its end.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace telltale
