#include "api/tempo_parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "json/tree.h"
#include "traceql/format.h"
#include "traceql/parse.h"

namespace telltale {
namespace {

using traceql::AttributeField;
using traceql::AttributeScope;
using traceql::FieldExpression;

constexpr double kSecond = 1e9;
constexpr int64_t kWholeSecond = 1'000'000'000;
// More digits are nanoseconds: ten hold seconds until the year 2286.
constexpr size_t kSecondDigits = 10;

std::optional<double> ParseDecimal(std::string_view text) {
  double number = 0;
  const auto parsed =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// "1700000000.25", exactly: a double of today's seconds is only good to a quarter of a microsecond.
std::optional<int64_t> NanosOfSeconds(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string whole_text(text.substr(0, point));
  const auto whole = ParseIntegerUntrusted(whole_text.empty() ? "0" : whole_text);
  const auto part = ParseDecimal("0" + std::string(text.substr(point)));
  constexpr int64_t kSecondsEnd = std::numeric_limits<int64_t>::max() / kWholeSecond;
  if (!whole || !part || *whole < 0 || *whole >= kSecondsEnd || *part < 0) return std::nullopt;
  return *whole * kWholeSecond + static_cast<int64_t>(std::round(*part * kSecond));
}

bool IsWhole(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::unexpected<Error> Invalid(std::string_view name, std::string_view value, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, fmt::format("invalid {}: {}: {}", name, value.substr(0, 100), why));
}

// --- logfmt ----------------------------------------------------------------------------

class LogfmtReader {
 public:
  explicit LogfmtReader(std::string_view text) : text_(text) {}

  Result<std::vector<TempoTag>> Read() {
    std::vector<TempoTag> tags;
    while (SkipSpace()) {
      TELLTALE_ASSIGN_OR_RETURN(TempoTag tag, ReadTag());
      const auto same = [&](const TempoTag& other) { return other.key == tag.key; };
      if (std::ranges::any_of(tags, same))
        return Fail(ErrorCode::kInvalidInput, "invalid tags: tag " + tag.key + " has been set twice");
      tags.push_back(std::move(tag));
      if (tags.size() > kTempoTagsMax)
        return Fail(ErrorCode::kInvalidInput,
                    fmt::format("invalid tags: more than {} of them", kTempoTagsMax));
    }
    return tags;
  }

 private:
  static bool IsSpace(char byte) { return static_cast<unsigned char>(byte) <= ' '; }
  bool AtEnd() const { return at_ == text_.size(); }

  // False at the end.
  bool SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
    return !AtEnd();
  }

  std::unexpected<Error> Unexpected() const {
    return Fail(ErrorCode::kInvalidInput,
                AtEnd() ? fmt::format("invalid tags: unterminated quoted value at pos {}", at_ + 1)
                        : fmt::format("invalid tags: unexpected '{}' at pos {}", text_[at_], at_ + 1),
                "write tags as key=value key=\"a value\"");
  }

  Result<TempoTag> ReadTag() {
    const size_t begin = at_;
    while (!AtEnd() && !IsSpace(text_[at_]) && text_[at_] != '=' && text_[at_] != '"') ++at_;
    TempoTag tag{.key = std::string(text_.substr(begin, at_ - begin)), .value = {}};
    if (tag.key.empty() || (!AtEnd() && text_[at_] == '"')) return Unexpected();
    if (AtEnd() || text_[at_] != '=') return tag;
    ++at_;
    if (!AtEnd() && text_[at_] == '"') {
      TELLTALE_ASSIGN_OR_RETURN(tag.value, ReadQuoted());
      return tag;
    }
    const size_t value = at_;
    while (!AtEnd() && !IsSpace(text_[at_])) {
      if (text_[at_] == '"') return Unexpected();
      ++at_;
    }
    tag.value = text_.substr(value, at_ - value);
    return tag;
  }

  // With the escapes of JSON.
  Result<std::string> ReadQuoted() {
    const size_t begin = at_++;
    while (!AtEnd() && text_[at_] != '"') at_ += text_[at_] == '\\' && at_ + 1 < text_.size() ? 2 : 1;
    if (AtEnd()) return Unexpected();
    ++at_;
    if (!AtEnd() && !IsSpace(text_[at_])) return Unexpected();
    std::string value;
    AppendUnescaped(text_.substr(begin + 1, at_ - begin - 2), value);
    return value;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

// --- tags as TraceQL --------------------------------------------------------------------

std::string FieldText(std::string_view key) {
  if (key == "name") return "name";
  if (key == "service.name") return "resource.service.name";
  if (key == "root.name") return "rootName";
  if (key == "root.service.name") return "rootServiceName";
  FieldExpression field;
  field.node = AttributeField{.scope = AttributeScope::kAny, .of_parent = false, .key = std::string(key)};
  return traceql::Format(field);
}

// Holds wherever `value` is a part of the text, in any case of ASCII letters.
std::string PartPattern(std::string_view value) {
  std::string pattern = "(?is).*";
  for (const char byte : value) {
    const auto code = static_cast<unsigned char>(byte);
    const bool is_plain = code >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') ||
                          (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (!is_plain) pattern += '\\';
    pattern += byte;
  }
  return pattern + ".*";
}

// As TraceQL writes them, too.
bool IsNumberOrTruth(std::string_view value) {
  if (value == "true" || value == "false") return true;
  constexpr size_t kDigitsMax = 15;
  return value.size() <= kDigitsMax && value.find_first_not_of("0123456789.-") == std::string_view::npos &&
         value.back() != '.' && ParseDecimal(value).has_value();
}

std::string ConditionOf(const TempoTag& tag) {
  const std::string field = FieldText(tag.key);
  if (tag.value.empty()) return field + " != nil";
  const auto word = traceql::FindWord(traceql::WordSet::kStatus, tag.value);
  if (tag.key == "status.code" && word) return "status = " + tag.value;
  if (tag.key == "error" && tag.value == "true") return "(.error = true || status = error)";
  const std::string part = field + " =~ " + traceql::Format(traceql::Literal(PartPattern(tag.value)));
  if (!IsNumberOrTruth(tag.value) || tag.key == "name" || tag.key == "service.name") return part;
  return fmt::format("({} || {} = {})", part, field, tag.value);
}

// --- fields in paths ----------------------------------------------------------------------

// The field of `{ field != nil }`; null: it is another query.
FieldExpression* FieldOf(traceql::Query& query) {
  if (query.stages.size() != 1 || query.metric || !query.series.empty() || !query.hints.empty())
    return nullptr;
  auto* spans = std::get_if<traceql::SpansetExpression>(&query.stages[0].node);
  auto* filter = spans == nullptr ? nullptr : std::get_if<traceql::SpansetFilter>(&spans->node);
  if (filter == nullptr || !filter->condition) return nullptr;
  auto* comparison = std::get_if<traceql::ComparisonExpression>(&filter->condition->node);
  if (comparison == nullptr) return nullptr;
  FieldExpression& left = *comparison->left;
  const bool is_field = std::holds_alternative<traceql::IntrinsicField>(left.node) ||
                        std::holds_alternative<AttributeField>(left.node) ||
                        std::holds_alternative<traceql::CallFieldReference>(left.node);
  return is_field ? &left : nullptr;
}

// `scope.key` whose key is no TraceQL without quotes.
std::optional<FieldExpression> RawField(std::string_view name) {
  const size_t point = name.find('.');
  if (point == std::string_view::npos || point + 1 == name.size()) return std::nullopt;
  AttributeField attribute;
  if (point > 0) {
    const std::optional<AttributeScope> scope = traceql::FindScope(name.substr(0, point));
    if (!scope) return std::nullopt;
    attribute.scope = *scope;
  }
  attribute.key = name.substr(point + 1);
  FieldExpression field;
  field.node = std::move(attribute);
  return field;
}

// --- filters that are being typed ------------------------------------------------------------

// Where a quoted text that begins at `at` ends; the text's size where it does not.
size_t EndOfQuoted(std::string_view text, size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;
    }
  }
  return text.size();
}

// The conditions between && and || inside of the first braces.
std::vector<std::string_view> ConditionsOf(std::string_view text) {
  std::vector<std::string_view> conditions;
  size_t at = text.find('{');
  if (at == std::string_view::npos) return conditions;
  size_t begin = ++at;
  const auto take = [&](size_t end) {
    const std::string_view condition = text.substr(begin, end - begin);
    if (condition.find_first_not_of(" \t\r\n") != std::string_view::npos) conditions.push_back(condition);
  };
  while (at < text.size() && text[at] != '}') {
    if (text[at] == '"' || text[at] == '`') {
      at = EndOfQuoted(text, at);
    } else if (text.substr(at, 2) == "&&" || text.substr(at, 2) == "||") {
      take(at);
      begin = at += 2;
    } else {
      ++at;
    }
  }
  take(std::min(at, text.size()));
  return conditions;
}

}  // namespace

std::optional<int64_t> ParseTempoTimeUntrusted(std::string_view text) {
  if (IsWhole(text)) {
    const auto number = ParseIntegerUntrusted(text);
    if (!number || text.size() > kSecondDigits) return number;
    return *number * kWholeSecond;
  }
  if (ParseDecimal(text)) return NanosOfSeconds(text);
  return ParseTimeUntrusted(text);
}

std::optional<int64_t> ParseTempoStepUntrusted(std::string_view text) {
  if (ParseDecimal(text)) return NanosOfSeconds(text);
  const auto nanos = ParseDurationUntrusted(text);
  return nanos && *nanos >= 0 ? nanos : std::nullopt;
}

Result<std::optional<int64_t>> ReadTempoTime(const Parameters& parameters, std::string_view name) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text(name));
  if (!text) return std::nullopt;
  const auto time = ParseTempoTimeUntrusted(*text);
  if (!time) return Invalid(name, *text, "not a time in seconds since 1970");
  return time;
}

