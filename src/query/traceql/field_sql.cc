#include "query/traceql/field_sql.h"

#include <fmt/format.h>

#include <cctype>

#include "base/check.h"
#include "trace/call.h"
#include "trace/cost.h"

namespace telltale::traceql {
namespace {

// Numbers of closed lists are those of the store; words are held against it by a test.
static_assert(static_cast<int>(CostStatus::kReported) == 3 && static_cast<int>(CallKind::kLlm) == 1);

constexpr std::string_view kNoId = "toFixedString('', 8)";
constexpr std::string_view kNull = "NULL";

std::string Either(std::string_view condition, std::string_view yes, std::string_view no) {
  return fmt::format("if({}, {}, {})", condition, yes, no);
}

// A field that is a number of a closed list.
FieldReading OfWord(std::string_view number, WordSet set, std::string_view there) {
  FieldReading reading;
  reading.there = there;
  reading.number = there == "1" ? std::string(number) : Either(there, number, kNull);
  reading.typed = Either(there, fmt::format("concat('s', {}[{} + 1])", WordsSql(set), number), "''");
  return reading;
}

FieldReading OfNumber(std::string_view number, std::string_view there, char letter) {
  FieldReading reading;
  reading.there = there;
  reading.number = there == "1" ? std::string(number) : Either(there, number, kNull);
  reading.typed = Either(there, fmt::format("concat('{}', toString({}))", letter, number), "''");
  return reading;
}

// A text that is told where it is not empty.
FieldReading OfText(std::string_view text) {
  FieldReading reading;
  reading.there = fmt::format("{} != ''", text);
  reading.text = fmt::format("nullIf(toString({}), '')", text);
  reading.typed = Either(reading.there, fmt::format("concat('s', {})", text), "''");
  return reading;
}

// A text that is always told.
FieldReading OfPresentText(std::string_view text) {
  return {.there = "1",
          .number = {},
          .text = std::string(text),
          .boolean = {},
          .typed = fmt::format("concat('s', {})", text)};
}

FieldReading OfBoolean(std::string_view boolean, std::string_view there) {
  FieldReading reading;
  reading.there = there;
  reading.boolean = Either(there, boolean, kNull);
  reading.typed = Either(there, fmt::format("concat('b', if({}, 'true', 'false'))", boolean), "''");
  return reading;
}

FieldReading OfId(std::string_view column) {
  return OfText(fmt::format("if({0} = {1}, '', lower(hex({0})))", column, kNoId));
}

// As `member` of a JSON object.
FieldReading OfMember(std::string_view json, std::string_view member) {
  FieldReading reading = OfText(fmt::format("JSONExtractString({}, '{}')", json, member));
  return reading;
}

std::string QuotePattern(std::string_view text) {
  std::string pattern;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x80 && std::isalnum(code) == 0) pattern += '\\';
    pattern += byte;
  }
  return pattern;
}

