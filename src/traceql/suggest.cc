#include "traceql/suggest.h"

#include <algorithm>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "traceql/format.h"
#include "traceql/lexer.h"
#include "traceql/parser.h"

namespace telltale {
namespace traceql {
namespace {

constexpr TraceQlWord kFirstStages[] = {
    {"{ }", "spans"},
    {"count()", "number of spans"},
    {"avg(", "average of a field"},
    {"min(", "smallest value of a field"},
    {"max(", "largest value of a field"},
    {"sum(", "sum of a field"},
    {"by(", "split by the values of fields"},
    {"select(", "fields to give back"},
};
constexpr TraceQlWord kLaterStages[] = {
    {"coalesce()", "undo by()"},
    {"rate()", "spans a second"},
    {"count_over_time()", "spans in each interval"},
    {"sum_over_time(", "sum of a field in each interval"},
    {"avg_over_time(", "average of a field in each interval"},
    {"min_over_time(", "smallest value in each interval"},
    {"max_over_time(", "largest value in each interval"},
    {"quantile_over_time(", "quantiles of a field in each interval"},
    {"histogram_over_time(", "distribution of a field in each interval"},
    {"compare(", "what is different about some of the spans"},
};
constexpr TraceQlWord kSeriesStages[] = {{"topk(", "largest series"}, {"bottomk(", "smallest series"}};
constexpr TraceQlWord kTerms[] = {{"{ }", "spans"}, {"(", ""},    {"count()", "number of spans"},
                                  {"avg(", ""},     {"min(", ""}, {"max(", ""},
                                  {"sum(", ""}};
constexpr TraceQlWord kScopes[] = {
    {"span.", "attributes of the span"},
    {"resource.", "attributes of what sent it: service.name ..."},
    {"event.", "attributes of its events"},
    {"link.", "attributes of its links"},
    {"instrumentation.", "attributes of the library that made it"},
    {"parent.", "fields of its parent"},
    {"call.", "fields of a call of a model, a tool ..."},
    {".", "attributes of any scope"},
};
constexpr TraceQlWord kSpanOperators[] = {
    {"|", "next stage"},
    {"&&", "both have spans"},
    {"||", "either"},
    {">", "children"},
    {">>", "descendants"},
    {"<", "parents"},
    {"<<", "ancestors"},
    {"~", "siblings"},
    {"!>", "not children"},
    {"!>>", "not descendants"},
    {"!<", "not parents"},
    {"!<<", "not ancestors"},
    {"!~", "not siblings"},
    {"&>", "children and their parents"},
    {"&>>", "descendants and their ancestors"},
    {"&<", "parents and their children"},
    {"&<<", "ancestors and their descendants"},
    {"&~", "siblings of both sides"},
    {"with (", "hints"},
};
constexpr TraceQlWord kNumberOperators[] = {{">", ""},  {">=", ""}, {"<", ""}, {"<=", ""}, {"=", ""},
                                            {"!=", ""}, {"+", ""},  {"-", ""}, {"*", ""},  {"/", ""}};
constexpr TraceQlWord kComparisons[] = {{"=", ""},
                                        {"!=", ""},
                                        {">", ""},
                                        {">=", ""},
                                        {"<", ""},
                                        {"<=", ""},
                                        {"=~", "matches the whole value"},
                                        {"!~", "does not match"}};
constexpr TraceQlWord kEqualities[] = {{"=", ""}, {"!=", ""}};
constexpr TraceQlWord kLogical[] = {{"&&", "and"}, {"||", "or"}, {"}", ""}};
constexpr TraceQlWord kMetricEnds[] = {{"by (", "a series for each value"},
                                       {"|", "topk, bottomk"},
                                       {">", "a threshold"},
                                       {"<", ""},
                                       {"with (", "hints"}};
constexpr TraceQlWord kHintNames[] = {{"most_recent", "newest first: true, false"},
                                      {"exemplars", "spans to show beside series"},
                                      {"sample", "read a part of the spans"},
                                      {"span_sample", "share of spans to read"},
                                      {"trace_sample", "share of traces to read"}};
constexpr TraceQlWord kBooleans[] = {{"true", ""}, {"false", ""}};

// Where the cursor stands: what is open, and what was last read in it.
struct Frame {
  enum Kind : uint8_t { kPipeline, kFields, kNumbers, kNothing, kHints };
  Kind kind = kPipeline;
  bool braces = false;     // kFields: of a filter
  bool operand = false;    // something stands before the cursor that an operator can follow
  bool comparing = false;  // the last operator compares, and `field` is what it compares
  bool compared = false;   // a comparison is complete
  bool first = true;       // kPipeline: no stage yet
  bool number = false;     // kPipeline: the operand is a number
  bool relating = false;   // kPipeline: behind an operator, so not a stage but a part of one
  bool metric = false;     // kPipeline: a metric was read
  bool quantiles = false;  // kFields: behind the comma there are numbers
  Lexeme field;
  Lexeme word;  // the last word, for what a ( behind it opens
};

bool IsFieldLexeme(const Lexeme& lexeme) {
  return lexeme.kind == LexemeKind::kAttribute || lexeme.kind == LexemeKind::kCallField ||
         lexeme.kind == LexemeKind::kColonName || lexeme.kind == LexemeKind::kWord;
}

// The field that a lexeme names, as text and with its type; empty if it names none.
std::pair<std::string, ValueType> FieldOf(const Lexeme& lexeme) {
  if (lexeme.kind == LexemeKind::kCallField) {
    const CallFieldInfo* info = FindCallField(lexeme.text);
    return info ? std::pair("call." + std::string(info->name), info->type)
                : std::pair(std::string(), ValueType::kAny);
  }
  const bool bare = lexeme.kind != LexemeKind::kAttribute;
  const bool of_parent = lexeme.of_parent && !lexeme.quoted && lexeme.scope == AttributeScope::kAny;
  if (const IntrinsicInfo* info = bare || of_parent ? FindIntrinsic(lexeme.text) : nullptr)
    return {(lexeme.of_parent ? "parent." : "") + std::string(info->text), info->type};
  if (bare) return {};
  return {Format(FieldExpression{.node = AttributeField{lexeme.scope, lexeme.of_parent, lexeme.text},
                                 .range = {}}),
          ValueType::kAny};
}

class Reader {
 public:
  Reader() { frames_.emplace_back(); }

