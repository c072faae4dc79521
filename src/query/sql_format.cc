#include "query/sql_format.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

namespace telltale {
namespace {

using Join = SqlFormat::Join;

constexpr std::string_view kTsv = "text/tab-separated-values; charset=UTF-8";
constexpr std::string_view kCsv = "text/csv; charset=UTF-8; header=absent";
constexpr std::string_view kCsvHeader = "text/csv; charset=UTF-8; header=present";
constexpr std::string_view kJson = "application/json; charset=UTF-8";
constexpr std::string_view kNdjson = "application/x-ndjson; charset=UTF-8";
constexpr std::string_view kText = "text/plain; charset=UTF-8";
constexpr std::string_view kBytes = "application/octet-stream";

constexpr SqlFormat kFormats[] = {
    {"TabSeparated", kTsv, Join::kPlain, 0, true},
    {"TabSeparatedWithNames", kTsv, Join::kLines, 1, true},
    {"TabSeparatedWithNamesAndTypes", kTsv, Join::kLines, 2, true},
    {"TabSeparatedRaw", kTsv},
    {"TabSeparatedRawWithNames", kTsv, Join::kLines, 1},
    {"TabSeparatedRawWithNamesAndTypes", kTsv, Join::kLines, 2},
    {"TSKV", kTsv, Join::kPlain, 0, true},
    {"CSV", kCsv},
    {"CSVWithNames", kCsvHeader, Join::kLines, 1},
    {"CSVWithNamesAndTypes", kCsvHeader, Join::kLines, 2},
    {"JSON", kJson, Join::kJson},
    {"JSONStrings", kJson, Join::kJson},
    {"JSONCompact", kJson, Join::kJson},
    {"JSONCompactStrings", kJson, Join::kJson},
    {"JSONColumns", kJson, Join::kWhole},
    {"JSONColumnsWithMetadata", kJson, Join::kWhole},
    {"JSONCompactColumns", kJson, Join::kWhole},
    {"JSONObjectEachRow", kJson, Join::kWhole},
    {"JSONEachRow", kNdjson, Join::kPlain, 0, true},
    {"PrettyJSONEachRow", kNdjson},
    {"JSONStringsEachRow", kNdjson, Join::kPlain, 0, true},
    {"JSONCompactEachRow", kNdjson, Join::kPlain, 0, true},
    {"JSONCompactEachRowWithNames", kNdjson, Join::kLines, 1, true},
    {"JSONCompactEachRowWithNamesAndTypes", kNdjson, Join::kLines, 2, true},
    {"JSONCompactStringsEachRow", kNdjson, Join::kPlain, 0, true},
    {"JSONCompactStringsEachRowWithNames", kNdjson, Join::kLines, 1, true},
    {"JSONCompactStringsEachRowWithNamesAndTypes", kNdjson, Join::kLines, 2, true},
    {"XML", "application/xml; charset=UTF-8", Join::kXml},
    {"Values", kText, Join::kComma},
    {"Markdown", "text/markdown; charset=UTF-8", Join::kLines, 2},
    {"Vertical", kText, Join::kWhole},
    {"Pretty", kText, Join::kWhole},
    {"PrettyNoEscapes", kText, Join::kWhole},
    {"PrettyMonoBlock", kText, Join::kWhole},
    {"PrettyNoEscapesMonoBlock", kText, Join::kWhole},
    {"PrettyCompact", kText, Join::kWhole},
    {"PrettyCompactNoEscapes", kText, Join::kWhole},
    {"PrettyCompactMonoBlock", kText, Join::kWhole},
    {"PrettyCompactNoEscapesMonoBlock", kText, Join::kWhole},
    {"PrettySpace", kText, Join::kWhole},
    {"PrettySpaceNoEscapes", kText, Join::kWhole},
    {"PrettySpaceMonoBlock", kText, Join::kWhole},
    {"PrettySpaceNoEscapesMonoBlock", kText, Join::kWhole},
    {"RowBinary", kBytes, Join::kPlain},
    {"RowBinaryWithNames", kBytes, Join::kBinaryNames, 1},
    {"RowBinaryWithNamesAndTypes", kBytes, Join::kBinaryNames, 2},
    {"Native", kBytes, Join::kPlain},
    {"MsgPack", "application/msgpack", Join::kPlain},
    {"ArrowStream", kBytes, Join::kArrow},
    {"Arrow", kBytes, Join::kWhole},
    {"Parquet", kBytes, Join::kWhole},
    {"ORC", kBytes, Join::kWhole},
    {"Null", kText},
};

constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"TSV", "TabSeparated"},
    {"TSVWithNames", "TabSeparatedWithNames"},
    {"TSVWithNamesAndTypes", "TabSeparatedWithNamesAndTypes"},
    {"TSVRaw", "TabSeparatedRaw"},
    {"Raw", "TabSeparatedRaw"},
    {"TSVRawWithNames", "TabSeparatedRawWithNames"},
    {"RawWithNames", "TabSeparatedRawWithNames"},
    {"TSVRawWithNamesAndTypes", "TabSeparatedRawWithNamesAndTypes"},
    {"RawWithNamesAndTypes", "TabSeparatedRawWithNamesAndTypes"},
    {"JSONLines", "JSONEachRow"},
    {"NDJSON", "JSONEachRow"},
    {"MD", "Markdown"},
};

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// What stands before the rows, behind them, and between two of them.
struct Frame {
  std::string_view before, behind, between, count;
};
constexpr Frame kJsonFrame = {"\n\t\"data\":\n\t[\n", "\n\t],\n", ",\n", "\"rows\": "};
constexpr Frame kXmlFrame = {"\n\t<data>\n", "\t</data>\n", "", "<rows>"};