// The value of an attribute that is no array or map, as its OTLP/JSON object.
constexpr std::string_view kScalar =
    R"((\{"(?:string|int|bool|double|bytes)Value":(?:"(?:[^"\\]|\\.)*"|[^"{}]*)\}))";

struct CallColumnSql {
  std::string_view column;
  enum class Form : uint8_t { kText, kTokens, kDollars, kPico, kSeconds, kOther } form = Form::kOther;
};

using Form = CallColumnSql::Form;

CallColumnSql ColumnOf(CallField field) {
  switch (field) {
    case CallField::kOperation:
      return {"name", Form::kText};
    case CallField::kProvider:
      return {"provider", Form::kText};
    case CallField::kRequestModel:
      return {"request_model", Form::kText};
    case CallField::kResponseModel:
      return {"response_model", Form::kText};
    case CallField::kAgent:
      return {"agent", Form::kText};
    case CallField::kTool:
      return {"tool", Form::kText};
    case CallField::kPromptName:
      return {"prompt", Form::kText};
    case CallField::kPromptVersion:
      return {"prompt_version", Form::kText};
    case CallField::kUser:
      return {"user", Form::kText};
    case CallField::kConversation:
      return {"conversation", Form::kText};
    case CallField::kPriceRule:
      return {"price_rule", Form::kText};
    case CallField::kErrorType:
      return {"error_type", Form::kText};
    case CallField::kFinishReason:
      return {"finish_reason", Form::kText};
    case CallField::kServiceTier:
      return {"service_tier", Form::kText};
    case CallField::kResponseId:
      return {"response_id", Form::kText};
    case CallField::kDialect:
      return {"dialect", Form::kText};
    case CallField::kInputTokens:
      return {"input_tokens", Form::kTokens};
    case CallField::kOutputTokens:
      return {"output_tokens", Form::kTokens};
    case CallField::kCachedTokens:
      return {"cache_read_tokens", Form::kTokens};
    case CallField::kCacheWriteTokens:
      return {"cache_write_tokens", Form::kTokens};
    case CallField::kReasoningTokens:
      return {"reasoning_tokens", Form::kTokens};
    case CallField::kAudioInputTokens:
      return {"audio_input_tokens", Form::kTokens};
    case CallField::kAudioOutputTokens:
      return {"audio_output_tokens", Form::kTokens};
    case CallField::kImageInputTokens:
      return {"image_input_tokens", Form::kTokens};
    case CallField::kImageOutputTokens:
      return {"image_output_tokens", Form::kTokens};
    case CallField::kWebSearches:
      return {"web_searches", Form::kTokens};
    case CallField::kCost:
      return {"cost", Form::kPico};
    case CallField::kReportedCost:
      return {"reported_cost", Form::kDollars};
    case CallField::kTimeToFirstToken:
      return {"time_to_first_token", Form::kSeconds};
    case CallField::kKind:
      return {"kind"};
    case CallField::kModel:
      return {"response_model"};
    case CallField::kCostStatus:
      return {"cost_status"};
    case CallField::kStatus:
      return {"failed"};
    case CallField::kDuplicate:
      return {"duplicate_of"};
    case CallField::kCounts:
      return {"counts"};
  }
  return {};
}

}  // namespace

std::string_view ElementsOf(ElementOf of) {
  return of == ElementOf::kEvents ? "JSONExtractArrayRaw(events)" : "JSONExtractArrayRaw(links)";
}

std::string WordsSql(WordSet set) {
  std::string words;
  for (const std::string_view word : WordsOf(set))
    words += (words.empty() ? "['" : ", '") + std::string(word) + "'";
  return words + "]";
}

// An attribute of a span: a key of the map, its type's letter at the same place.
FieldReading FieldSql::OfMap(std::string_view columns, std::string_view key) {
  const std::string name = parameters_.Text(key);
  const std::string map = fmt::format("{}attrs", columns);
  const std::string value = fmt::format("{}[{}]", map, name);
  const std::string letter =
      fmt::format("substring({}attr_types, indexOf(mapKeys({}), {}), 1)", columns, map, name);
  FieldReading reading;
  reading.there = fmt::format("mapContains({}, {})", map, name);
  reading.text = Either(fmt::format("{} = 's'", letter), value, kNull);
  reading.number =
      Either(fmt::format("{} IN ('i', 'd')", letter), fmt::format("toFloat64OrNull({})", value), kNull);
  reading.boolean = Either(fmt::format("{} = 'b'", letter), fmt::format("{} = 'true'", value), kNull);
  reading.typed = Either(reading.there, fmt::format("concat({}, {})", letter, value), "''");
  return reading;
}

// An attribute of a resource, scope, event or link.
FieldReading FieldSql::OfJson(std::string_view json, std::string_view key) {
  const std::string beginning = KeyValueBeginning(key);
  const std::string value =
      fmt::format("extract({}, {})", json, parameters_.Text(QuotePattern(beginning) + std::string(kScalar)));
  const auto is = [&](std::string_view kind) { return fmt::format("startsWith({}, '{{\"{}')", value, kind); };
  const std::string text = fmt::format("JSONExtractString({}, 'stringValue')", value);
  const std::string integer = fmt::format("JSONExtractString({}, 'intValue')", value);
  const std::string real = fmt::format("extract({}, '\"doubleValue\":\"?([^}}\"]*)')", value);
  const std::string boolean = fmt::format("extract({}, '\"boolValue\":([a-z]*)')", value);
  const std::string bytes = fmt::format("JSONExtractString({}, 'bytesValue')", value);
  FieldReading reading;
  reading.there = fmt::format("position({}, {}) > 0", json, parameters_.Text(beginning));
  reading.text = Either(is("s"), text, kNull);
  reading.number = fmt::format("multiIf({}, toFloat64OrNull({}), {}, toFloat64OrNull({}), NULL)", is("i"),
                               integer, is("d"), real);
  reading.boolean = Either(is("bo"), fmt::format("{} = 'true'", boolean), kNull);
  reading.typed = fmt::format(
      "multiIf({}, concat('s', {}), {}, concat('i', {}), {}, concat('d', {}), {}, concat('b', {}), {}, "
      "concat('y', {}), {}, 'a', '')",
      is("s"), text, is("i"), integer, is("d"), real, is("bo"), boolean, is("by"), bytes, reading.there);
  return reading;
}

// The service has a column, in which something stands where no resource names one.
FieldReading FieldSql::OfService(std::string_view columns) {
  FieldReading reading = OfPresentText(fmt::format("toString({}service)", columns));
  if (source_ == RowSource::kCall) {
    reading.there = "service != 'unknown_service'";
  } else {
    reading.there = fmt::format("position({}resource, {}) > 0", columns,
                                parameters_.Text(KeyValueBeginning("service.name")));
  }
  reading.text = Either(reading.there, reading.text, kNull);
  reading.typed = Either(reading.there, reading.typed, "''");
  return reading;
}

bool FieldSql::MayBeOfResource(const AttributeField& field) const {
  if (field.scope == AttributeScope::kResource) return true;
  return field.scope == AttributeScope::kAny &&
         (keys_of_no_resource_ == nullptr || field.of_parent || !keys_of_no_resource_->contains(field.key));
}

FieldReading FieldSql::AttributeOf(std::string_view columns, const AttributeField& field) {
  const bool is_service = field.key == "service.name";
  if (field.scope == AttributeScope::kResource)
    return is_service ? OfService(columns) : OfJson(fmt::format("{}resource", columns), field.key);
  FieldReading own = OfMap(columns, field.key);
  if (field.scope == AttributeScope::kSpan || !MayBeOfResource(field)) return own;
  const FieldReading outer =
      is_service ? OfService(columns) : OfJson(fmt::format("{}resource", columns), field.key);
  const auto either = [&](const std::string& mine, const std::string& theirs) {
    return Either(own.there, mine, theirs.empty() ? std::string(kNull) : theirs);
  };
  FieldReading reading;
  reading.there = fmt::format("({} OR {})", own.there, outer.there);
  reading.text = either(own.text, outer.text);
  reading.number = either(own.number, outer.number);
  reading.boolean = either(own.boolean, outer.boolean);
  reading.typed = Either(own.there, own.typed, outer.typed);
  return reading;
}

std::optional<FieldReading> FieldSql::Read(const AttributeField& field) {
  if (source_ == RowSource::kRoot) return std::nullopt;
  if (source_ == RowSource::kCall) {
    if (field.of_parent || field.scope != AttributeScope::kResource || field.key != "service.name")
      return std::nullopt;
    return OfService("");
  }
  if (field.of_parent) {
    if (source_ != RowSource::kJoined) return std::nullopt;
    joins_.parent = true;
    return AttributeOf("p_", field);
  }
  switch (field.scope) {
    case AttributeScope::kAny:
    case AttributeScope::kSpan:
    case AttributeScope::kResource:
      return AttributeOf("", field);
    case AttributeScope::kInstrumentation:
      return OfJson("scope", field.key);
    case AttributeScope::kEvent:
    case AttributeScope::kLink: {
      FieldReading reading = OfJson(kElement, field.key);
      reading.of = field.scope == AttributeScope::kEvent ? ElementOf::kEvents : ElementOf::kLinks;
      return reading;
    }
  }
  return std::nullopt;
}

std::optional<FieldReading> FieldSql::OfParent(const IntrinsicField& field) {
  if (source_ != RowSource::kJoined) return std::nullopt;
  joins_.parent = true;
  switch (field.intrinsic) {
    case Intrinsic::kDuration:
      return OfNumber("p_duration", "p_there", 'i');
    case Intrinsic::kName: {
      FieldReading reading = OfPresentText("toString(p_name)");
      reading.there = "p_there";
      reading.text = Either("p_there", reading.text, kNull);
      reading.typed = Either("p_there", reading.typed, "''");
      return reading;
    }
    case Intrinsic::kStatus:
      return OfWord("p_status", WordSet::kStatus, "p_there");
    case Intrinsic::kStatusMessage:
      return OfText("p_status_message");
    case Intrinsic::kKind:
      return OfWord("p_kind", WordSet::kSpanKind, "p_there");
    case Intrinsic::kChildCount:
      joins_.parent_children = true;
      return OfNumber("p_children", "p_there", 'i');
    default:
      return std::nullopt;
  }
}

std::optional<FieldReading> FieldSql::OfRoot(const IntrinsicField& field) {
  if (field.intrinsic == Intrinsic::kRootName) return OfPresentText("name");
  if (field.intrinsic == Intrinsic::kRootService) return OfPresentText("service");
  return std::nullopt;
}

std::optional<FieldReading> FieldSql::Read(const IntrinsicField& field) {
  if (field.of_parent) return OfParent(field);
  if (source_ == RowSource::kRoot) return OfRoot(field);
  const bool is_call = source_ == RowSource::kCall;
  const std::string has_parent = fmt::format("parent_id != {}", kNoId);
  switch (field.intrinsic) {
    case Intrinsic::kDuration:
      return OfNumber("duration", "1", 'i');
    case Intrinsic::kName:
      return OfPresentText("name");
    case Intrinsic::kSpanId:
      return OfId("span_id");
    case Intrinsic::kParentId:
      return OfId("parent_id");
    case Intrinsic::kTraceId:
      return OfPresentText("lower(hex(trace_id))");
    case Intrinsic::kParent: {
      FieldReading reading;
      reading.there = has_parent;
      return reading;
    }
    case Intrinsic::kNestedSetParent:
      // Only whether there is one: -1 or something from 1 on. A walk numbers the rest.
      return OfNumber(fmt::format("if({}, 1, -1)", has_parent), "1", 'i');
    case Intrinsic::kInstrumentationName:
      return is_call ? OfText("scope") : OfMember("scope", "name");
    default:
      break;
  }
  if (is_call) return std::nullopt;
  switch (field.intrinsic) {
    case Intrinsic::kStatus:
      return OfWord("status", WordSet::kStatus, "1");
    case Intrinsic::kStatusMessage:
      return OfText("status_message");
    case Intrinsic::kKind:
      return OfWord("kind", WordSet::kSpanKind, "1");
    case Intrinsic::kInstrumentationVersion:
      return OfMember("scope", "version");
    case Intrinsic::kEventName: {
      FieldReading reading = OfMember(kElement, "name");
      reading.of = ElementOf::kEvents;
      return reading;
    }
    case Intrinsic::kEventTimeSinceStart: {
      FieldReading reading = OfNumber(
          fmt::format("(JSONExtractInt({}, 'timeUnixNano') - toUnixTimestamp64Nano(start))", kElement), "1",
          'i');
      reading.of = ElementOf::kEvents;
      return reading;
    }
    case Intrinsic::kLinkTraceId:
    case Intrinsic::kLinkSpanId: {
      FieldReading reading =
          OfMember(kElement, field.intrinsic == Intrinsic::kLinkTraceId ? "traceId" : "spanId");
      reading.of = ElementOf::kLinks;
      return reading;
    }
    default:
      break;
  }
  if (source_ != RowSource::kJoined) return std::nullopt;
  switch (field.intrinsic) {
    case Intrinsic::kChildCount:
      joins_.children = true;
      return OfNumber("n_children", "1", 'i');
    case Intrinsic::kTraceDuration:
      joins_.trace = true;
      return OfNumber("t_duration", "1", 'i');
    case Intrinsic::kRootName:
      joins_.trace = true;
      return OfText("t_root_name");
    case Intrinsic::kRootService:
      joins_.trace = true;
      return OfText("t_root_service");
    default:
      return std::nullopt;  // nestedSetLeft, nestedSetRight: from a walk through the tree
  }
}

std::optional<FieldReading> FieldSql::Read(const CallFieldReference& reference) {
  if (source_ == RowSource::kSpan || source_ == RowSource::kRoot) return std::nullopt;
  const bool joined = source_ == RowSource::kJoined;
  const std::string_view prefix = joined ? "c_" : "";
  const auto column = [&](std::string_view name) {
    joins_.call_columns.insert(name);
    return fmt::format("{}{}", prefix, name);
  };
  // A row without a call has zeros beside it.
  const std::string is_call = joined ? column("kind") + " != 0" : "1";
  const CallColumnSql sql = ColumnOf(reference.field);
  const std::string name = column(sql.column);
  const auto number = [&](const std::string& told, const std::string& value, char letter) {
    return OfNumber(value, joined ? fmt::format("({} AND {})", is_call, told) : told, letter);
  };
  switch (sql.form) {
    case Form::kText:
      return OfText(name);
    case Form::kTokens:
      return number(name + " >= 0", name, 'i');
    case Form::kPico:
      return number(name + " >= 0", name + " / 1e12", 'd');
    case Form::kDollars:
      return number(fmt::format("NOT isNaN({})", name), name, 'd');
    case Form::kSeconds:
      return number(fmt::format("NOT isNaN({})", name), name + " * 1e9", 'd');
    case Form::kOther:
      break;
  }
  switch (reference.field) {
    case CallField::kKind:
      return OfWord(name, WordSet::kCallKind, is_call);
    case CallField::kModel:
      return OfText(fmt::format("if({0} = '', {1}, {0})", name, column("request_model")));
    case CallField::kCostStatus:
      return OfWord(name, WordSet::kCostStatus, fmt::format("{}kind IN (1, 2, 3, 7)", prefix));
    case CallField::kStatus:
      return OfWord(fmt::format("if({}, 2, 1)", name), WordSet::kStatus, is_call);
    case CallField::kDuplicate:
      return OfBoolean(fmt::format("({} != {})", name, kNoId), is_call);
    case CallField::kCounts:
      return OfBoolean(fmt::format("({} != 0)", name), is_call);
    default:
      TELLTALE_CHECK(false, "every field of a call has a column");
      return std::nullopt;
  }
}

}  // namespace telltale::traceql
