#include "cli/csv.h"

#include <charconv>
#include <cstdio>
#include <system_error>

#include "cli/text.h"

namespace telltale {
namespace {

// `text` made safe to print, with its line breaks: RFC 4180 has a place for them, and
// none for other control characters.
std::string CsvText(std::string_view text) {
  std::string out;
  while (true) {
    const size_t end = text.find_first_of("\r\n");
    out += Printable(text.substr(0, end));
    if (end == text.npos) return out;
    out.push_back(text[end]);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string CsvField(std::string_view field) {
  const std::string text = CsvText(field);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + '"';
}

std::string CsvMilliseconds(uint64_t nanos) {
  char text[48];
  std::snprintf(text, sizeof text, "%llu.%06llu", static_cast<unsigned long long>(nanos / 1'000'000),
                static_cast<unsigned long long>(nanos % 1'000'000));
  return text;
}

std::string CsvDollars(const std::optional<double>& dollars) {
  if (!dollars) return {};
  // The largest double has 309 digits before the point, the smallest 1,074 behind it.
  char text[1500];
  const auto [end, error] = std::to_chars(text, text + sizeof text, *dollars, std::chars_format::fixed);
  return error == std::errc() ? std::string(text, end) : std::string();
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    line += field;
  }
  return line + "\r\n";
}

}  // namespace telltale
