#include "calls/mapper.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/counters.h"
#include "calls/field_setters.h"
#include "calls/vocabulary.h"
#include "json/writer.h"

namespace telltale {
namespace {

// A span with more is taken as it is up to here; none of the captured ones has a tenth.
constexpr size_t kHitsMax = 200'000;

CallKind KindOfValue(const Rule& rule, std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  for (const KindName& name : rule.kinds) {
    if (EqualsIgnoringCase(text, name.value)) return name.kind;
  }
  return CallKind::kNone;
}

// The order of use: by field, the span's own before its events', then the rules' order;
// of one rule the later attribute first, since the last value of a key counts.
uint64_t RankOf(const RuleTable& rules, const Rule* rule, uint32_t source, size_t position) {
  return static_cast<uint64_t>(rule->field) << 56 | static_cast<uint64_t>(source != 0) << 55 |
         static_cast<uint64_t>(rules.PlaceOf(rule)) << 32 |
         (source == 0 ? 0xFFFFFFFF - static_cast<uint32_t>(position) : static_cast<uint32_t>(position));
}

bool HasModel(const MapContext& context) {
  return !context.call.request.model.empty() || !context.call.response.model.empty() ||
         context.model_in_use != nullptr;
}

bool IsModelEvidence(const MapContext& context) {
  const Call& call = context.call;
  const UsageClaims& usage = context.usage;
  return HasModel(context) || usage.input_tokens >= 0 || usage.output_tokens >= 0 ||
         usage.total_tokens >= 0 || !call.input.messages.empty() || !call.output.messages.empty();
}

// What the span is when no key says it: by what it has.
CallKind KindByStructure(const MapContext& context) {
  const Call& call = context.call;
  if (context.structural_kind != CallKind::kNone && context.structural_kind != CallKind::kTool &&
      context.structural_kind != CallKind::kPrompt)
    return context.structural_kind;
  const bool has_model = HasModel(context);
  if (context.structural_kind == CallKind::kTool && !has_model) return CallKind::kTool;
  // A step that builds a prompt may count its tokens: nothing was asked yet.
  const bool is_unanswered = !has_model && context.usage.output_tokens < 0 && call.output.messages.empty();
  if (context.structural_kind == CallKind::kPrompt && is_unanswered) return CallKind::kPrompt;
  if (IsModelEvidence(context)) return CallKind::kLlm;
  if (context.structural_kind != CallKind::kNone) return context.structural_kind;
  return CallKind::kUnknown;
}

// The traps in which a kind key says less than the truth.
void CorrectKind(MapContext& context) {
  Call& call = context.call;
  if (call.kind == CallKind::kNone) call.kind = KindByStructure(context);
  const bool has_usage = context.usage.input_tokens >= 0 || context.usage.output_tokens >= 0;
  // Langfuse's older SDKs say "span" of a generation too.
  if (call.dialect == "langfuse" && call.kind == CallKind::kChain &&
      (has_usage || !call.request.model.empty()))
    call.kind = CallKind::kLlm;
  if (call.dialect == "haystack" && call.kind == CallKind::kChain && !call.graph_node_name.empty())
    call.kind = KindOfHaystackComponent(call.graph_node_name);
  if (call.dialect == "genkit") ReadGenkitModelName(context);
  if (context.scope_name == "litellm" && context.span.name == "raw_gen_ai_request")
    call.kind = CallKind::kLlm;
}

void DecideProvider(MapContext& context, Hits hits) {
  Call& call = context.call;
  for (const Hit& hit : hits) {
    const std::string_view raw = UnquotedTextOf(hit.attribute->value, context.pool, context.arena());
    if (context.provider_as_sent.empty()) context.provider_as_sent = raw;
    const std::string_view name = CanonicalProvider(raw, context.arena());
    if (name.empty() || !call.provider.empty()) {
      if (context.explanation != nullptr)
        context.explanation->LeftOut(hit.attribute->key, name.empty() ? "names a framework, no provider"
                                                                      : "another attribute tells provider");
      continue;
    }
    call.provider = name;
    context.Told(CallField::kProvider, hit);
  }
  const auto by = [&](std::string_view provider, std::string_view key, std::string_view rule) {
    if (provider.empty()) return;
    call.provider = provider;
    if (context.explanation != nullptr) context.explanation->Told("provider", key, rule);
  };
  // An SDK that is pointed elsewhere still names its maker: the address decides.
  if (call.provider.empty() || call.provider == "openai" || call.provider.starts_with("azure."))
    by(ProviderOfAddress(context.server_address), "server.address", "the host that was asked");
  if (call.provider.empty() && !call.vendor.empty())
    by(CanonicalProvider(call.vendor, context.arena()), "llm.system",
       "the maker of the model, for want of a host");
  if (call.provider.empty()) by(ProviderOfModel(call.request.model), "request.model", "by the model's name");
  if (call.provider.empty())
    by(ProviderOfModel(call.response.model), "response.model", "by the model's name");
  if (call.vendor == call.provider) call.vendor = {};
}

void MapFinishReasons(MapContext& context, Hits hits) {
  std::vector<std::string_view> texts;
  for (const Hit& hit : hits) {
    texts.clear();
    AppendTextsOf(hit.attribute->value, true, context.pool, context.arena(), texts);
    if (texts.empty()) continue;
    for (const std::string_view raw : texts)
      context.call.response.finish_reasons.push_back({FinishReasonOf(raw), raw});
    context.Told(CallField::kResponseFinishReasons, hit);
    return context.LeftOut(hits.subspan(static_cast<size_t>(&hit - hits.data()) + 1),
                           "another attribute tells response.finish_reasons");
  }
}

bool MapTexts(MapContext& context, Hits hits, bool split, bool quoted, Run& run) {
  Call& call = context.call;
  for (const Hit& hit : hits) {
    run.begin = static_cast<uint32_t>(call.texts.size());
    AppendTextsOf(hit.attribute->value, split, context.pool, context.arena(), call.texts);
    if (quoted) {
      for (size_t i = run.begin; i < call.texts.size(); ++i)
        call.texts[i] = UnquotedTextOf(Value::String(call.texts[i]), context.pool, context.arena());
    }
    run.count = static_cast<uint32_t>(call.texts.size()) - run.begin;
    if (run.count == 0) continue;
    context.Told(hit.rule->field, hit);
    context.LeftOut(hits.subspan(static_cast<size_t>(&hit - hits.data()) + 1),
                    "another attribute tells the field");
    return true;
  }
  return false;
}

void MapMetadata(MapContext& context, Hits hits) {
  std::vector<MetadataEntry>& metadata = context.call.metadata;
  const auto add = [&](std::string_view key, const Value& value) {
    const bool is_there =
        std::ranges::any_of(metadata, [&](const MetadataEntry& entry) { return entry.key == key; });
    if (!key.empty() && !is_there && metadata.size() < 1'000) metadata.push_back({key, value});
  };
  for (const Hit& hit : hits) {
    context.Told(CallField::kMetadata, hit);
    if (hit.rule->form == ValueForm::kEntries) {
      add(hit.attribute->key.substr(hit.rule->key.size()), hit.attribute->value);
      continue;
    }
    const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
    const auto members = parsed.root().members();
    for (auto at = members.begin(); at != members.end(); ++at)
      add(at.key(), Value::String((*at).Text(context.arena())));
  }
  std::ranges::sort(metadata, {}, &MetadataEntry::key);
}

std::string_view ObjectOfEntries(MapContext& context, Hits hits) {
  std::string json;
  std::vector<const Hit*> sorted;
  for (const Hit& hit : hits) sorted.push_back(&hit);
  std::ranges::sort(sorted, {}, [](const Hit* hit) { return hit->attribute->key; });
  JsonWriter writer(json);
  writer.BeginObject();
  for (const Hit* hit : sorted) {
    writer.Key(hit->attribute->key.substr(hit->rule->key.size()));
    if (const auto number = hit->attribute->value.type == ValueType::kString
                                ? std::nullopt
                                : NumberOf(hit->attribute->value)) {
      writer.Double(*number);
    } else {
      writer.String(context.Text(hit->attribute->value));
    }
  }
  writer.EndObject();
  return context.arena().Copy(json);
}

void MapPromptVariables(MapContext& context, Hits hits) {
  const bool is_entries = hits[0].rule->form == ValueForm::kEntries;
  context.call.prompt.variables =
      is_entries ? ObjectOfEntries(context, hits) : context.Text(hits[0].attribute->value);
  for (const Hit& hit : is_entries ? hits : hits.subspan(0, 1))
    context.Told(CallField::kPromptVariables, hit);
}

void MapCost(MapContext& context, CallField field, Hits hits) {
  ReportedCost& cost = context.call.reported_cost;
  const auto set = [&](double& place, std::optional<double> number) {
    if (number && std::isnan(place) && *number >= 0) place = *number;
  };
  if (field != CallField::kCostDetails) {
    double& place = field == CallField::kCostTotal   ? cost.total
                    : field == CallField::kCostInput ? cost.input
                                                     : cost.output;
    for (const Hit& hit : hits) {
      if (!std::isnan(place)) return;
      set(place, NumberOf(hit.attribute->value));
      if (!std::isnan(place)) context.Told(field, hit);
    }
    return;
  }
  if (hits[0].rule->form == ValueForm::kEntries) {
    cost.details = ObjectOfEntries(context, hits);
  } else {
    cost.details = context.Text(hits[0].attribute->value);
    const auto parsed = context.pool.ParseUntrusted(cost.details);
    set(cost.total, parsed.root().FirstOf("total", "total_cost").Number());
    set(cost.input, parsed.root().FirstOf("input", "input_cost").Number());
    set(cost.output, parsed.root().FirstOf("output", "output_cost").Number());
    if (std::isnan(cost.total) && !std::isnan(cost.input) && !std::isnan(cost.output))
      cost.total = cost.input + cost.output;
  }
  for (const Hit& hit : hits) context.Told(CallField::kCostDetails, hit);
}

void MapUsageObjects(MapContext& context, Hits hits) {
  for (const Hit& hit : hits) {
    const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
    if (!parsed) continue;
    UsagePlace place = UsagePlace::kWhole;
    if (hit.rule->field == CallField::kUsageInputDetails) place = UsagePlace::kInputDetails;
    if (hit.rule->field == CallField::kUsageOutputDetails) place = UsagePlace::kOutputDetails;
    if (hit.rule->form == ValueForm::kVercel) {
      // {"anthropic": {"usage": {...}, "cacheCreationInputTokens": 3}}
      const auto providers = parsed.root().members();
      for (auto at = providers.begin(); at != providers.end(); ++at)
        ClaimUsageObject(*at, place, hit.rule->is_exclusive, context.usage);
    } else {
      ClaimUsageObject(parsed.root(), place, hit.rule->is_exclusive, context.usage);
    }
    context.ToldBy("usage", hit);
  }
}

// Some instrumentations write the model that was asked there, some the one that answered.
void TakeModelInUse(MapContext& context) {
  if (context.model_in_use == nullptr) return;
  const auto take = [&](std::string_view path, std::string_view& field) {
    if (!field.empty()) return;
    field = context.Text(context.model_in_use->attribute->value);
    if (IsSentinel(field)) field = {};
    if (!field.empty()) context.ToldBy(path, *context.model_in_use, "the model in use");
  };
  take("request.model", context.call.request.model);
  take("response.model", context.call.response.model);
}

void MapTimeToFirstToken(MapContext& context, Hits hits) {
  for (const Hit& hit : hits) {
    const Value& value = hit.attribute->value;
    std::optional<double> seconds;
    if (hit.rule->form == ValueForm::kIsoTime) {
      const auto nanos = UnixNanosOfIso(context.Text(value));
      const auto start = static_cast<int64_t>(context.span.start_unix_nano);
      if (nanos && *nanos >= start) seconds = static_cast<double>(*nanos - start) / 1e9;
    } else if (const auto number = NumberOf(value); number && *number > 0) {
      seconds = number;
      if (hit.rule->form == ValueForm::kMilliseconds) *seconds /= 1000;
      if (hit.rule->form == ValueForm::kServerTime) seconds = ServerTimeInSeconds(context, *number);
    }
    if (!seconds) continue;
    context.call.time_to_first_token = seconds;
    context.Told(CallField::kTimeToFirstToken, hit);
    // Who asks sees a first token only of a stream; a server sees it of every answer.
    if (!context.call.stream && hit.rule->dialect != "vllm") {
      context.call.stream = true;
      context.Told(CallField::kStream, hit, "a first token is told");
    }
    return context.LeftOut(hits.subspan(static_cast<size_t>(&hit - hits.data()) + 1),
                           "another attribute tells time_to_first_token");
  }
}

void MapSystemInstructions(MapContext& context, Hits hits) {
  Call& call = context.call;
  for (const Hit& hit : hits) {
    MessageReader reader = context.messages();
    Message message;
    reader.Begin("system", message);
    const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
    const JsonValue root = parsed.root();
    if (root.is_array()) {
      // A list of parts, or LiteLLM's list of messages.
      for (const JsonValue item : root.items()) {
        if (item["role"] && item.FirstOf("parts", "content")) {
          reader.ReadContent(item.FirstOf("parts", "content"));
        } else {
          reader.ReadPart(item);
        }
      }
    } else if (root.is_object()) {
      reader.ReadContent(root.FirstOf("parts", "content") ? root.FirstOf("parts", "content") : root);
    } else {
      reader.AddText(UnquotedTextOf(hit.attribute->value, context.pool, context.arena()));
    }
    message.parts.count = static_cast<uint32_t>(call.parts.size()) - message.parts.begin;
    if (message.parts.count == 0) continue;
    call.system_instructions = message.parts;
    context.Told(CallField::kSystemInstructions, hit);
    return;
  }
}

// The hits of the first rule in `hits`.
Hits OfOneRule(Hits hits) {
  size_t count = 1;
  while (count < hits.size() && hits[count].rule == hits[0].rule &&
         hits[count].is_of_span == hits[0].is_of_span)
    ++count;
  return hits.subspan(0, count);
}

bool ReadMessagesHit(MapContext& context, const Hit& hit, bool is_input) {
  std::vector<Message>& out = is_input ? context.call.input.messages : context.call.output.messages;
  const std::string_view role = is_input ? "user" : "assistant";
  const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
  if (hit.rule->form == ValueForm::kConversation) {
    ReadPydanticConversation(context, parsed.root());
    return !out.empty();
  }
  const JsonValue root = hit.rule->form == ValueForm::kLiveKit && parsed.root()["items"]
                             ? parsed.root()["items"]
                             : parsed.root();
  if (parsed && (root.is_array() || root.is_object() || root.is_string())) {
    if (root.is_array() && root.items().empty()) return false;
    if (context.messages().ReadMessages(root, role, out)) return true;
  }
  const std::string_view text = context.Text(hit.attribute->value);
  if (IsSentinel(text)) return false;
  MessageReader reader = context.messages();
  Message message;
  reader.Begin(role, message);
  reader.AddText(text);
  reader.End(message, out);
  return true;
}

void MapMessages(MapContext& context, Hits hits, bool is_input) {
  const std::vector<Message>& out = is_input ? context.call.input.messages : context.call.output.messages;
  while (!hits.empty()) {
    const Hits group = OfOneRule(hits);
    hits = hits.subspan(group.size());
    const ValueForm form = group[0].rule->form;
    if (form == ValueForm::kOpenInference || form == ValueForm::kTraceloop) {
      MapIndexedMessages(context, group, is_input);
      if (!out.empty()) context.Told(group[0].rule->field, group[0]);
    } else if (group[0].is_of_span) {
      if (ReadMessagesHit(context, group[0], is_input)) context.Told(group[0].rule->field, group[0]);
    } else {
      // Several events may each tell a part, in the order of time.
      for (const Hit& hit : group) {
        if (ReadMessagesHit(context, hit, is_input)) context.Told(hit.rule->field, hit);
      }
    }
    if (out.empty()) continue;
    return context.LeftOut(hits, is_input ? "another attribute tells input.messages"
                                          : "another attribute tells output.messages");
  }
}

// The answer where it is told in pieces: its text, its thoughts, its tool calls, files.
class AnswerPieces {
 public:
  explicit AnswerPieces(MapContext& context) : context_(context), reader_(context.messages()) {}

  void Map(CallField field, Hits hits) {
    if (!context_.call.output.messages.empty() && !is_open_)
      return context_.LeftOut(hits, "another attribute tells output.messages");
    for (const Hit& hit : hits) {
      if (!is_open_) reader_.Begin("assistant", message_);
      is_open_ = true;
      const size_t before = context_.call.parts.size();
      Add(field, hit);
      if (context_.call.parts.size() == before) continue;
      context_.Told(CallField::kOutputMessages, hit);
      return context_.LeftOut(hits.subspan(static_cast<size_t>(&hit - hits.data()) + 1),
                              "another attribute tells the same piece of the answer");
    }
  }

  void Close() {
    if (!is_open_) return;
    is_open_ = false;
    if (context_.call.parts.size() > message_.parts.begin)
      reader_.End(message_, context_.call.output.messages);
  }

 private:
  void Add(CallField field, const Hit& hit) {
    if (field == CallField::kOutputText) return reader_.AddText(context_.Text(hit.attribute->value));
    const auto parsed = context_.pool.ParseUntrusted(hit.attribute->value, context_.arena());
    if (field == CallField::kOutputReasoning) {
      std::string_view text = context_.Text(hit.attribute->value);
      if (parsed.root().is_array()) {
        for (const JsonValue part : parsed.root().items()) reader_.ReadPart(part);
      } else if (!text.empty()) {
        reader_.AddPart({.type = PartType::kReasoning, .text = text});
      }
    } else if (field == CallField::kOutputToolCalls) {
      reader_.ReadToolCalls(parsed.root(), message_);
    } else {
      for (const JsonValue file : parsed.root().items()) reader_.ReadPart(file);
    }
  }

  MapContext& context_;
  MessageReader reader_;
  Message message_;
  bool is_open_ = false;
};

bool ReadRequest(MapContext& context, const Hit& hit) {
  const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
  return ReadRequestBody(context, parsed.root(), hit);
}

bool ReadResponse(MapContext& context, const Hit& hit) {
  const Value& value = hit.attribute->value;
  if (value.type == ValueType::kString && IsStreamBody(value.text))
    return ReadStreamBody(context, value.text, hit);
  const auto parsed = context.pool.ParseUntrusted(value, context.arena());
  const JsonValue root = parsed.root();
  for (const JsonValue first : root.items()) {
    const bool is_chunk = first["candidates"] || first["choices"];
    if (is_chunk) return ReadStreamChunks(context, root, hit);
    break;
  }
  return ReadResponseBody(context, root, hit);
}

// What went in or came out of a span: a model's request or answer is read, of other
// spans it is kept as it is.
void MapPayload(MapContext& context, Hits hits, bool is_request) {
  Call& call = context.call;
  CallContent& content = is_request ? call.input : call.output;
  std::string_view& tool_side = is_request ? call.tool.arguments : call.tool.result;
  for (const Hit& hit : hits) {
    const std::string_view path = is_request ? "input.value" : "output.value";
    if (IsModelCall(call.kind)) {
      if (hit.rule->form == ValueForm::kLiteLlmRaw) {
        ReadLiteLlmRaw(context, OfOneRule(hits.subspan(static_cast<size_t>(&hit - hits.data()))));
        return;
      }
      const bool told = is_request ? ReadRequest(context, hit) : ReadResponse(context, hit);
      // Whoever told only a parameter has not told what was said: the whole is kept.
      if (!content.messages.empty() || (told && call.kind == CallKind::kEmbedding)) {
        if (!told) context.LeftOut({&hit, 1}, "other attributes tell all of it");
        continue;
      }
    } else if (hit.rule->form == ValueForm::kLiteLlmRaw) {
      context.LeftOut({&hit, 1}, "no field of this kind of call");
      continue;
    }
    const std::string_view text = hit.rule->form == ValueForm::kQuoted
                                      ? UnquotedTextOf(hit.attribute->value, context.pool, context.arena())
                                      : context.Text(hit.attribute->value);
    if (IsSentinel(text)) {
      context.LeftOut({&hit, 1}, "says nothing");
    } else if (!content.value.empty()) {
      context.LeftOut({&hit, 1}, "another attribute tells it");
    } else if (IsModelCall(call.kind) && call.kind != CallKind::kEmbedding && !LooksLikeJson(text)) {
      MessageReader reader = context.messages();
      Message message;
      reader.Begin(is_request ? "user" : "assistant", message);
      reader.AddText(text);
      reader.End(message, content.messages);
      context.ToldBy(is_request ? "input.messages" : "output.messages", hit, "as text");
    } else {
      content.value = text;
      context.ToldBy(path, hit);
      if (call.kind == CallKind::kTool && tool_side.empty()) {
        tool_side = text;
        context.ToldBy(is_request ? "tool.call.arguments" : "tool.call.result", hit);
      }
      if (call.kind == CallKind::kRetriever && !is_request && call.documents.empty()) {
        const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
        const JsonValue root = parsed.root();
        ReadDocuments(context, root.is_array() ? root : root.FirstOf("output", "documents", "results"),
                      call.documents);
      }
      if (call.kind == CallKind::kRetriever && is_request && call.retrieval_query.empty() &&
          !LooksLikeJson(text))
        call.retrieval_query = text;
    }
  }
}

void MapErrorFlag(MapContext& context, Hits hits) {
  for (const Hit& hit : hits) {
    const Value& value = hit.attribute->value;
    const bool is_error = value.type == ValueType::kString ? EqualsIgnoringCase(value.text, "error") ||
                                                                 EqualsIgnoringCase(value.text, "true")
                                                           : BoolOf(value).value_or(false);
    if (!is_error) continue;
    context.call.failed = true;
    context.ToldBy("failed", hit);
  }
}

void MapKind(MapContext& context, Hits hits) {
  for (const Hit& hit : hits) {
    const std::string_view text = context.Text(hit.attribute->value);
    const CallKind kind = KindOfValue(*hit.rule, text);
    if (kind == CallKind::kNone || context.call.kind != CallKind::kNone) {
      if (kind == CallKind::kNone) context.LeftOut({&hit, 1}, "its value names no kind of call");
      if (kind != CallKind::kNone) context.LeftOut({&hit, 1}, "another attribute tells kind");
      continue;
    }
    context.call.kind = kind;
    context.call.dialect = hit.rule->dialect;
    context.is_from_kind_key = true;
    context.Told(CallField::kKind, hit);
    // ai.streamText.doStream, chat.streaming_completions.
    if (LowerCase(text, context.arena()).find("stream") == std::string_view::npos) continue;
    context.call.stream = true;
    context.Told(CallField::kStream, hit, "by the operation's name");
  }
}

void MapJsonList(MapContext& context, Hits hits) {
  const CallField field = hits[0].rule->field;
  Call& call = context.call;
  while (!hits.empty()) {
    const Hits group = OfOneRule(hits);
    hits = hits.subspan(group.size());
    const ValueForm form = group[0].rule->form;
    const bool is_flat = form == ValueForm::kIndexed || form == ValueForm::kOpenInference;
    const auto parsed = is_flat ? context.pool.ParseUntrusted(std::string_view())
                                : context.pool.ParseUntrusted(group[0].attribute->value, context.arena());
    bool told = false;
    if (field == CallField::kToolDefinitions) {
      if (is_flat) {
        MapToolDefinitions(context, group);
      } else if (parsed) {
        ReadToolDefinitions(context, parsed.root());
      } else {
        std::vector<std::string_view> names;
        AppendTextsOf(group[0].attribute->value, true, context.pool, context.arena(), names);
        for (const std::string_view name : names) call.tool_definitions.push_back({.name = name});
      }
      told = !call.tool_definitions.empty();
    } else {
      std::vector<Document>& documents =
          field == CallField::kRetrievalDocuments ? call.documents : call.ranked_documents;
      is_flat ? MapDocuments(context, group, documents) : ReadDocuments(context, parsed.root(), documents);
      told = !documents.empty();
    }
    if (!told) continue;
    context.Told(field, group[0]);
    return context.LeftOut(hits, "another attribute tells the field");
  }
}

// Attributes that tell more than what was said come before these fields.
bool TellsOnlyContent(const MapContext& context, CallField field) {
  const Call& call = context.call;
  if (call.kind == CallKind::kNone || call.request.model.empty()) return false;
  if (context.usage.input_tokens < 0 || context.usage.output_tokens < 0) return false;
  if (field != CallField::kOutputMessages) return true;
  return !call.response.model.empty() && !call.response.id.empty() && !call.response.finish_reasons.empty();
}

void MapSpecial(MapContext& context, CallField field, Hits hits) {
  Call& call = context.call;
  switch (field) {
    case CallField::kKind:
      return MapKind(context, hits);
    case CallField::kServerAddress:
      context.server_address = context.Text(hits[0].attribute->value);
      return;
    case CallField::kProvider:
      return DecideProvider(context, hits);
    case CallField::kRequestStop:
      MapTexts(context, hits, false, false, call.request.stop);
      return;
    case CallField::kResponseFinishReasons:
      return MapFinishReasons(context, hits);
    case CallField::kUsageDetails:
    case CallField::kUsageInputDetails:
    case CallField::kUsageOutputDetails:
      return MapUsageObjects(context, hits);
    case CallField::kCostTotal:
    case CallField::kCostInput:
    case CallField::kCostOutput:
    case CallField::kCostDetails:
      return MapCost(context, field, hits);
    case CallField::kTimeToFirstToken:
      return MapTimeToFirstToken(context, hits);
    case CallField::kPromptVariables:
      return MapPromptVariables(context, hits);
    case CallField::kTags:
      MapTexts(context, hits, true, false, call.tags);
      return;
    case CallField::kMetadata:
      return MapMetadata(context, hits);
    case CallField::kErrorFlag:
      return MapErrorFlag(context, hits);
    case CallField::kEmbeddingText:
      if (hits[0].rule->form == ValueForm::kIndexed) return MapEmbeddingTexts(context, OfOneRule(hits));
      MapTexts(context, hits, false, hits[0].rule->form == ValueForm::kQuoted, call.embedding_texts);
      return;
    case CallField::kRetrievalDocuments:
    case CallField::kRerankerInputDocuments:
      return MapJsonList(context, hits);
    case CallField::kToolDefinitions:
      if (context.facts_only && TellsOnlyContent(context, field)) return;
      return MapJsonList(context, hits);
    case CallField::kEvaluations:
      for (Hits rest = hits; !rest.empty(); rest = rest.subspan(OfOneRule(rest).size()))
        MapEvaluations(context, OfOneRule(rest));
      return;
    case CallField::kSystemInstructions:
      if (context.facts_only && TellsOnlyContent(context, field)) return;
      return MapSystemInstructions(context, hits);
    case CallField::kInputMessages:
    case CallField::kOutputMessages:
      if (context.facts_only && TellsOnlyContent(context, field)) return;
      return MapMessages(context, hits, field == CallField::kInputMessages);
    case CallField::kRequestParams:
      call.request.params = context.Text(hits[0].attribute->value);
      for (const Hit& hit : hits) {
        const auto parsed = context.pool.ParseUntrusted(hit.attribute->value, context.arena());
        ReadParameters(context, parsed.root(), hit);
      }
      return context.Told(field, hits[0]);
    case CallField::kPayloadRequest:
    case CallField::kPayloadResponse:
      return MapPayload(context, hits, field == CallField::kPayloadRequest);
    default:
      return;
  }
}

void MapEmbeddingVector(MapContext& context, Hits hits) {
  if (context.call.embedding_dimensions) return;
  const auto parsed = context.pool.ParseUntrusted(hits[0].attribute->value, context.arena());
  JsonValue vector = parsed.root();
  // Vercel: a list of vectors, each a JSON text.
  std::string_view text;
  for (const JsonValue first : vector.items()) {
    if (first.is_string()) text = first.Text(context.arena());
    break;
  }
  const auto inner = context.pool.ParseUntrusted(text);
  if (inner) vector = inner.root();
  int64_t size = 0;
  for ([[maybe_unused]] const JsonValue number : vector.items()) ++size;
  if (size == 0) return;
  context.call.embedding_dimensions = size;
  context.ToldBy("embedding.dimensions", hits[0], "the vector's length");
}

// An embedding's messages are the texts that it is of.
void TakeEmbeddingTexts(MapContext& context) {
  Call& call = context.call;
  Run run{.begin = static_cast<uint32_t>(call.texts.size()), .count = 0};
  for (const Message& message : call.input.messages) {
    for (uint32_t i = 0; i < message.parts.count; ++i) {
      const MessagePart& part = call.parts[message.parts.begin + i];
      if (part.type == PartType::kText) call.texts.push_back(part.text);
    }
  }
  run.count = static_cast<uint32_t>(call.texts.size()) - run.begin;
  if (run.count == 0) return;
  call.embedding_texts = run;
  if (context.explanation != nullptr)
    context.explanation->Told("embedding.text", "input.messages", "what an embedding is of");
}

// Where no attribute of the span says them, the process that sent it does.
void TakeFromResource(MapContext& context, const RuleTable& rules) {
  if (context.span.resource >= context.batch.resources.size()) return;
  const Run attributes = context.batch.resources[context.span.resource].attributes;
  std::vector<Hit> hits;
  for (const Attribute* at = context.batch.begin(attributes); at != context.batch.end(attributes); ++at) {
    const Rule* rule = rules.Find(at->key);
    if (rule == nullptr) continue;
    const bool is_taken = rule->field == CallField::kMetadata ||
                          (rule->field == CallField::kEnvironment && context.call.environment.empty()) ||
                          (rule->field == CallField::kRelease && context.call.release.empty());
    if (is_taken) hits.push_back({rules.PlaceOf(rule), rule, at, false});
  }
  std::ranges::sort(hits, {}, &Hit::rank);
  for (size_t begin = 0, end = 0; begin < hits.size(); begin = end) {
    while (end < hits.size() && hits[end].rule->field == hits[begin].rule->field) ++end;
    const Hits group(hits.data() + begin, end - begin);
    if (group[0].rule->field == CallField::kMetadata) {
      MapMetadata(context, group);
    } else {
      SetByTable(context, group[0].rule->field, group);
    }
  }
}

void FinishCall(MapContext& context) {
  Call& call = context.call;
  if (call.kind == CallKind::kEmbedding && call.embedding_texts.count == 0) TakeEmbeddingTexts(context);
  // One answer tells its reason itself.
  if (call.response.finish_reasons.empty()) {
    for (const Message& message : call.output.messages) {
      if (message.finish_reason.empty()) continue;
      call.response.finish_reasons.push_back({FinishReasonOf(message.finish_reason), message.finish_reason});
    }
  }
  // Claude Code writes its request's id as the answer's.
  if (call.response.id.starts_with("req_")) {
    if (call.request.id.empty()) call.request.id = call.response.id;
    call.response.id = {};
  }
  if (call.tool.status == "error" || call.tool.status == "failed") call.failed = true;
  if (call.failed && call.error.message.empty()) call.error.message = context.span.status_message;

  std::string_view why;
  call.usage =
      Resolve(context.usage, {.kind = call.kind, .provider = call.provider, .scope = context.scope_name},
              context.explanation != nullptr ? &why : nullptr);
  // Agents and chains repeat what the calls below them took; trace_usage.h knows better
  // once it has seen those.
  if (call.usage.told() && !IsModelCall(call.kind)) call.usage.scope = UsageScope::kAggregate;
  if (!why.empty()) context.explanation->Told("usage.convention", "usage", why);
}

void ExplainUnmapped(const Batch& batch, const Span& span, const RuleTable& rules, Explanation& explanation) {
  for (const Attribute* at = batch.begin(span.attributes); at != batch.end(span.attributes); ++at) {
    const Rule* rule = rules.Find(at->key);
    if (rule == nullptr) explanation.LeftOut(at->key, "no rule knows this key", true);
    if (rule != nullptr && !rule->ignored_because.empty())
      explanation.LeftOut(at->key, rule->ignored_because);
  }
}

}  // namespace

void MapContext::ToldBy(std::string_view path, const Hit& hit, std::string_view note) {
  if (explanation == nullptr) return;
  std::string rule(hit.rule->dialect);
  if (!hit.is_of_span) rule += ", from an event, a log record or the resource";
  if (!note.empty()) rule += ", " + std::string(note);
  explanation->Told(path, hit.attribute->key, rule);
}

void MapContext::LeftOut(Hits hits, std::string_view why) {
  if (explanation == nullptr) return;
  for (const Hit& hit : hits) explanation->LeftOut(hit.attribute->key, why);
}

bool CallMapper::CollectHits(const Batch& batch, Run attributes, uint32_t source) {
  bool is_call = false;
  const Attribute* const begin = batch.begin(attributes);
  for (const Attribute* at = begin; at != batch.end(attributes); ++at) {
    const Rule* rule = rules_->Find(at->key);
    if (rule == nullptr || hits_.size() >= kHitsMax) continue;
    is_call = is_call || !rule->is_weak ||
              (rule->field == CallField::kKind && at->value.type == ValueType::kString &&
               KindOfValue(*rule, at->value.text) != CallKind::kNone);
    if (rule->field == CallField::kIgnored && rule->kind == CallKind::kNone) continue;
    const size_t position = static_cast<size_t>(at - begin) + (source << 16);
    hits_.push_back({RankOf(*rules_, rule, source, position), rule, at, source == 0});
  }
  return is_call;
}

bool CallMapper::CollectEventHits(const Batch& batch, const Span& span, std::span<const CallRecord> records) {
  bool is_call = false;
  uint32_t source = 1;
  const auto collect = [&](std::string_view name, Run attributes) {
    if (!IsCallEvent(name) && !name.starts_with("ai.stream.")) return;
    is_call = is_call || IsCallEvent(name);
    // Only this event is the span's attributes once more; others have meanings of their own.
    if (name == "gen_ai.client.inference.operation.details" || name.starts_with("ai.stream.") ||
        name == "gen_ai.evaluation.result")
      CollectHits(batch, attributes, source);
    source = std::min(source + 1, 0xFFFFU);
  };
  for (uint32_t i = 0; i < span.events.count; ++i) {
    const Event& event = batch.events[span.events.begin + i];
    collect(event.name, event.attributes);
  }
  for (const CallRecord& record : records) collect(record.event_name, record.attributes);
  return is_call;
}

void CallMapper::MapFields(MapContext& context) {
  AnswerPieces pieces(context);
  bool is_kind_known = false;
  bool is_provider_known = false;
  const auto settle = [&](CallField next) {
    if (next > CallField::kProvider && !is_provider_known) {
      is_provider_known = true;
      DecideProvider(context, {});
    }
    if (next < CallField::kInputReference || is_kind_known) return;
    is_kind_known = true;
    pieces.Close();
    CorrectKind(context);
    MapEvents(context);
  };
  for (size_t at = 0; at < hits_.size();) {
    const CallField field = hits_[at].rule->field;
    size_t end = at;
    while (end < hits_.size() && hits_[end].rule->field == field) ++end;
    const Hits hits(hits_.data() + at, end - at);
    at = end;
    if (field == CallField::kIgnored) break;
    settle(field);
    if (field == CallField::kProvider) is_provider_known = true;
    if (field >= CallField::kOutputReasoning && field <= CallField::kOutputFiles) {
      pieces.Map(field, hits);
    } else if (field == CallField::kEmbeddingVector) {
      MapEmbeddingVector(context, hits);
    } else if (kFieldInfos[static_cast<size_t>(field)].type == FieldType::kSpecial) {
      MapSpecial(context, field, hits);
    } else {
      SetByTable(context, field, hits);
    }
  }
  settle(CallField::kIgnored);
  TakeModelInUse(context);
  // A body may have told the model that tells the provider.
  if (context.call.provider.empty()) DecideProvider(context, {});
  TakeFromResource(context, *rules_);
  FinishCall(context);
}

bool CallMapper::Map(const Batch& batch, const Span& span, std::span<const CallRecord> records, Call& call,
                     Explanation* explanation) {
  if (call.is_call()) call.Clear();
  hits_.clear();
  bool is_call = CollectHits(batch, span.attributes, 0);
  if (span.events.count > 0 || !records.empty()) is_call = CollectEventHits(batch, span, records) || is_call;
  if (!is_call) return false;

  std::ranges::sort(hits_, {}, &Hit::rank);
  MapContext context{.batch = batch,
                     .span = span,
                     .records = records,
                     .call = call,
                     .pool = pool_,
                     .explanation = explanation,
                     .leaves = leaves_,
                     .facts_only = depth_ == MapDepth::kFacts};
  if (span.scope < batch.scopes.size()) context.scope_name = batch.scopes[span.scope].name;
  call.failed = span.status_code == 2;
  for (const Hit& hit : hits_) {
    if (context.structural_kind == CallKind::kNone) context.structural_kind = hit.rule->kind;
    if (call.dialect.empty() && !hit.rule->is_weak) call.dialect = hit.rule->dialect;
  }
  MapFields(context);
  if (explanation != nullptr) ExplainUnmapped(batch, span, *rules_, *explanation);
  return true;
}

}  // namespace telltale
