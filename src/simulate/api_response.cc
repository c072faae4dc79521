#include "simulate/api_response.h"

#include <array>
#include <utility>

#include "json/writer.h"
#include "simulate/answers.h"
#include "simulate/embedding.h"

namespace telltale {
namespace {

struct KnownModel {
  std::string_view name;
  std::string_view dated;
};

constexpr std::array<KnownModel, 12> kModels = {{
    {"gpt-3.5-turbo", "gpt-3.5-turbo-0125"},
    {"gpt-4", "gpt-4-0613"},
    {"gpt-4-turbo", "gpt-4-turbo-2024-04-09"},
    {"gpt-4.1", "gpt-4.1-2025-04-14"},
    {"gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"},
    {"gpt-4o", "gpt-4o-2024-08-06"},
    {"gpt-4o-mini", "gpt-4o-mini-2024-07-18"},
    {"gpt-5", "gpt-5-2025-08-07"},
    {"o3-mini", "o3-mini-2025-01-31"},
    {"text-embedding-3-small", "text-embedding-3-small"},
    {"text-embedding-3-large", "text-embedding-3-large"},
    {"text-embedding-ada-002", "text-embedding-ada-002-v2"},
}};

// The moment that model objects show as their creation.
constexpr int64_t kModelsCreated = 1'700'000'000;

void WriteStringOrNull(JsonWriter& json, std::string_view text) {
  text.empty() ? json.Null() : json.String(text);
}

void WriteUsage(JsonWriter& json, const TokenUsage& usage) {
  json.BeginObject();
  json.Key("prompt_tokens").Uint(usage.prompt);
  json.Key("completion_tokens").Uint(usage.completion);
  json.Key("total_tokens").Uint(usage.prompt + usage.completion);
  json.Key("prompt_tokens_details").BeginObject();
  json.Key("cached_tokens").Uint(usage.cached);
  json.Key("audio_tokens").Uint(0);
  json.EndObject();
  json.Key("completion_tokens_details").BeginObject();
  json.Key("reasoning_tokens").Uint(usage.reasoning);
  json.Key("audio_tokens").Uint(0);
  json.Key("accepted_prediction_tokens").Uint(0);
  json.Key("rejected_prediction_tokens").Uint(0);
  json.EndObject();
  json.EndObject();
}

void WriteHead(JsonWriter& json, const AnswerHead& head, std::string_view object) {
  json.Key("id").String(head.id);
  json.Key("object").String(object);
  json.Key("created").Int(head.created);
  json.Key("model").String(head.model);
}

void WriteTail(JsonWriter& json, const AnswerHead& head) {
  json.Key("service_tier").String("default");
  json.Key("system_fingerprint").String(head.fingerprint);
}

void WriteFunction(JsonWriter& json, std::string_view name, std::string_view arguments) {
  json.Key("function").BeginObject();
  json.Key("name").String(name);
  json.Key("arguments").String(arguments);
  json.EndObject();
}

void WriteMessage(JsonWriter& json, const SimulatedChoice& choice) {
  json.Key("message").BeginObject();
  json.Key("role").String("assistant");
  json.Key("content");
  WriteStringOrNull(json, choice.text);
  if (!choice.tool_calls.empty()) {
    json.Key("tool_calls").BeginArray();
    for (const SimulatedToolCall& call : choice.tool_calls) {
      json.BeginObject();
      json.Key("id").String(call.id);
      json.Key("type").String("function");
      WriteFunction(json, call.name, call.arguments);
      json.EndObject();
    }
    json.EndArray();
  }
  json.Key("refusal").Null();
  json.Key("annotations").BeginArray().EndArray();
  json.EndObject();
}

template <typename WriteContent>
std::string AnswerBody(const AnswerHead& head, std::string_view object,
                       const std::vector<SimulatedChoice>& choices, const TokenUsage& usage,
                       WriteContent write_content) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  WriteHead(json, head, object);
  json.Key("choices").BeginArray();
  for (size_t i = 0; i < choices.size(); ++i) {
    json.BeginObject();
    json.Key("index").Uint(i);
    write_content(json, choices[i]);
    json.Key("logprobs").Null();
    json.Key("finish_reason").String(choices[i].finish_reason);
    json.EndObject();
  }
  json.EndArray();
  json.Key("usage");
  WriteUsage(json, usage);
  WriteTail(json, head);
  json.EndObject();
  return body;
}

// One event: the parts that differ are written by `write_delta` and the finish reason.
class EventWriter {
 public:
  EventWriter(const AnswerHead& head, const StreamShape& shape) : head_(head), shape_(shape) {}

  template <typename WriteDelta>
  void Chunk(size_t index, std::string_view finish_reason, WriteDelta write_delta) {
    Event([&](JsonWriter& json) {
      json.Key("choices").BeginArray().BeginObject();
      json.Key("index").Uint(index);
      if (shape_.chat) json.Key("delta").BeginObject();
      write_delta(json);
      if (shape_.chat) json.EndObject();
      json.Key("logprobs").Null();
      json.Key("finish_reason");
      WriteStringOrNull(json, finish_reason);
      json.EndObject().EndArray();
      if (shape_.include_usage) json.Key("usage").Null();
    });
  }

  void Usage(const TokenUsage& usage) {
    Event([&](JsonWriter& json) {
      json.Key("choices").BeginArray().EndArray();
      json.Key("usage");
      WriteUsage(json, usage);
    });
  }

  std::vector<std::string> Done() && {
    events_.push_back("data: [DONE]\n\n");
    return std::move(events_);
  }