Result<TimeRange> ReadTempoRange(const Parameters& parameters) {
  TELLTALE_ASSIGN_OR_RETURN(const auto start, ReadTempoTime(parameters, "start"));
  TELLTALE_ASSIGN_OR_RETURN(const auto end, ReadTempoTime(parameters, "end"));
  TimeRange range;
  if (start) range.start_unix_nano = *start;
  // Clients without a time to name send zeros.
  if (end && *end > 0) {
    const bool is_whole = *end % kWholeSecond == 0 && *end <= range.end_unix_nano - kWholeSecond;
    range.end_unix_nano = is_whole ? *end + kWholeSecond : *end;
  }
  if (start && end && *end > 0 && *end < *start) {
    return Fail(ErrorCode::kInvalidInput,
                fmt::format("http parameter start must be before end. received start={} end={}",
                            *start / kWholeSecond, *end / kWholeSecond));
  }
  return range;
}

Result<size_t> ReadTempoLimit(const Parameters& parameters, std::string_view name, const TempoLimit& limit) {
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text(name));
  if (!text) return limit.otherwise;
  const auto number = ParseIntegerUntrusted(*text);
  if (number && *number == 0 && limit.zero_is_absent) return limit.otherwise;
  if (!number || *number <= 0) return Invalid(name, *text, "must be a positive number");
  return std::min(static_cast<size_t>(*number), limit.max);
}

