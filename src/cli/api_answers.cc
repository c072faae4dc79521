#include "cli/api_answers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "json/writer.h"

namespace telltale {
namespace {

// The order of members is the server's.
using Json = nlohmann::ordered_json;

// Deeper values are shown as null: nobody reads them, and we recurse.
constexpr int kValueDepthMax = 64;
// An attribute value may be kValueDepthMax deep, with about five brackets a level; a
// document that is deeper than this would only be there to break us.
constexpr int kBracketDepthMax = 2000;

std::unexpected<Error> NotTheAnswer(std::string_view what, std::string_view why) {
  return Fail(ErrorCode::kCorrupt, "read " + std::string(what) + ": " + std::string(why),
              "is it a Telltale server that answers there, and of this version? telltale doctor looks");
}

const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string Text(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

bool Flag(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

// Numbers come as JSON numbers or, where they pass 2^53, as decimal strings.
uint64_t Number(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  if (value == nullptr) return 0;
  if (value->is_number_unsigned()) return value->get<uint64_t>();
  if (value->is_number_float() && value->get<double>() >= 0 && value->get<double>() < 1e18) {
    return static_cast<uint64_t>(value->get<double>());
  }
  uint64_t number = 0;
  if (value->is_string()) {
    const auto& text = value->get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

int SmallNumber(const Json& object, const char* name) {
  return static_cast<int>(std::min<uint64_t>(Number(object, name), 1000));
}

const Json& Array(const Json& object, const char* name) {
  static const Json empty = Json::array();
  const Json* value = Find(object, name);
  return value != nullptr && value->is_array() ? *value : empty;
}

// How deep brackets nest outside of strings, of a text that need not be JSON.
int BracketDepth(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return deepest;
}

Result<Json> Parse(std::string_view what, std::string_view body, const char* array_name) {
  if (BracketDepth(body) > kBracketDepthMax) return NotTheAnswer(what, "the answer is nested too deep");
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return NotTheAnswer(what, "the answer is not JSON");
  const Json* items = array_name == nullptr ? &json : Find(json, array_name);
  if (!json.is_object() || items == nullptr || (array_name != nullptr && !items->is_array())) {
    return NotTheAnswer(what, std::string("the answer is not an object") +
                                  (array_name != nullptr ? std::string(" with ") + array_name : ""));
  }
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void AppendPlainValue(const Json& value, int depth, std::string& out);

void AppendPlainMap(const Json& value, int depth, std::string& out) {
  JsonWriter json(out);
  json.BeginObject();
  for (const Json& entry : Array(value, "values")) {
    std::string plain;
    const Json* inner = Find(entry, "value");
    AppendPlainValue(inner != nullptr ? *inner : Json(), depth + 1, plain);
    json.Key(Text(entry, "key")).Raw(plain);
  }
  json.EndObject();
}

void AppendPlainArray(const Json& value, int depth, std::string& out) {
  JsonWriter json(out);
  json.BeginArray();
  for (const Json& entry : Array(value, "values")) {
    std::string plain;
    AppendPlainValue(entry, depth + 1, plain);
    json.Raw(plain);
  }
  json.EndArray();
}

void AppendInteger(const Json& value, std::string& out) {
  int64_t number = 0;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  } else if (value.is_number_integer()) {
    number = value.get<int64_t>();
  }
  AppendJsonInt(number, out);
}

// OTLP/JSON writes NaN and the infinities as strings.
void AppendReal(const Json& value, std::string& out) {
  if (value.is_number()) {
    AppendJsonDouble(value.get<double>(), out);
  } else {
    AppendJsonString(value.is_string() ? value.get_ref<const std::string&>() : "NaN", out);
  }
}

// One OTLP/JSON AnyValue as plain JSON; bytes stay base64.
void AppendPlainValue(const Json& value, int depth, std::string& out) {
  if (!value.is_object() || value.empty() || depth > kValueDepthMax) {
    out += "null";
    return;
  }
  const auto member = value.begin();
  const std::string& type = member.key();
  const Json& inner = *member;
  if ((type == "stringValue" || type == "bytesValue") && inner.is_string()) {
    AppendJsonString(inner.get_ref<const std::string&>(), out);
  } else if (type == "intValue") {
    AppendInteger(inner, out);
  } else if (type == "doubleValue") {
    AppendReal(inner, out);
  } else if (type == "boolValue" && inner.is_boolean()) {
    out += inner.get<bool>() ? "true" : "false";
  } else if (type == "arrayValue") {
    AppendPlainArray(inner, depth, out);
  } else if (type == "kvlistValue") {
    AppendPlainMap(inner, depth, out);
  } else {
    out += "null";
  }
}

// The AnyValue that is the member `name` of an object.
ShownAttribute ReadValue(const Json& from, const char* name) {
  ShownAttribute attribute;
  const Json* value = Find(from, name);
  if (value == nullptr) {
    attribute.value = "null";
    return attribute;
  }
  const Json* text = Find(*value, "stringValue");
  if (text != nullptr && text->is_string()) {
    attribute.value = text->get<std::string>();
    attribute.is_string = true;
  } else {
    AppendPlainValue(*value, 0, attribute.value);
  }
  return attribute;
}

ShownAttribute ReadAttribute(const Json& from) {
  ShownAttribute attribute = ReadValue(from, "value");
  attribute.key = Text(from, "key");
  return attribute;
}

// TRACE is 1 to 4, TRACE1 to TRACE4 in full, and so on in fours.
std::string SeverityName(int number) {
  constexpr std::string_view kNames[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  if (number < 1 || number > 24) return {};
  return std::string(kNames[(number - 1) / 4]);
}

// A repeated key keeps its first place and its last value, as everywhere in Telltale.
std::vector<ShownAttribute> ReadAttributes(const Json& object) {
  std::vector<ShownAttribute> attributes;
  std::unordered_map<std::string, size_t> place;
  for (const Json& entry : Array(object, "attributes")) {
    ShownAttribute attribute = ReadAttribute(entry);
    const auto [found, is_new] = place.emplace(attribute.key, attributes.size());
    if (is_new) {
      attributes.push_back(std::move(attribute));
    } else {
      attributes[found->second] = std::move(attribute);
    }
  }
  return attributes;
}

ShownEvent ReadEvent(const Json& from) {
  return {.time_unix_nano = Number(from, "timeUnixNano"),
          .name = Text(from, "name"),
          .attributes = ReadAttributes(from)};
}

const Json& Object(const Json& object, const char* name) {
  static const Json empty = Json::object();
  const Json* value = Find(object, name);
  return value != nullptr && value->is_object() ? *value : empty;
}

std::optional<double> Real(const Json& object, const char* name) {
  const Json* value = Find(object, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

// Whole picodollars of an amount that a double still tells exactly; 0 of what is no amount.
PicoDollars Pico(const Json& object, const char* name, double scale) {
  constexpr double kMost = 9.2e18;
  const double amount = Real(object, name).value_or(0) * scale;
  return amount >= 0 && amount < kMost ? std::llround(amount) : 0;
}

// The value of an enum by the name that APIs show; nothing for a name of a newer server.
template <typename Enum, typename NameOf>
std::optional<Enum> Named(const std::string& name, int last, NameOf name_of) {
  for (int i = 0; i <= last; ++i) {
    if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::optional<CostPart> ReadCostPart(const Json& from) {
  const auto kind = Named<CostPartKind>(Text(from, "kind"), kCostPartKinds - 1, CostPartName);
  if (!kind) return std::nullopt;
  const bool by_piece = *kind == CostPartKind::kRequest || *kind == CostPartKind::kWebSearch;
  // A million tokens at a dollar each are 10^12 picodollars a million, 10^6 each.
  return CostPart{.kind = *kind,
                  .tokens = static_cast<int64_t>(Number(from, by_piece ? "count" : "tokens")),
                  .price = by_piece ? Pico(from, "price", 1e12) : Pico(from, "price_per_million", 1e6),
                  .amount = Pico(from, "amount", 1e12)};
}

std::optional<Cost> ReadCost(const Json& call) {
  const Json& from = Object(call, "cost");
  const auto status =
      Named<CostStatus>(Text(from, "status"), static_cast<int>(CostStatus::kReported), CostStatusName);
  if (!status) return std::nullopt;
  Cost cost{.status = *status};
  cost.reason =
      Named<CostReason>(Text(from, "reason"), static_cast<int>(CostReason::kOutOfRange), CostReasonName)
          .value_or(CostReason::kNone);
  cost.unpriced_part = Named<CostPartKind>(Text(from, "unpriced_part"), kCostPartKinds - 1, CostPartName)
                           .value_or(CostPartKind::kInput);
  cost.match = Named<PriceMatch>(Text(from, "match"), static_cast<int>(PriceMatch::kMaker), PriceMatchName)
                   .value_or(PriceMatch::kNone);
  cost.by_response_model = Text(from, "matched") == "response.model";
  if (Real(from, "total")) cost.total = Pico(from, "total", 1e12);
  cost.rule_id = Text(from, "rule");
  cost.table_version = Text(from, "table_version");
  for (const Json& entry : Array(from, "parts")) {
    const auto part = ReadCostPart(entry);
    if (part && cost.part_count < kCostPartKinds) cost.parts[cost.part_count++] = *part;
  }
  return cost;
}

Usage ReadUsage(const Json& call) {
  Usage usage;
  const Json& from = Object(call, "usage");
  const std::pair<const char*, int64_t*> counts[] = {{"input_tokens", &usage.input_tokens},
                                                     {"output_tokens", &usage.output_tokens},
                                                     {"cache_read_tokens", &usage.cache_read_tokens},
                                                     {"cache_write_tokens", &usage.cache_write_tokens},
                                                     {"cache_write_5m_tokens", &usage.cache_write_5m_tokens},
                                                     {"cache_write_1h_tokens", &usage.cache_write_1h_tokens},
                                                     {"audio_input_tokens", &usage.audio_input_tokens},
                                                     {"image_input_tokens", &usage.image_input_tokens},
                                                     {"reasoning_tokens", &usage.reasoning_tokens},
                                                     {"audio_output_tokens", &usage.audio_output_tokens},
                                                     {"image_output_tokens", &usage.image_output_tokens},
                                                     {"web_searches", &usage.web_searches}};
  constexpr uint64_t kMost = 1'000'000'000'000'000;
  for (const auto& [name, count] : counts) {
    const Json* told = Find(from, name);
    if (told != nullptr && told->is_number()) {
      *count = static_cast<int64_t>(std::min(Number(from, name), kMost));
    }
  }
  if (Text(from, "scope") == "aggregate") usage.scope = UsageScope::kAggregate;
  const std::string source = Text(from, "source");
  if (source == "provider") usage.source = UsageSource::kProvider;
  if (source == "counted") usage.source = UsageSource::kCounted;
  const std::string convention = Text(from, "cache_convention");
  if (convention == "inclusive") usage.convention = CacheConvention::kInclusive;
  if (convention == "exclusive") usage.convention = CacheConvention::kExclusive;
  return usage;
}

// The call without what can be large: messages, documents, definitions.
std::string CallText(const Json& call) {
  constexpr const char* kShort[] = {
      "kind",   "dialect",      "provider",      "request", "response", "usage", "time_to_first_token",
      "failed", "duplicate_of", "reported_cost", "cost",    "session",  "user"};
  Json kept = Json::object();
  for (const char* name : kShort) {
    if (const Json* value = Find(call, name); value != nullptr) kept[name] = *value;
  }
  return Dump(kept);
}

ShownCall ReadCall(const Json& from) {
  const Json& request = Object(from, "request");
  const Json& response = Object(from, "response");
  ShownCall call{.kind = Text(from, "kind"),
                 .provider = Text(from, "provider"),
                 .request_model = Text(request, "model"),
                 .response_model = Text(response, "model"),
                 .service_tier = Text(response, "service_tier"),
                 .usage = ReadUsage(from),
                 .time_to_first_token = Real(from, "time_to_first_token").value_or(-1),
                 .failed = Flag(from, "failed"),
                 .duplicate_of = Text(from, "duplicate_of"),
                 .cost = ReadCost(from),
                 .json = CallText(from)};
  if (call.service_tier.empty()) call.service_tier = Text(request, "service_tier");
  return call;
}

ShownTotals ReadTotals(const Json& from) {
  const Json& cost = Object(from, "cost");
  return {.calls = Number(from, "calls"),
          .errors = Number(from, "errors"),
          .input_tokens = Number(from, "input_tokens"),
          .output_tokens = Number(from, "output_tokens"),
          .cache_read_tokens = Number(from, "cache_read_tokens"),
          .calls_without_usage = Number(from, "calls_without_usage"),
          .cost = Real(cost, "total"),
          .unpriced_calls = Number(cost, "unpriced_calls"),
          .no_usage_calls = Number(cost, "no_usage_calls")};
}

CallSumsRow ReadCallSumsRow(const Json& from) {
  CallSumsRow row{.start_unix_nano = Number(from, "start_unix_nano"),
                  .totals = ReadTotals(from),
                  .duration_p50_nano = Number(Object(from, "duration_nano"), "p50"),
                  .duration_p95_nano = Number(Object(from, "duration_nano"), "p95"),
                  .time_to_first_token_p50 = Real(Object(from, "time_to_first_token"), "p50").value_or(-1),
                  .json = Dump(from)};
  for (const auto& [name, value] : Object(from, "key").items()) {
    row.key.emplace_back(name, value.is_string() ? value.get<std::string>() : std::string());
  }
  return row;
}

ShownSpan ReadSpan(const Json& from) {
  ShownSpan span{.span_id = Text(from, "spanId"),
                 .parent_span_id = Text(from, "parentSpanId"),
                 .name = Text(from, "name"),
                 .service = Text(from, "service"),
                 .start_unix_nano = Number(from, "startTimeUnixNano"),
                 .end_unix_nano = Number(from, "endTimeUnixNano"),
                 .kind = SmallNumber(from, "kind"),
                 .attributes = ReadAttributes(from)};
  if (const Json* status = Find(from, "status"); status != nullptr) {
    span.status_code = SmallNumber(*status, "code");
    span.status_message = Text(*status, "message");
  }
  for (const Json& event : Array(from, "events")) span.events.push_back(ReadEvent(event));
  for (const Json& link : Array(from, "links")) {
    span.links.push_back({Text(link, "traceId"), Text(link, "spanId"), ReadAttributes(link)});
  }
  if (const Json* call = Find(from, "call"); call != nullptr && call->is_object())
    span.call = ReadCall(*call);
  return span;
}

ShownTrace::Completeness ReadCompleteness(const Json& trace) {
  ShownTrace::Completeness completeness;
  const Json* from = Find(trace, "completeness");
  if (from == nullptr) return completeness;
  completeness.complete = Flag(*from, "complete");
  completeness.root_missing = Flag(*from, "root_missing");
  completeness.truncated = Flag(*from, "truncated");
  completeness.duplicate_spans = Number(*from, "duplicate_spans");
  completeness.dropped_attributes = Number(*from, "dropped_attributes");
  completeness.dropped_events = Number(*from, "dropped_events");
  completeness.dropped_links = Number(*from, "dropped_links");
  completeness.missing_content = Number(*from, "missing_content");
  for (const Json& id : Array(*from, "missing_parents")) {
    if (id.is_string()) completeness.missing_parents.push_back(id.get<std::string>());
  }
  return completeness;
}

}  // namespace

void ShownTotals::Add(const ShownTotals& other) {
  calls += other.calls;
  errors += other.errors;
  input_tokens += other.input_tokens;
  output_tokens += other.output_tokens;
  cache_read_tokens += other.cache_read_tokens;
  calls_without_usage += other.calls_without_usage;
  if (other.cost) cost = cost.value_or(0) + *other.cost;
  unpriced_calls += other.unpriced_calls;
  no_usage_calls += other.no_usage_calls;
}

const ShownAttribute* ShownSpan::Find(std::string_view key) const {
  const auto found = std::ranges::find(attributes, key, &ShownAttribute::key);
  return found == attributes.end() ? nullptr : &*found;
}

Result<ListedTraces> ReadListedTracesUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of traces", body, "items"));
  ListedTraces page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) {
    page.items.push_back({.trace_id = Text(item, "trace_id"),
                          .service = Text(item, "service"),
                          .name = Text(item, "name"),
                          .status = Text(item, "status"),
                          .root_missing = Flag(item, "root_missing"),
                          .start_unix_nano = Number(item, "start_unix_nano"),
                          .duration_nano = Number(item, "duration_nano"),
                          .span_count = Number(item, "span_count"),
                          .error_count = Number(item, "error_count"),
                          .totals = ReadTotals(Object(item, "totals")),
                          .json = Dump(item)});
  }
  return page;
}

uint64_t ReadDroppedUntrusted(std::string_view data) {
  const auto json = Parse("the event", data, nullptr);
  return json ? Number(*json, "count") : 0;
}

Result<ShownTrace> ReadShownTraceUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the trace", body, "spans"));
  ShownTrace trace{.trace_id = Text(json, "trace_id"),
                   .start_unix_nano = Number(json, "start_unix_nano"),
                   .duration_nano = Number(json, "duration_nano"),
                   .span_count = Number(json, "span_count"),
                   .error_count = Number(json, "error_count"),
                   .completeness = ReadCompleteness(json),
                   .totals = ReadTotals(Object(json, "totals"))};
  if (const Json* totals = Find(json, "totals"); totals != nullptr) trace.totals_json = Dump(*totals);
  for (const Json& service : Array(json, "services")) {
    trace.services.push_back(
        {Text(service, "name"), Number(service, "span_count"), Number(service, "error_count")});
  }
  for (const Json& span : Array(json, "spans")) trace.spans.push_back(ReadSpan(span));
  return trace;
}

Result<ListedLogs> ReadListedLogsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of logs", body, "items"));
  ListedLogs page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) {
    ListedLog log{.time_unix_nano = Number(item, "time_unix_nano"),
                  .trace_id = Text(item, "traceId"),
                  .service = Text(item, "service"),
                  .severity = Text(item, "severityText"),
                  .severity_number = SmallNumber(item, "severityNumber"),
                  .event_name = Text(item, "eventName"),
                  .body = ReadValue(item, "body"),
                  .json = Dump(item)};
    if (log.severity.empty()) log.severity = SeverityName(log.severity_number);
    page.items.push_back(std::move(log));
  }
  return page;
}

Result<ListedCalls> ReadListedCallsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of calls", body, "items"));
  ListedCalls page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) {
    page.items.push_back({.trace_id = Text(item, "trace_id"),
                          .span_id = Text(item, "span_id"),
                          .start_unix_nano = Number(item, "start_unix_nano"),
                          .duration_nano = Number(item, "duration_nano"),
                          .service = Text(item, "service"),
                          .name = Text(item, "name"),
                          .counts = Flag(item, "counts"),
                          .call = ReadCall(Object(item, "call")),
                          .json = Dump(item)});
  }
  return page;
}

namespace {

std::vector<std::string> Texts(const Json& object, const char* name) {
  std::vector<std::string> texts;
  for (const Json& text : Array(object, name)) {
    if (text.is_string()) texts.push_back(text.get<std::string>());
  }
  return texts;
}

ListedConversation ReadConversation(const Json& item) {
  return {.id = Text(item, "id"),
          .title = Text(item, "title"),
          .start_unix_nano = Number(item, "start_unix_nano"),
          .end_unix_nano = Number(item, "end_unix_nano"),
          .turns = Number(item, "turns"),
          .call_count = Number(item, "call_count"),
          .trace_count = Number(item, "trace_count"),
          .models = Texts(item, "models"),
          .users = Texts(item, "users"),
          .services = Texts(item, "services"),
          .totals = ReadTotals(Object(item, "totals")),
          .json = Dump(item)};
}

// A text, or what stands in the place of a long one.
void ReadText(const Json& object, const char* name, SaidPart& part) {
  const Json* value = Find(object, name);
  if (value == nullptr) return;
  if (value->is_string()) {
    part.text += value->get<std::string>();
  } else if (value->is_object()) {
    part.text += Text(*value, "preview");
    part.size_bytes = Number(Object(*value, "large"), "size_bytes");
  }
}

SaidPart ReadPart(const std::string& role, const Json& from) {
  SaidPart part{.role = role};
  const std::string type = Text(from, "type");
  if (type == "tool_call" || type == "server_tool_call") {
    part.text = "calls " + Text(from, "name") + " ";
    ReadText(from, "arguments", part);
  } else if (type == "tool_call_response" || type == "server_tool_call_response") {
    ReadText(from, "response", part);
  } else {
    if (type != "text") part.text = "[" + type + "] ";
    ReadText(from, "content", part);
    ReadText(from, "uri", part);
    ReadText(from, "file_id", part);
  }
  return part;
}

void ReadMessages(const Json& added, const char* name, std::vector<SaidPart>& said) {
  for (const Json& message : Array(added, name)) {
    for (const Json& part : Array(message, "parts")) said.push_back(ReadPart(Text(message, "role"), part));
  }
}

}  // namespace

Result<ListedConversations> ReadListedConversationsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the list of conversations", body, "items"));
  ListedConversations page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) page.items.push_back(ReadConversation(item));
  return page;
}

Result<ConversationPage> ReadConversationPageUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the conversation", body, "items"));
  TELLTALE_ASSIGN_OR_RETURN(ListedCalls calls, ReadListedCallsUntrusted(body));
  ConversationPage page{.conversation = ReadConversation(Object(json, "conversation")),
                        .next = std::move(calls.next)};
  const Json& items = Array(json, "items");
  for (size_t i = 0; i < calls.items.size(); ++i) {
    const Json& added = Object(items[i], "added");
    ConversationItem& item = page.items.emplace_back();
    item.call = std::move(calls.items[i]);
    item.resent_messages = Number(added, "resent_messages");
    for (const Json& part : Array(added, "system_instructions"))
      item.said.push_back(ReadPart("system", part));
    ReadMessages(added, "messages", item.said);
    ReadMessages(added, "output", item.answered);
  }
  return page;
}

