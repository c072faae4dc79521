#include "calls/call_json.h"

#include <cmath>

#include "otlp/any_value.h"

namespace telltale {
namespace {

// An object that is written only once it has a member.
class Group {
 public:
  Group(JsonWriter& json, std::string_view key) : json_(json), key_(key) {}
  ~Group() {
    if (is_open_) json_.EndObject();
  }
  Group(const Group&) = delete;

  JsonWriter& At(std::string_view key) {
    if (!is_open_) json_.Key(key_).BeginObject();
    is_open_ = true;
    return json_.Key(key);
  }
  void Text(std::string_view key, std::string_view text) {
    if (!text.empty()) At(key).String(text);
  }
  void Int(std::string_view key, const std::optional<int64_t>& number) {
    if (number) At(key).Int(*number);
  }
  void Count(std::string_view key, int64_t count) {
    if (count >= 0) At(key).Int(count);
  }
  void Number(std::string_view key, const std::optional<double>& number) {
    if (number && std::isfinite(*number)) At(key).Double(*number);
  }
  void Texts(std::string_view key, const Call& call, Run run) {
    if (run.count == 0) return;
    At(key).BeginArray();
    for (uint32_t i = 0; i < run.count; ++i) json_.String(call.texts[run.begin + i]);
    json_.EndArray();
  }

