#include "cli/search/found_text.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/csv.h"
#include "cli/text.h"

namespace telltale {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kEllipsis = "…";

const Json& Member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at == object.end() ? none : *at;
}

std::string Text(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

uint64_t Number(const Json& object, const char* key) {
  const Json& value = Member(object, key);
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  uint64_t number = 0;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

// Where a UTF-8 text has its n-th UTF-16 code unit.
class UnitCounter {
 public:
  explicit UnitCounter(std::string_view text) : text_(text) {}

  // REQUIRES: units not smaller than the time before.
  size_t ByteOf(uint64_t units) {
    while (at_ < text_.size() && units_ < units) {
      const auto lead = static_cast<uint8_t>(text_[at_]);
      units_ += lead >= 0xF0 ? 2 : 1;
      ++at_;
      while (at_ < text_.size() && (static_cast<uint8_t>(text_[at_]) & 0xC0) == 0x80) ++at_;
    }
    return at_;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
  uint64_t units_ = 0;
};

std::vector<FoundText::Piece> ReadSnippet(const Json& snippet) {
  const std::string text = Text(snippet, "text");
  std::vector<FoundText::Piece> pieces;
  size_t at = 0;
  const auto add = [&](size_t end, bool is_match) {
    if (end > at) pieces.push_back({text.substr(at, end - at), is_match});
    at = std::max(at, end);
  };
  UnitCounter counter(text);
  uint64_t last = 0;
  for (const Json& range : Member(snippet, "matches")) {
    if (!range.is_array() || range.size() != 2 || !range[0].is_number_unsigned() ||
        !range[1].is_number_unsigned())
      continue;
    const auto begin = range[0].get<uint64_t>(), end = range[1].get<uint64_t>();
    if (begin < last || end < begin) continue;
    last = end;
    add(counter.ByteOf(begin), false);
    add(counter.ByteOf(end), true);
  }
  add(text.size(), false);
  return pieces;
}

FoundText ReadItem(const Json& item) {
  FoundText found{.trace_id = Text(item, "trace_id"),
                  .span_id = Text(item, "span_id"),
                  .start_unix_nano = Number(item, "start_unix_nano"),
                  .service = Text(item, "service"),
                  .name = Text(item, "name"),
                  .field = Text(item, "field"),
                  .role = Text(item, "role"),
                  .occurrences = Number(item, "occurrences"),
                  .snippet = ReadSnippet(Member(item, "snippet")),
                  .json = item.dump(-1, ' ', false, Json::error_handler_t::replace)};
  const Json& call = Member(item, "call");
  found.model = Text(Member(call, "response"), "model");
  if (found.model.empty()) found.model = Text(Member(call, "request"), "model");
  if (const Json& total = Member(Member(call, "cost"), "total"); total.is_number())
    found.cost = total.get<double>();
  return found;
}

// The snippet on one line, at most `width` columns wide (0: as wide as it is), with its first match in it.
void PrintSnippet(const std::vector<FoundText::Piece>& pieces, int width, Terminal& terminal) {
  int left = width > 0 ? width : INT32_MAX;
  bool is_first = true;
  for (const FoundText::Piece& piece : pieces) {
    std::string text = Printable(piece.text);
    if (is_first && !piece.is_match && DisplayWidth(text) > left / 2) {
      // What stands before the match gets half of the line.
      size_t at = 0;
      while (at < text.size() && DisplayWidth(std::string_view(text).substr(at)) > left / 2 - 1) {
        ++at;
        while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) ++at;
      }
      text = std::string(kEllipsis) + text.substr(at);
    }
    is_first = false;
    const bool is_cut = DisplayWidth(text) > left;
    if (is_cut) text = CutToWidth(text, left);
    terminal.out << (piece.is_match ? terminal.Paint(Ink::kYellow, text) : text);
    left -= DisplayWidth(text);
    if (is_cut || left <= 0) break;
  }
  terminal.out << '\n';
}

std::string TextOf(const FoundText& item) {
  std::string text;
  for (const FoundText::Piece& piece : item.snippet) text += piece.text;
  return text;
}

}  // namespace

Result<FoundTexts> ReadFoundTextsUntrusted(std::string_view body) {
  const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!Member(json, "items").is_array()) {
    return Fail(ErrorCode::kCorrupt, "read the answer of the search: it holds no items",
                "is the server another version of Telltale?");
  }
  FoundTexts found;
  for (const Json& item : Member(json, "items")) found.items.push_back(ReadItem(item));
  found.next = Text(json, "next");
  found.searched_back_to_unix_nano = Number(json, "searched_back_to_unix_nano");
  return found;
}

void PrintFoundTexts(const std::vector<FoundText>& items, uint64_t now_unix_nanos, Terminal& terminal) {
  const std::string today = FormatLocalTime(now_unix_nanos, "%F");
  const bool with_date = std::ranges::any_of(
      items, [&](const FoundText& item) { return FormatLocalTime(item.start_unix_nano, "%F") != today; });
  for (const FoundText& item : items) {
    const std::string time = FormatLocalTime(item.start_unix_nano, with_date ? "%m-%d %H:%M:%S" : "%H:%M:%S");
    const std::string id = Printable(item.trace_id) + "/" + Printable(item.span_id);
    std::string who = Printable(item.service);
    std::string what = Printable(item.model.empty() ? item.name : item.model);
    if (item.cost) what += "  $" + CsvDollars(item.cost);
    const std::string from = Printable(item.role.empty() ? item.field : item.role);
    // The id is never cut: it is what one goes on with.
    int room = INT32_MAX;
    const bool id_below =
        terminal.width > 0 && DisplayWidth(time + who + what + from + id) + 8 > terminal.width;
    if (terminal.width > 0) {
      room = terminal.width - DisplayWidth(time) - 4 - (id_below ? 0 : DisplayWidth(id) + 2);
      who = CutToWidth(who, std::max(room / 2, 8));
      room -= DisplayWidth(who);
    }
    const std::string rest =
        terminal.width > 0 ? CutToWidth(what + "  " + from, std::max(room, 1)) : what + "  " + from;
    terminal.out << time << "  " << terminal.Paint(Ink::kCyan, who) << "  " << rest;
    if (id_below) {
      terminal.out << '\n' << kIndent << terminal.Paint(Ink::kDim, id) << '\n';
    } else {
      terminal.out << "  " << terminal.Paint(Ink::kDim, id) << '\n';
    }
    terminal.out << kIndent;
    PrintSnippet(item.snippet, terminal.width > 0 ? std::max(terminal.width - 2, 8) : 0, terminal);
  }
}

std::string FoundTextsCsv(const std::vector<FoundText>& items) {
  std::string out = "start,service,name,model,cost_usd,field,role,occurrences,snippet,trace_id,span_id\r\n";
  for (const FoundText& item : items) {
    out += CsvLine({FormatUtcTime(item.start_unix_nano), CsvField(item.service), CsvField(item.name),
                    CsvField(item.model), CsvDollars(item.cost), CsvField(item.field), CsvField(item.role),
                    std::to_string(item.occurrences), CsvField(TextOf(item)), CsvField(item.trace_id),
                    CsvField(item.span_id)});
  }
  return out;
}

}  // namespace telltale