Result<std::vector<std::string>> ReadNamesUntrusted(std::string_view body, const char* key) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("a list of names", body, "items"));
  std::vector<std::string> names;
  for (const Json& item : Array(json, "items")) {
    std::string name = Text(item, key);
    if (name.empty()) name = Text(Object(item, "key"), key);
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

Result<CallSumsPage> ReadCallSumsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the sums of calls", body, "items"));
  CallSumsPage page{.next = Text(json, "next")};
  for (const Json& item : Array(json, "items")) page.items.push_back(ReadCallSumsRow(item));
  return page;
}

Result<Repriced> ReadRepricedUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the repriced calls", body, "changes"));
  Repriced repriced{.applied = Flag(json, "applied"),
                    .table_version = Text(json, "table_version"),
                    .calls = Number(json, "calls"),
                    .changed = Number(json, "changed"),
                    .from = Real(json, "from").value_or(0),
                    .to = Real(json, "to").value_or(0)};
  for (const Json& change : Array(json, "changes")) {
    repriced.changes.push_back({.provider = Text(change, "provider"),
                                .model = Text(change, "model"),
                                .from_rule = Text(change, "from_rule"),
                                .to_rule = Text(change, "to_rule"),
                                .calls = Number(change, "calls"),
                                .from = Real(change, "from").value_or(0),
                                .to = Real(change, "to").value_or(0)});
  }
  return repriced;
}