uint64_t NumberBehind(std::string_view text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == text.npos) return 0;
  uint64_t number = 0;
  std::from_chars(text.data() + at + mark.size(), text.data() + text.size(), number);
  return number;
}

// Past the end where the head is cut off.
size_t LinesSize(std::string_view piece, int lines) {
  size_t size = 0;
  for (int line = 0; line < lines; ++line) {
    const size_t end = piece.find('\n', size);
    if (end == piece.npos) return piece.npos;
    size = end + 1;
  }
  return size;
}

bool SkipLength(std::string_view piece, size_t& at, uint64_t& length) {
  length = 0;
  for (int shift = 0; shift < 63; shift += 7) {
    if (at >= piece.size()) return false;
    const auto byte = static_cast<uint8_t>(piece[at++]);
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// A count, and that many names; `lists` times as many: the types.
size_t NamesSize(std::string_view piece, int lists) {
  size_t at = 0;
  uint64_t columns = 0;
  if (!SkipLength(piece, at, columns)) return piece.npos;
  for (uint64_t text = 0; text < columns * static_cast<uint64_t>(lists); ++text) {
    uint64_t size = 0;
    if (!SkipLength(piece, at, size) || size > piece.size() - at) return piece.npos;
    at += size;
  }
  return at;
}

std::unexpected<Error> Misshapen(const SqlFormat& format, std::string_view why) {
  return Fail(ErrorCode::kInternal, "join the answer: " + std::string(format.name) + ": " + std::string(why));
}

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9f", seconds);
  return text;
}

constexpr std::string_view kArrowContinues = "\xff\xff\xff\xff";
constexpr std::string_view kArrowEnd("\xff\xff\xff\xff\0\0\0\0", 8);

}  // namespace

const SqlFormat* FindSqlFormat(std::string_view name) {
  for (const auto& [other, real] : kOtherNames) {
    if (EqualsIgnoringCase(name, other)) name = real;
  }
  const auto* found = std::ranges::find_if(
      kFormats, [&](const SqlFormat& format) { return EqualsIgnoringCase(format.name, name); });
  return found == std::end(kFormats) ? nullptr : found;
}

Status SqlJoiner::Add(std::string_view piece, std::string& out) {
  if (format_.is_line_a_row) {
    const auto lines = static_cast<uint64_t>(std::ranges::count(piece, '\n'));
    rows_ += lines - std::min<uint64_t>(lines, static_cast<uint64_t>(format_.head_lines));
  } else if (format_.name == "Native") {
    size_t at = 0;
    uint64_t columns = 0;
    uint64_t rows = 0;
    if (SkipLength(piece, at, columns) && SkipLength(piece, at, rows)) rows_ += rows;
  }
  switch (format_.join) {
    case Join::kPlain:
    case Join::kWhole:
      out += piece;
      return {};
    case Join::kComma:
      if (!std::exchange(first_, false)) out += ',';
      out += piece;
      return {};
    case Join::kLines:
      return AddHeaded(piece, LinesSize(piece, format_.head_lines), out);
    case Join::kBinaryNames:
      return AddHeaded(piece, NamesSize(piece, format_.head_lines), out);
    case Join::kJson:
    case Join::kXml:
      return AddDocument(piece, out);
    case Join::kArrow:
      return AddArrow(piece, out);
  }
  return {};
}