 private:
  JsonWriter& json_;
  std::string_view key_;
  bool is_open_ = false;
};

void WriteText(std::string_view key, std::string_view text, JsonWriter& json) {
  if (!text.empty()) json.Key(key).String(text);
}

void WriteNumber(std::string_view key, const std::optional<double>& number, JsonWriter& json) {
  if (number && std::isfinite(*number)) json.Key(key).Double(*number);
}

void WritePart(const MessagePart& part, JsonWriter& json) {
  json.BeginObject();
  json.Key("type").String(kPartTypeNames[static_cast<size_t>(part.type)]);
  switch (part.type) {
    case PartType::kText:
    case PartType::kReasoning:
      json.Key("content").String(part.text);
      break;
    case PartType::kToolCall:
    case PartType::kServerToolCall:
      WriteText("id", part.id, json);
      WriteText("name", part.name, json);
      WriteText("arguments", part.arguments, json);
      break;
    case PartType::kToolCallResponse:
    case PartType::kServerToolCallResponse:
      WriteText("id", part.id, json);
      WriteText("name", part.name, json);
      json.Key("response").String(part.text);
      break;
    case PartType::kBlob:
      json.Key("content").String(part.text);
      break;
    case PartType::kFile:
      json.Key("file_id").String(part.text);
      break;
    case PartType::kUri:
      json.Key("uri").String(part.text);
      break;
    case PartType::kOther:
      WriteText("name", part.name, json);
      WriteText("content", part.text, json);
      break;
  }
  WriteText("mime_type", part.mime_type, json);
  WriteText("modality", part.modality, json);
  WriteText("raw", part.raw, json);
  json.EndObject();
}

void WriteContent(std::string_view key, const Call& call, const CallContent& content, JsonWriter& json) {
  Group group(json, key);
  if (!content.messages.empty()) {
    group.At("messages").BeginArray();
    for (const Message& message : content.messages) WriteMessage(call, message, json);
    json.EndArray();
  }
  group.Text("value", content.value);
  if (!content.value.empty()) group.Text("mime_type", content.mime_type);
  group.Text("reference", content.reference);
}

void WriteRequest(const Call& call, JsonWriter& json) {
  const CallRequest& request = call.request;
  Group group(json, "request");
  group.Text("model", request.model);
  group.Text("id", request.id);
  group.Text("previous_response_id", request.previous_response_id);
  group.Number("temperature", request.temperature);
  group.Number("top_p", request.top_p);
  group.Number("top_k", request.top_k);
  group.Int("max_tokens", request.max_tokens);
  group.Int("seed", request.seed);
  group.Int("n", request.n);
  group.Number("frequency_penalty", request.frequency_penalty);
  group.Number("presence_penalty", request.presence_penalty);
  group.Text("reasoning_effort", request.reasoning_effort);
  group.Text("response_format", request.response_format);
  group.Text("tool_choice", request.tool_choice);
  group.Text("service_tier", request.service_tier);
  group.Text("output_type", request.output_type);
  group.Text("api_type", request.api_type);
  group.Texts("stop", call, request.stop);
  group.Text("params", request.params);
}

void WriteResponse(const CallResponse& response, JsonWriter& json) {
  Group group(json, "response");
  group.Text("model", response.model);
  group.Text("id", response.id);
  group.Text("service_tier", response.service_tier);
  group.Text("system_fingerprint", response.system_fingerprint);
  if (response.finish_reasons.empty()) return;
  group.At("finish_reasons").BeginArray();
  for (const Finish& finish : response.finish_reasons)
    json.String(kFinishReasonNames[static_cast<size_t>(finish.reason)]);
  json.EndArray();
  group.At("finish_reasons_raw").BeginArray();
  for (const Finish& finish : response.finish_reasons) json.String(finish.raw);
  json.EndArray();
}

void WriteUsage(const Usage& usage, JsonWriter& json) {
  constexpr std::string_view kConventions[] = {"unknown", "inclusive", "exclusive"};
  constexpr std::string_view kScopes[] = {"own", "aggregate"};
  constexpr std::string_view kSources[] = {"none", "provider", "counted"};
  // Some senders tell a part without the whole.
  if (!usage.told() && usage.cache_read_tokens < 0 && usage.cache_write_tokens < 0 &&
      usage.reasoning_tokens < 0)
    return;
  Group group(json, "usage");
  group.Count("input_tokens", usage.input_tokens);
  group.Count("output_tokens", usage.output_tokens);
  group.Count("total_tokens", usage.total_tokens());
  group.Count("cache_read_tokens", usage.cache_read_tokens);
  group.Count("cache_write_tokens", usage.cache_write_tokens);
  group.Count("cache_write_5m_tokens", usage.cache_write_5m_tokens);
  group.Count("cache_write_1h_tokens", usage.cache_write_1h_tokens);
  group.Count("audio_input_tokens", usage.audio_input_tokens);
  group.Count("image_input_tokens", usage.image_input_tokens);
  group.Count("reasoning_tokens", usage.reasoning_tokens);
  group.Count("audio_output_tokens", usage.audio_output_tokens);
  group.Count("image_output_tokens", usage.image_output_tokens);
  group.Count("web_searches", usage.web_searches);
  group.Text("scope", kScopes[static_cast<size_t>(usage.scope)]);
  group.Text("cache_convention", kConventions[static_cast<size_t>(usage.convention)]);
  group.Text("source", kSources[static_cast<size_t>(usage.source)]);
}

void WriteReportedCost(const ReportedCost& cost, JsonWriter& json) {
  Group group(json, "reported_cost");
  group.Number("total", cost.total);
  group.Number("input", cost.input);
  group.Number("output", cost.output);
  group.Text("details", cost.details);
}

void WriteTool(const Call& call, JsonWriter& json) {
  const CallTool& tool = call.tool;
  Group group(json, "tool");
  group.Text("name", tool.name);
  group.Text("type", tool.type);
  group.Text("description", tool.description);
  group.Text("status", tool.status);
  if (!tool.call_id.empty() || !tool.arguments.empty() || !tool.result.empty()) {
    group.At("call").BeginObject();
    WriteText("id", tool.call_id, json);
    WriteText("arguments", tool.arguments, json);
    WriteText("result", tool.result, json);
    json.EndObject();
  }
  if (call.tool_definitions.empty()) return;
  group.At("definitions").BeginArray();
  for (const ToolDefinition& definition : call.tool_definitions) {
    json.BeginObject();
    WriteText("name", definition.name, json);
    WriteText("description", definition.description, json);
    WriteText("parameters", definition.parameters, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteDocuments(const std::vector<Document>& documents, JsonWriter& json) {
  json.BeginArray();
  for (const Document& document : documents) {
    json.BeginObject();
    WriteText("id", document.id, json);
    WriteText("content", document.content, json);
    WriteNumber("score", document.score, json);
    WriteText("metadata", document.metadata, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteRetrieval(const Call& call, JsonWriter& json) {
  {
    Group group(json, "embedding");
    group.Texts("text", call, call.embedding_texts);
    group.Int("dimensions", call.embedding_dimensions);
  }
  {
    Group group(json, "retrieval");
    group.Text("query", call.retrieval_query);
    group.Text("data_source_id", call.retrieval_source);
    group.Int("top_k", call.retrieval_top_k);
    if (!call.documents.empty()) {
      group.At("documents");
      WriteDocuments(call.documents, json);
    }
  }
  Group group(json, "reranker");
  if (call.ranked_documents.empty()) return;
  group.At("input_documents");
  WriteDocuments(call.ranked_documents, json);
}

void WriteEvaluations(const std::vector<Evaluation>& evaluations, JsonWriter& json) {
  if (evaluations.empty()) return;
  json.Key("evaluations").BeginArray();
  for (const Evaluation& evaluation : evaluations) {
    json.BeginObject();
    WriteText("name", evaluation.name, json);
    WriteNumber("score", evaluation.score, json);
    WriteText("label", evaluation.label, json);
    WriteText("explanation", evaluation.explanation, json);
    WriteText("kind", evaluation.kind, json);
    WriteText("target", evaluation.target, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteContext(const Call& call, JsonWriter& json) {
  {
    Group group(json, "prompt");
    group.Text("name", call.prompt.name);
    group.Text("version", call.prompt.version);
    group.Text("label", call.prompt.label);
    group.Text("id", call.prompt.id);
    group.Text("hash", call.prompt.hash);
    group.Text("template", call.prompt.text_template);
    group.Text("variables", call.prompt.variables);
  }
  Group(json, "session").Text("id", call.session_id);
  Group(json, "user").Text("id", call.user_id);
  WriteText("environment", call.environment, json);
  WriteText("release", call.release, json);
  if (call.tags.count > 0) {
    json.Key("tags").BeginArray();
    for (uint32_t i = 0; i < call.tags.count; ++i) json.String(call.texts[call.tags.begin + i]);
    json.EndArray();
  }
  if (call.metadata.empty()) return;
  json.Key("metadata").BeginObject();
  std::string text;
  for (const MetadataEntry& entry : call.metadata) {
    json.Key(entry.key);
    if (entry.value.type == ValueType::kString) {
      json.String(entry.value.text);
    } else {
      text.clear();
      AppendAnyValueJson(entry.value, text);
      json.Raw(text);
    }
  }
  json.EndObject();
}

void WriteIdentity(const Call& call, JsonWriter& json) {
  {
    Group group(json, "agent");
    group.Text("id", call.agent.id);
    group.Text("name", call.agent.name);
    group.Text("description", call.agent.description);
    group.Text("version", call.agent.version);
    group.Text("run_id", call.agent.run_id);
  }
  Group(json, "workflow").Text("name", call.workflow_name);
  {
    Group group(json, "graph");
    group.Text("node_id", call.graph_node_id);
    group.Text("node_name", call.graph_node_name);
    group.Text("parent_node_id", call.graph_parent_node_id);
  }
  Group group(json, "guardrail");
  group.Text("name", call.guardrail_name);
  if (call.guardrail_triggered) group.At("triggered").Bool(*call.guardrail_triggered);
}

}  // namespace

void WriteMessageParts(const Call& call, Run parts, JsonWriter& json) {
  json.BeginArray();
  for (uint32_t i = 0; i < parts.count; ++i) WritePart(call.parts[parts.begin + i], json);
  json.EndArray();
}

void WriteMessage(const Call& call, const Message& message, JsonWriter& json) {
  json.BeginObject();
  json.Key("role").String(message.role);
  WriteText("name", message.name, json);
  json.Key("parts");
  WriteMessageParts(call, message.parts, json);
  WriteText("finish_reason", message.finish_reason, json);
  json.EndObject();
}

void WriteCallJson(const Call& call, JsonWriter& json) {
  json.BeginObject();
  WriteCallMembers(call, json);
  json.EndObject();
}

void WriteCallMembers(const Call& call, JsonWriter& json) {
  json.Key("kind").String(CallKindName(call.kind));
  WriteText("dialect", call.dialect, json);
  WriteText("display_name", call.display_name, json);
  WriteText("provider", call.provider, json);
  Group(json, "model").Text("vendor", call.vendor);
  WriteRequest(call, json);
  WriteResponse(call.response, json);
  if (call.stream) json.Key("stream").Bool(*call.stream);
  WriteUsage(call.usage, json);
  WriteReportedCost(call.reported_cost, json);
  WriteNumber("time_to_first_token", call.time_to_first_token, json);
  WriteNumber("time_per_output_token", call.time_per_output_token, json);
  if (call.system_instructions.count > 0) {
    json.Key("system_instructions");
    WriteMessageParts(call, call.system_instructions, json);
  }
  WriteContent("input", call, call.input, json);
  WriteContent("output", call, call.output, json);
  WriteTool(call, json);
  WriteContext(call, json);
  if (call.failed) json.Key("failed").Bool(true);
  {
    Group group(json, "error");
    group.Text("type", call.error.type);
    group.Text("message", call.error.message);
    group.Text("code", call.error.code);
  }
  Group(json, "retry").Int("count", call.retry_count);
  WriteRetrieval(call, json);
  WriteEvaluations(call.evaluations, json);
  WriteIdentity(call, json);
  if (!call.duplicate_of.IsZero()) json.Key("duplicate_of").String(call.duplicate_of.Hex());
}

}  // namespace telltale
