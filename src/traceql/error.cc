#include "traceql/error.h"

#include <algorithm>

namespace telltale {
namespace {

constexpr size_t kColumnsMax = 100;  // of a line that is shown
constexpr size_t kColumnsBefore = 60;

bool StartsCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

size_t Characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

// Bytes of the first `count` characters.
size_t BytesOf(std::string_view text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (StartsCharacter(text[at]) && count-- == 0) break;
  }
  return at;
}

// A tab or another control character would move the marks.
std::string Printable(std::string_view text) {
  std::string shown(text);
  for (char& byte : shown) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) byte = ' ';
  }
  return shown;
}

}  // namespace

TextPlace PlaceOf(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t line_break = before.rfind('\n');
  const size_t begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  return {.line = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n')),
          .column = 1 + Characters(before.substr(begin))};
}

Error ToError(std::string_view text, const TraceQlError& error) {
  const TextPlace place = PlaceOf(text, error.offset);
  return {error.code,
          "query, line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": " +
              error.message,
          error.hint};
}

std::string CaretText(std::string_view text, const TraceQlError& error) {
  const size_t offset = std::min(error.offset, text.size());
  const size_t line_break = text.substr(0, offset).rfind('\n');
  const size_t begin = line_break == std::string_view::npos ? 0 : line_break + 1;
  std::string_view line = text.substr(begin, text.find('\n', offset) - begin);

  size_t column = Characters(line.substr(0, offset - begin));
  size_t marks = std::max<size_t>(1, Characters(line.substr(offset - begin, error.length)));
  if (column > kColumnsBefore) {
    line.remove_prefix(BytesOf(line, column - kColumnsBefore));
    column = kColumnsBefore;
  }
  line = line.substr(0, BytesOf(line, kColumnsMax));
  marks = std::min(marks, kColumnsMax - column);
  return Printable(line) + "\n" + std::string(column, ' ') + std::string(marks, '^') + "\n";
}

}  // namespace telltale