// Every piece begins with the same head.
Status SqlJoiner::AddHeaded(std::string_view piece, size_t head_size, std::string& out) {
  if (head_size == piece.npos) return Misshapen(format_, "a piece ends inside its head");
  if (std::exchange(first_, false)) {
    head_ = piece.substr(0, head_size);
    out += piece;
    return {};
  }
  if (!piece.starts_with(head_)) return Misshapen(format_, "a piece has another head");
  out += piece.substr(head_.size());
  return {};
}

// A text inside such a document has no line break (JSON) or no '<' (XML): the marks stand only
// where the engine puts them.
Status SqlJoiner::AddDocument(std::string_view piece, std::string& out) {
  const Frame& frame = format_.join == Join::kJson ? kJsonFrame : kXmlFrame;
  const size_t mark = piece.find(frame.before);
  const size_t end = piece.rfind(frame.behind);
  const size_t begin = mark + frame.before.size();
  if (mark == piece.npos || end == piece.npos || end + 1 < begin)
    return Misshapen(format_, "a piece is no document");
  if (std::exchange(first_, false)) out += piece.substr(0, begin);
  const std::string_view rows = piece.substr(begin, end < begin ? 0 : end - begin);
  const std::string_view tail = piece.substr(end);
  rows_ += NumberBehind(tail, frame.count);
  rows_before_limit_ = std::max({rows_before_limit_, NumberBehind(tail, "\"rows_before_limit_at_least\": "),
                                 NumberBehind(tail, "<rows_before_limit_at_least>")});
  if (rows.empty()) return {};
  if (std::exchange(rows_begun_, true)) out += frame.between;
  out += rows;
  return {};
}

// [ schema ][ batch ] ... [ end mark ]; a message: 4 bytes ff, 4 bytes size, as many bytes, and the
// body of a batch. A schema has no body.
Status SqlJoiner::AddArrow(std::string_view piece, std::string& out) {
  uint32_t size = 0;
  if (!piece.starts_with(kArrowContinues) || piece.size() < 8) return Misshapen(format_, "no message");
  std::memcpy(&size, piece.data() + 4, sizeof size);
  if (size > piece.size() - 8) return Misshapen(format_, "its schema is cut off");
  if (piece.ends_with(kArrowEnd)) piece.remove_suffix(kArrowEnd.size());
  if (!std::exchange(first_, false)) piece.remove_prefix(std::min<size_t>(8 + size, piece.size()));
  out += piece;
  return {};
}

void SqlJoiner::Finish(const SqlStatistics& statistics, std::string& out) {
  if (format_.join == Join::kArrow && !first_) out += kArrowEnd;
  if (first_) return;
  const std::string rows = std::to_string(rows_);
  const std::string before_limit = std::to_string(rows_before_limit_);
  const std::string rows_read = std::to_string(statistics.rows_read);
  const std::string bytes_read = std::to_string(statistics.bytes_read);
  if (format_.join == Join::kJson) {
    out += "\n\t],\n\n\t\"rows\": " + rows + ",\n\n";
    if (rows_before_limit_ > 0) out += "\t\"rows_before_limit_at_least\": " + before_limit + ",\n\n";
    out += "\t\"statistics\":\n\t{\n\t\t\"elapsed\": " + Seconds(statistics.seconds) +
           ",\n\t\t\"rows_read\": " + rows_read + ",\n\t\t\"bytes_read\": " + bytes_read + "\n\t}\n}\n";
  } else if (format_.join == Join::kXml) {
    out += "\t</data>\n\t<rows>" + rows + "</rows>\n";
    if (rows_before_limit_ > 0)
      out += "\t<rows_before_limit_at_least>" + before_limit + "</rows_before_limit_at_least>\n";
    out += "\t<statistics>\n\t\t<elapsed>" + Seconds(statistics.seconds) + "</elapsed>\n\t\t<rows_read>" +
           rows_read + "</rows_read>\n\t\t<bytes_read>" + bytes_read +
           "</bytes_read>\n\t</statistics>\n</result>\n";
  }
}

}  // namespace telltale