  void Read(const Lexeme& lexeme);
  const Frame& top() const { return frames_.back(); }

 private:
  void Open(const Lexeme& lexeme);
  void Close(const Lexeme& lexeme);
  void ReadOperator(const Lexeme& lexeme);
  void ReadWord(const Lexeme& lexeme);

  std::vector<Frame> frames_;
};

void Reader::Read(const Lexeme& lexeme) {
  Frame& frame = frames_.back();
  switch (lexeme.kind) {
    case LexemeKind::kOpenBrace:
    case LexemeKind::kOpenParenthesis:
      return Open(lexeme);
    case LexemeKind::kCloseBrace:
    case LexemeKind::kCloseParenthesis:
      return Close(lexeme);
    case LexemeKind::kPipe:
      frame.operand = frame.relating = frame.number = false;
      frame.first = false;
      return;
    case LexemeKind::kComma:
      frame.operand = frame.comparing = frame.compared = frame.relating = false;
      if (frame.quantiles) frame.kind = Frame::kNothing;
      return;
    case LexemeKind::kOperator:
      return ReadOperator(lexeme);
    case LexemeKind::kWord:
      return ReadWord(lexeme);
    case LexemeKind::kEnd:
      return;
    default:
      frame.compared = frame.comparing;
      frame.comparing = false;
      frame.operand = true;
      frame.number = true;
      if (IsFieldLexeme(lexeme)) frame.field = lexeme;
  }
}

void Reader::ReadWord(const Lexeme& lexeme) {
  Frame& frame = frames_.back();
  frame.word = lexeme;
  if (frame.kind != Frame::kFields) return;
  frame.compared = frame.comparing;
  frame.comparing = false;
  frame.operand = true;
  frame.field = lexeme;
}

void Reader::ReadOperator(const Lexeme& lexeme) {
  Frame& frame = frames_.back();
  const bool sign = lexeme.op == Operator::kNot || (lexeme.op == Operator::kSubtract && !frame.operand);
  if (sign) return;
  const int level = LevelOf(lexeme.op);
  frame.comparing = level == kComparisonLevel && !FieldOf(frame.field).first.empty();
  if (level == kLogicalLevel) frame.compared = false;
  frame.operand = false;
  frame.relating = true;
}

void Reader::Open(const Lexeme& lexeme) {
  Frame& above = frames_.back();
  Frame frame;
  if (lexeme.kind == LexemeKind::kOpenBrace) {
    frame.kind = Frame::kFields;
    frame.braces = true;
  } else if (above.kind == Frame::kFields) {
    frame.kind = Frame::kFields;
  } else if (above.word.kind == LexemeKind::kWord) {
    const std::string& word = above.word.text;
    const auto metric = FindMetric(word);
    frame.kind = Frame::kFields;
    frame.quantiles = metric == MetricFunction::kQuantileOverTime;
    if (metric == MetricFunction::kCompare) frame.kind = Frame::kNumbers;
    if (word == "with") frame.kind = Frame::kHints;
    const bool empty = metric == MetricFunction::kRate || metric == MetricFunction::kCountOverTime;
    if (word == "count" || word == "coalesce" || word == "topk" || word == "bottomk" || empty)
      frame.kind = Frame::kNothing;
    above.metric = above.metric || metric.has_value();
    above.number = FindAggregate(word).has_value();
  }
  above.word = {};
  frames_.push_back(std::move(frame));
}

void Reader::Close(const Lexeme& lexeme) {
  const bool braces = lexeme.kind == LexemeKind::kCloseBrace;
  // A bracket that was forgotten inside of braces ends with them.
  while (braces && frames_.size() > 1 && !frames_.back().braces) frames_.pop_back();
  const bool number = frames_.back().kind == Frame::kPipeline && frames_.back().number;
  if (frames_.size() > 1) frames_.pop_back();
  Frame& frame = frames_.back();
  if (frame.kind == Frame::kPipeline && (braces || number)) frame.number = number;
  frame.operand = true;
  if (frame.kind == Frame::kFields) {
    frame.field = {};
    frame.compared = true;
  }
}

void Add(std::span<const TraceQlWord> words, TraceQlSuggestion& suggestion) {
  for (const TraceQlWord& word : words) {
    if (word.text.starts_with(suggestion.prefix)) suggestion.words.push_back(word);
  }
}

void AddFields(TraceQlSuggestion& suggestion) {
  const auto add = [&](std::string_view text, std::string_view about) {
    if (!text.starts_with(suggestion.prefix)) return false;
    suggestion.words.push_back({text, about});
    return true;
  };
  for (const IntrinsicInfo& info : Intrinsics()) {
    if (!add(info.text, info.about) && !suggestion.prefix.empty() && !info.alias.empty())
      add(info.alias, info.about);
  }
  Add(kScopes, suggestion);
}

void AddValues(TraceQlSuggestion& suggestion) {
  if (suggestion.type == ValueType::kBoolean) Add(kBooleans, suggestion);
  if (const auto set = WordSetOf(suggestion.type)) {
    for (const std::string_view word : WordsOf(*set)) {
      if (!word.empty() && word.starts_with(suggestion.prefix)) suggestion.words.push_back({word, {}});
    }
  }
  if (suggestion.prefix.empty()) suggestion.words.push_back({"nil", "it is not there"});
}

void SuggestInPipeline(const Frame& frame, TraceQlSuggestion& suggestion) {
  if (frame.operand) {
    suggestion.expected = TraceQlExpected::kSpanOperator;
    Add(frame.metric   ? std::span<const TraceQlWord>(kMetricEnds)
        : frame.number ? std::span<const TraceQlWord>(kNumberOperators)
                       : std::span<const TraceQlWord>(kSpanOperators),
        suggestion);
    return;
  }
  suggestion.expected = TraceQlExpected::kStage;
  if (frame.metric) return Add(kSeriesStages, suggestion);
  if (frame.relating) return Add(kTerms, suggestion);
  Add(kFirstStages, suggestion);
  if (!frame.first) Add(kLaterStages, suggestion);
}

void SuggestInFields(const Frame& frame, TraceQlSuggestion& suggestion) {
  if (frame.operand) {
    suggestion.expected = TraceQlExpected::kOperator;
    const ValueType type = FieldOf(frame.field).second;
    if (!frame.compared && frame.braces) {
      const bool equal_only =
          WordSetOf(type).has_value() || type == ValueType::kBoolean || type == ValueType::kSpan;
      Add(equal_only ? std::span<const TraceQlWord>(kEqualities) : std::span<const TraceQlWord>(kComparisons),
          suggestion);
    }
    if (frame.braces) Add(kLogical, suggestion);
    return;
  }
  if (frame.comparing) {
    suggestion.expected = TraceQlExpected::kValue;
    std::tie(suggestion.field, suggestion.type) = FieldOf(frame.field);
    return AddValues(suggestion);
  }
  suggestion.expected = TraceQlExpected::kField;
  AddFields(suggestion);
}

// A name that the cursor stands behind, with its scope: only the name is looked for.
void SuggestName(std::string_view text, const Lexeme& name, LexemeKind kind, TraceQlSuggestion& suggestion) {
  const bool call = kind == LexemeKind::kCallField;
  size_t before = 1;
  if (call) {
    before = std::string_view("call.").size();
  } else if (name.scope != AttributeScope::kAny || name.of_parent) {
    before = (name.of_parent ? std::string_view("parent.").size() : 0) +
             (name.scope == AttributeScope::kAny ? 0 : ScopeName(name.scope).size() + 1);
  }
  // An invalid name may begin at what is wrong with it; then there is nothing to offer.
  if (!text.substr(name.range.begin).starts_with(call ? "call." : text.substr(name.range.begin, before)))
    return;
  suggestion.range.begin =
      static_cast<uint32_t>(std::min<size_t>(name.range.begin + before, suggestion.range.end));
  suggestion.prefix = name.text;
  if (call) {
    suggestion.expected = TraceQlExpected::kCallField;
    for (const CallFieldInfo& info : CallFields()) {
      if (info.name.starts_with(name.text)) suggestion.words.push_back({info.name, info.about});
    }
    return;
  }
  suggestion.expected = TraceQlExpected::kAttributeKey;
  suggestion.scope = name.scope;
  suggestion.of_parent = name.of_parent;
  if (!name.of_parent || name.scope != AttributeScope::kAny || name.quoted) return;
  for (const IntrinsicInfo& info : Intrinsics()) {
    if (info.of_parent && info.text.starts_with(name.text))
      suggestion.words.push_back({info.text, info.about});
  }
}

// Behind the last lexeme: space and comments.
bool EndsInComment(std::string_view rest) {
  const size_t line = rest.rfind('\n') == std::string_view::npos ? 0 : rest.rfind('\n') + 1;
  const size_t comment = rest.find("//", line);
  return comment != std::string_view::npos && rest.find("*/", comment) == std::string_view::npos;
}

// What the cursor stands in, if it is not done: a word, a name, an open string, half an operator.
bool IsUnfinished(const Lexeme& lexeme, const Frame& frame) {
  switch (lexeme.kind) {
    case LexemeKind::kWord:
    case LexemeKind::kColonName:
    case LexemeKind::kDottedName:
    case LexemeKind::kAttribute:
    case LexemeKind::kCallField:
    case LexemeKind::kInteger:
    case LexemeKind::kReal:
    case LexemeKind::kDuration:
    case LexemeKind::kInvalid:
      return true;
    case LexemeKind::kOperator:
      return lexeme.op == Operator::kNot && frame.operand;
    case LexemeKind::kPipe:
      return frame.kind == Frame::kFields;
    default:
      return false;
  }
}

}  // namespace
}  // namespace traceql

std::string_view TraceQlExpectedName(TraceQlExpected expected) {
  constexpr std::string_view kNames[] = {"nothing",    "stage",    "span_operator", "field", "attribute_key",
                                         "call_field", "operator", "value",         "hint"};
  return kNames[static_cast<size_t>(expected)];
}

TraceQlSuggestion SuggestTraceQl(std::string_view text, size_t cursor) {
  using namespace traceql;
  text = text.substr(0, std::min({cursor, text.size(), kTraceQlTextMax}));
  Reader reader;
  Lexer lexer(text);
  Lexeme lexeme = lexer.Next();
  std::optional<Lexeme> unfinished;
  size_t read = 0;
  while (lexeme.kind != LexemeKind::kEnd) {
    Lexeme next = lexer.Next();
    const bool at_cursor =
        next.kind == LexemeKind::kEnd && (lexeme.range.end == text.size() || lexeme.unclosed);
    if (at_cursor && IsUnfinished(lexeme, reader.top())) {
      unfinished = std::move(lexeme);
      break;
    }
    reader.Read(lexeme);
    read = lexeme.range.end;
    lexeme = std::move(next);
  }

  TraceQlSuggestion suggestion;
  const auto end = static_cast<uint32_t>(text.size());
  suggestion.range = {unfinished ? unfinished->range.begin : end, end};
  const Frame& frame = reader.top();
  if (!unfinished && EndsInComment(text.substr(read))) return suggestion;
  if (unfinished) {
    const bool invalid = unfinished->kind == LexemeKind::kInvalid;
    const LexemeKind kind = invalid ? unfinished->meant : unfinished->kind;
    if (kind == LexemeKind::kInteger || kind == LexemeKind::kReal || kind == LexemeKind::kDuration)
      return suggestion;
    if (kind == LexemeKind::kAttribute || kind == LexemeKind::kCallField) {
      if (frame.kind == Frame::kFields && !frame.operand) SuggestName(text, *unfinished, kind, suggestion);
      return suggestion;
    }
    suggestion.prefix = text.substr(unfinished->range.begin);
    if (kind == LexemeKind::kString) {
      suggestion.prefix = unfinished->text;
      if (!unfinished->unclosed || !frame.comparing) return suggestion;
    } else if (invalid && suggestion.prefix != "&") {
      return suggestion;
    }
  }
  switch (frame.kind) {
    case Frame::kPipeline:
      SuggestInPipeline(frame, suggestion);
      break;
    case Frame::kFields:
      SuggestInFields(frame, suggestion);
      break;
    case Frame::kNumbers:
      suggestion.expected = TraceQlExpected::kStage;
      Add(std::span(kFirstStages, 1), suggestion);
      break;
    case Frame::kHints:
      suggestion.expected = frame.relating ? TraceQlExpected::kNothing : TraceQlExpected::kHint;
      if (!frame.relating) Add(kHintNames, suggestion);
      break;
    case Frame::kNothing:
      break;
  }
  return suggestion;
}

}  // namespace telltale