 private:
  template <typename WriteRest>
  void Event(WriteRest write_rest) {
    std::string event = "data: ";
    JsonWriter json(event);
    json.BeginObject();
    WriteHead(json, head_, shape_.chat ? "chat.completion.chunk" : "text_completion");
    WriteTail(json, head_);
    write_rest(json);
    json.EndObject();
    event += "\n\n";
    events_.push_back(std::move(event));
  }

  const AnswerHead& head_;
  const StreamShape& shape_;
  std::vector<std::string> events_;
};

void WriteToolCallDelta(JsonWriter& json, size_t index, const SimulatedToolCall* opened,
                        std::string_view arguments) {
  json.Key("tool_calls").BeginArray().BeginObject();
  json.Key("index").Uint(index);
  if (opened != nullptr) {
    json.Key("id").String(opened->id);
    json.Key("type").String("function");
    WriteFunction(json, opened->name, "");
  } else {
    json.Key("function").BeginObject();
    json.Key("arguments").String(arguments);
    json.EndObject();
  }
  json.EndObject().EndArray();
}

void AppendChatEvents(size_t index, const SimulatedChoice& choice, EventWriter& events) {
  events.Chunk(index, "", [&](JsonWriter& json) {
    json.Key("role").String("assistant");
    json.Key("content");
    choice.tool_calls.empty() ? json.String("") : json.Null();
    json.Key("refusal").Null();
  });
  for (const std::string_view piece : SplitIntoTokens(choice.text)) {
    events.Chunk(index, "", [&](JsonWriter& json) { json.Key("content").String(piece); });
  }
  for (size_t i = 0; i < choice.tool_calls.size(); ++i) {
    const SimulatedToolCall& call = choice.tool_calls[i];
    events.Chunk(index, "", [&](JsonWriter& json) { WriteToolCallDelta(json, i, &call, ""); });
    for (const std::string_view piece : SplitIntoTokens(call.arguments)) {
      events.Chunk(index, "", [&](JsonWriter& json) { WriteToolCallDelta(json, i, nullptr, piece); });
    }
  }
  events.Chunk(index, choice.finish_reason, [](JsonWriter&) {});
}

void AppendCompletionEvents(size_t index, const SimulatedChoice& choice, EventWriter& events) {
  for (const std::string_view piece : SplitIntoTokens(choice.text)) {
    events.Chunk(index, "", [&](JsonWriter& json) { json.Key("text").String(piece); });
  }
  events.Chunk(index, choice.finish_reason, [](JsonWriter& json) { json.Key("text").String(""); });
}

void WriteModel(JsonWriter& json, std::string_view id) {
  json.BeginObject();
  json.Key("id").String(id);
  json.Key("object").String("model");
  json.Key("created").Int(kModelsCreated);
  json.Key("owned_by").String("telltale-simulate");
  json.EndObject();
}

}  // namespace

std::string ChatBody(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                     const TokenUsage& usage) {
  return AnswerBody(head, "chat.completion", choices, usage, WriteMessage);
}

std::string CompletionBody(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                           const TokenUsage& usage) {
  return AnswerBody(
      head, "text_completion", choices, usage,
      [](JsonWriter& json, const SimulatedChoice& choice) { json.Key("text").String(choice.text); });
}

std::vector<std::string> StreamEvents(const AnswerHead& head, const std::vector<SimulatedChoice>& choices,
                                      const TokenUsage& usage, const StreamShape& shape) {
  EventWriter events(head, shape);
  for (size_t i = 0; i < choices.size(); ++i) {
    shape.chat ? AppendChatEvents(i, choices[i], events) : AppendCompletionEvents(i, choices[i], events);
  }
  if (shape.include_usage) events.Usage(usage);
  return std::move(events).Done();
}

std::string EmbeddingBody(const EmbeddingRequest& request, uint64_t seed) {
  std::string body;
  JsonWriter json(body);
  uint64_t tokens = 0;
  json.BeginObject();
  json.Key("object").String("list");
  json.Key("data").BeginArray();
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    tokens += EstimateTokens(request.inputs[i]);
    const std::vector<float> vector = EmbedText(request.inputs[i], request.dimensions, seed);
    json.BeginObject();
    json.Key("object").String("embedding");
    json.Key("index").Uint(i);
    json.Key("embedding");
    if (request.base64) {
      json.String(EmbeddingBase64(vector));
    } else {
      json.BeginArray();
      for (const float value : vector) json.Double(static_cast<double>(value));
      json.EndArray();
    }
    json.EndObject();
  }
  json.EndArray();
  json.Key("model").String(DatedModelName(request.model));
  json.Key("usage").BeginObject();
  json.Key("prompt_tokens").Uint(tokens);
  json.Key("total_tokens").Uint(tokens);
  json.EndObject();
  json.EndObject();
  return body;
}

std::string ModelListBody() {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("object").String("list");
  json.Key("data").BeginArray();
  for (const KnownModel& model : kModels) WriteModel(json, model.name);
  json.EndArray();
  json.EndObject();
  return body;
}

std::string ModelBody(std::string_view id) {
  std::string body;
  JsonWriter json(body);
  WriteModel(json, id);
  return body;
}

std::string ErrorBody(const ApiError& error) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("error").BeginObject();
  json.Key("message").String(error.message);
  json.Key("type").String(error.type);
  json.Key("param");
  WriteStringOrNull(json, error.param);
  json.Key("code");
  WriteStringOrNull(json, error.code);
  json.EndObject();
  json.EndObject();
  return body;
}

std::string DatedModelName(std::string_view model) {
  for (const KnownModel& known : kModels) {
    if (known.name == model) return std::string(known.dated);
  }
  return std::string(model);
}

}  // namespace telltale