Result<std::vector<TempoTag>> ParseLogfmtUntrusted(std::string_view text) {
  return LogfmtReader(text).Read();
}

std::string QueryOfTags(const std::vector<TempoTag>& tags) {
  std::string conditions;
  for (const TempoTag& tag : tags) {
    if (!conditions.empty()) conditions += " && ";
    conditions += ConditionOf(tag);
  }
  return "{ " + conditions + " }";
}

std::vector<FieldExpression> ParseTempoFieldUntrusted(std::string_view name) {
  std::vector<FieldExpression> readings;
  if (auto query = ParseTraceQlUntrusted("{ " + std::string(name) + " != nil }")) {
    if (FieldExpression* field = FieldOf(*query)) readings.push_back(std::move(*field));
  }
  std::optional<FieldExpression> raw = RawField(name);
  const bool is_new = raw && (readings.empty() || traceql::Format(readings.front()) != traceql::Format(*raw));
  const bool is_other = readings.empty() || std::holds_alternative<AttributeField>(readings.front().node);
  if (is_new && is_other) readings.push_back(*std::move(raw));
  return readings;
}

std::vector<FieldExpression> ParseTempoTagUntrusted(std::string_view name) {
  std::vector<FieldExpression> readings;
  if (name.empty()) return readings;
  const bool is_call = name.starts_with("call.") && traceql::FindCallField(name.substr(5)) != nullptr;
  if (traceql::FindIntrinsic(name) != nullptr || is_call) return ParseTempoFieldUntrusted(name);
  readings.emplace_back().node =
      AttributeField{.scope = AttributeScope::kAny, .of_parent = false, .key = std::string(name)};
  return readings;
}

std::shared_ptr<const TraceQuery> ReadableFilterUntrusted(std::string_view text) {
  if (auto query = TraceQuery::Parse(text)) return *query;
  std::string readable;
  for (const std::string_view condition : ConditionsOf(text)) {
    if (!TraceQuery::Parse("{" + std::string(condition) + "}")) continue;
    readable += (readable.empty() ? "" : " && ") + std::string(condition);
  }
  if (readable.empty()) return nullptr;
  auto query = TraceQuery::Parse("{" + readable + "}");
  return query ? *query : nullptr;
}

}  // namespace telltale