Result<std::vector<CounterReading>> ReadCountersUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the counters", body, "items"));
  std::vector<CounterReading> counters;
  for (const Json& item : Array(json, "items")) {
    counters.push_back(
        {Text(item, "name"), Text(item, "severity"), Text(item, "meaning"), Number(item, "value")});
  }
  return counters;
}

Result<ServerStats> ReadServerStatsUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the server's stats", body, nullptr));
  if (Find(json, "version") == nullptr) return NotTheAnswer("the server's stats", "it holds no version");
  ServerStats stats{.version = Text(json, "version"),
                    .uptime_seconds = Number(json, "uptime_seconds"),
                    .spans_stored = Number(json, "spans_stored"),
                    .log_lag_bytes = Number(json, "log_lag_bytes"),
                    .newest_unix_nano = Number(json, "newest_unix_nano")};
  if (const Json* receivers = Find(json, "receivers"); receivers != nullptr) {
    stats.otlp_grpc = Text(*receivers, "otlp_grpc");
    stats.otlp_http = Text(*receivers, "otlp_http");
  }
  return stats;
}

Result<std::vector<std::string>> ReadKeysUntrusted(std::string_view body) {
  TELLTALE_ASSIGN_OR_RETURN(const Json json, Parse("the attribute keys", body, "items"));
  std::vector<std::string> keys;
  for (const Json& item : Array(json, "items")) keys.push_back(Text(item, "key"));
  return keys;
}

}  // namespace telltale
