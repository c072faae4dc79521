// Whole request and answer bodies inside one attribute: the provider's own JSON, or what
// a framework made of it. Told by their shape; only what nobody told better is taken.
#include <algorithm>
#include <initializer_list>

#include "calls/mapping.h"
#include "calls/vocabulary.h"

namespace telltale {
namespace {

JsonValue FirstThere(JsonValue object, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const JsonValue value = object[key]) return value;
  }
  return {};
}

class BodyReader {
 public:
  BodyReader(MapContext& context, const Hit& hit) : context_(context), call_(context.call), hit_(hit) {}

  bool told() const { return told_; }

  void Note(std::string_view path) {
    told_ = true;
    if (context_.explanation != nullptr) context_.ToldBy(path, hit_, "inside its JSON");
  }

  void SetText(std::string_view path, std::string_view& field, JsonValue value) {
    if (!value || !field.empty() || value.is_array()) return;
    const std::string_view text = value.Text(context_.arena());
    if (IsSentinel(text)) return;
    field = text;
    Note(path);
  }
  template <typename Number>
  void SetNumber(std::string_view path, std::optional<Number>& field, JsonValue value) {
    const auto number = value.Number();
    if (!number || field || *number > 1e15 || *number < -1e15) return;
    field = static_cast<Number>(*number);
    Note(path);
  }

  void ReadParameters(JsonValue bag) {
    CallRequest& request = call_.request;
    SetNumber("request.temperature", request.temperature, bag["temperature"]);
    SetNumber("request.top_p", request.top_p, FirstThere(bag, {"top_p", "topP"}));
    SetNumber("request.top_k", request.top_k, FirstThere(bag, {"top_k", "topK"}));
    SetNumber("request.max_tokens", request.max_tokens,
              FirstThere(bag, {"max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens",
                               "maxTokens", "max_tokens_to_sample", "num_predict"}));
    SetNumber("request.seed", request.seed, bag["seed"]);
    SetNumber("request.n", request.n, FirstThere(bag, {"n", "candidateCount", "candidate_count"}));
    SetNumber("request.frequency_penalty", request.frequency_penalty,
              FirstThere(bag, {"frequency_penalty", "frequencyPenalty"}));
    SetNumber("request.presence_penalty", request.presence_penalty,
              FirstThere(bag, {"presence_penalty", "presencePenalty"}));
    SetText("request.reasoning_effort", request.reasoning_effort, bag["reasoning_effort"]);
    SetText("request.reasoning_effort", request.reasoning_effort, bag["reasoning"]["effort"]);
    SetText("request.service_tier", request.service_tier, FirstThere(bag, {"service_tier", "serviceTier"}));
    SetText("request.response_format", request.response_format,
            FirstThere(bag, {"response_format", "responseFormat", "response_schema"}));
    SetText("request.tool_choice", request.tool_choice, FirstThere(bag, {"tool_choice", "toolChoice"}));
    SetText("request.model", request.model, FirstThere(bag, {"model", "model_name", "modelId", "model_id"}));
    SetText("user.id", call_.user_id, bag["user"]);
    if (const auto stream = bag["stream"].Bool(); stream && !call_.stream) {
      call_.stream = stream;
      Note("stream");
    }
    ReadStop(FirstThere(bag, {"stop", "stop_sequences", "stopSequences"}));
    ReadTools(FirstThere(bag, {"tools", "functions", "toolConfig"}));
  }

  void ReadStop(JsonValue stop) {
    if (!stop || call_.request.stop.count > 0) return;
    Run run{.begin = static_cast<uint32_t>(call_.texts.size()), .count = 0};
    if (stop.is_string()) call_.texts.push_back(stop.Text(context_.arena()));
    for (const JsonValue item : stop.items()) call_.texts.push_back(item.Text(context_.arena()));
    run.count = static_cast<uint32_t>(call_.texts.size()) - run.begin;
    if (run.count == 0) return;
    call_.request.stop = run;
    Note("request.stop");
  }

  void ReadTools(JsonValue tools) {
    if (!tools || !call_.tool_definitions.empty()) return;
    ReadToolDefinitions(context_, tools["tools"].is_array() ? tools["tools"] : tools);
    if (!call_.tool_definitions.empty()) Note("tool.definitions");
  }

  void ReadSystem(JsonValue system) {
    if (!system || call_.system_instructions.count > 0) return;
    MessageReader reader = context_.messages();
    Message message;
    reader.Begin("system", message);
    // Gemini wraps it like a message.
    reader.ReadContent(system["parts"].is_array() ? system["parts"] : system);
    message.parts.count = static_cast<uint32_t>(call_.parts.size()) - message.parts.begin;
    if (message.parts.count == 0) return;
    call_.system_instructions = message.parts;
    Note("system_instructions");
  }

  bool ReadInput(JsonValue messages) {
    if (!messages || !call_.input.messages.empty()) return false;
    if (!context_.messages().ReadMessages(messages, "user", call_.input.messages)) return false;
    Note("input.messages");
    return true;
  }

  bool ReadOutput(JsonValue messages) {
    if (!messages || !call_.output.messages.empty()) return false;
    if (!context_.messages().ReadMessages(messages, "assistant", call_.output.messages)) return false;
    if (call_.output.messages.empty()) return false;
    Note("output.messages");
    return true;
  }

  void ReadFinish(JsonValue reason) {
    if (!reason || reason.is_object()) return;
    if (!call_.response.finish_reasons.empty()) return;
    const std::string_view raw = reason.Text(context_.arena());
    if (IsSentinel(raw)) return;
    call_.response.finish_reasons.push_back({FinishReasonOf(raw), raw});
    Note("response.finish_reasons");
  }

  void ReadUsage(JsonValue usage) {
    ReadTokens([&] { ClaimUsageObject(usage, UsagePlace::kWhole, false, context_.usage); });
  }
  void ReadBodyUsage(JsonValue body) {
    ReadTokens([&] { ClaimBodyUsage(body, context_.usage); });
  }
  template <typename Claiming>
  void ReadTokens(Claiming claim) {
    const UsageClaims before = context_.usage;
    claim();
    if (before.input_tokens != context_.usage.input_tokens) Note("usage.input_tokens");
    if (before.output_tokens != context_.usage.output_tokens) Note("usage.output_tokens");
    if (before.cache_read_tokens != context_.usage.cache_read_tokens) Note("usage.cache_read_tokens");
    if (before.reasoning_tokens != context_.usage.reasoning_tokens) Note("usage.reasoning_tokens");
  }

  bool is_model_call() const { return IsModelCall(call_.kind); }

 private:
  MapContext& context_;
  Call& call_;
  const Hit& hit_;
  bool told_ = false;
};

void ReadEmbeddingInput(MapContext& context, BodyReader& reader, JsonValue input) {
  Call& call = context.call;
  if (!input || call.embedding_texts.count > 0) return;
  Run run{.begin = static_cast<uint32_t>(call.texts.size()), .count = 0};
  if (input.is_string()) call.texts.push_back(input.Text(context.arena()));
  for (const JsonValue item : input.items()) {
    const JsonValue text = item.is_object() ? FirstThere(item, {"text", "content"}) : item;
    if (text.is_string()) call.texts.push_back(text.Text(context.arena()));
  }
  run.count = static_cast<uint32_t>(call.texts.size()) - run.begin;
  if (run.count == 0) return;
  call.embedding_texts = run;
  reader.Note("embedding.text");
}

void ReadModelRequest(MapContext& context, BodyReader& reader, JsonValue body) {
  if (context.call.kind == CallKind::kEmbedding)
    return ReadEmbeddingInput(context, reader,
                              FirstThere(body, {"input", "texts", "text", "documents", "contents"}));
  reader.ReadSystem(FirstThere(body, {"system", "instructions", "systemInstruction", "system_instruction"}));
  reader.ReadSystem(FirstThere(FirstThere(body, {"config", "generationConfig"}),
                               {"system_instruction", "systemInstruction"}));
  const JsonValue inputs = body["inputs"].is_object() ? body["inputs"] : body;
  const bool told = reader.ReadInput(FirstThere(inputs, {"messages", "contents", "message"})) ||
                    reader.ReadInput(FirstThere(inputs, {"input", "prompt", "prompts", "question", "query"}));
  if (!told && body["role"]) reader.ReadInput(body);
}

// LangChain tells about an answer beside its text, in one of several places.
void ReadLangChainAnswer(MapContext& context, BodyReader& reader, JsonValue answer, JsonValue message) {
  Call& call = context.call;
  const JsonValue metadata = message["response_metadata"];
  for (const JsonValue info : {answer["generation_info"], answer["generationInfo"], metadata}) {
    reader.ReadFinish(FirstThere(info, {"finish_reason", "stop_reason"}));
    reader.SetText("response.model", call.response.model, FirstThere(info, {"model_name", "model"}));
    reader.SetText("response.service_tier", call.response.service_tier, info["service_tier"]);
    reader.SetText("response.system_fingerprint", call.response.system_fingerprint,
                   info["system_fingerprint"]);
    reader.SetText("response.id", call.response.id, info["id"]);
  }
  reader.ReadUsage(message["usage_metadata"]);
  // The provider's id, or LangChain's own of the run.
  if (const JsonValue id = message["id"];
      metadata.is_object() && id.is_string() && !id.raw().starts_with("run-") && !id.raw().starts_with("lc_"))
    reader.SetText("response.id", call.response.id, id);
}

// Choices, candidates, replies, generations: one answer each.
bool ReadAnswers(MapContext& context, BodyReader& reader, JsonValue answers) {
  if (!answers.is_array() || answers.items().empty()) return false;
  Call& call = context.call;
  const bool had_messages = !call.output.messages.empty();
  for (const JsonValue answer : answers.items()) {
    // LangChain: one list of generations for each prompt.
    if (answer.is_array()) {
      ReadAnswers(context, reader, answer);
      continue;
    }
    const JsonValue message = FirstThere(answer, {"message", "content", "delta"});
    if (!had_messages) {
      if (message.is_object()) {
        context.messages().ReadMessages(message, "assistant", call.output.messages);
      } else {
        context.messages().ReadMessages(answer, "assistant", call.output.messages);
      }
    }
    reader.ReadFinish(FirstThere(answer, {"finish_reason", "finishReason", "stop_reason"}));
    ReadLangChainAnswer(context, reader, answer, message["kwargs"].is_object() ? message["kwargs"] : message);
    const JsonValue meta = answer["meta"];
    reader.ReadFinish(meta["finish_reason"]);
    reader.ReadUsage(meta["usage"]);
    reader.SetText("response.model", call.response.model, meta["model"]);
  }
  if (!had_messages && !call.output.messages.empty()) reader.Note("output.messages");
  return true;
}

void ReadResponseHead(MapContext& context, BodyReader& reader, JsonValue body) {
  Call& call = context.call;
  // A message alone has an id too: the message's, not the answer's.
  const bool is_message = body["role"] && !body["model"];
  if (!is_message)
    reader.SetText("response.id", call.response.id, FirstThere(body, {"id", "responseId", "response_id"}));
  reader.SetText("response.model", call.response.model,
                 FirstThere(body, {"model", "modelVersion", "model_version"}));
  reader.SetText("response.service_tier", call.response.service_tier, body["service_tier"]);
  reader.SetText("response.system_fingerprint", call.response.system_fingerprint, body["system_fingerprint"]);
  reader.ReadBodyUsage(body);
  reader.ReadFinish(
      FirstThere(body, {"finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason"}));
}

// OpenAI's Responses API tells no reason, but a status and what it answered.
std::string_view FinishOfResponses(JsonValue body) {
  if (!body["output"].is_array() || !body["status"].is_string()) return {};
  if (body["status"].raw() == "incomplete") {
    const JsonValue reason = body["incomplete_details"]["reason"];
    return reason.is_string() ? reason.raw() : std::string_view("incomplete");
  }
  if (body["status"].raw() != "completed") return body["status"].raw();
  for (const JsonValue item : body["output"].items()) {
    if (item["type"].raw() == "function_call") return "function_call";
  }
  return "completed";
}

// A provider's answer as an object of Python prints itself: its head and its reasons. What
// was said stands beside it.
void ReadPrintedAnswer(MapContext& context, BodyReader& reader, std::string_view text) {
  const auto parsed = context.pool.ParsePrintedUntrusted(text);
  const JsonValue body = parsed.root();
  if (!body.is_object()) return;
  ReadResponseHead(context, reader, body);
  for (const JsonValue answer : FirstThere(body, {"choices", "candidates"}).items())
    reader.ReadFinish(FirstThere(answer, {"finish_reason", "finishReason"}));
}

// Titan's, watsonx's, Llama's and Ollama's: a text, with a reason beside it.
void ReadPlainAnswer(BodyReader& reader, JsonValue text, JsonValue reason) {
  if (!text.is_string()) return;
  reader.ReadOutput(text);
  reader.ReadFinish(reason);
}

void ReadModelResponse(MapContext& context, BodyReader& reader, JsonValue body) {
  Call& call = context.call;
  ReadResponseHead(context, reader, body);
  if (const std::string_view reason = FinishOfResponses(body);
      !reason.empty() && call.response.finish_reasons.empty()) {
    call.response.finish_reasons.push_back({FinishReasonOf(reason), reason});
    reader.Note("response.finish_reasons");
  }
  // LangChain's head, and the provider's own answer inside a framework's.
  const JsonValue llm_output = body["llm_output"];
  // Haystack's embedders.
  reader.ReadUsage(body["meta"]["usage"]);
  reader.SetText("response.model", call.response.model, body["meta"]["model"]);
  reader.ReadUsage(FirstThere(llm_output, {"token_usage", "usage"}));
  reader.SetText("response.model", call.response.model, FirstThere(llm_output, {"model_name", "model"}));
  reader.SetText("response.id", call.response.id, llm_output["id"]);
  for (const std::string_view inner : {"raw", "custom", "raw_response"}) {
    if (body[inner].is_object()) ReadResponseHead(context, reader, body[inner]);
    // Printed, by frameworks of Python.
    if (body[inner].is_string() && !body[inner].raw().empty())
      ReadPrintedAnswer(context, reader, body[inner].Text(context.arena()));
  }
  if (call.kind == CallKind::kEmbedding) return;

  if (ReadAnswers(context, reader, FirstThere(body, {"choices", "candidates", "replies", "generations"})))
    return;
  for (const JsonValue result : body["results"].items()) {
    ReadPlainAnswer(reader, FirstThere(result, {"outputText", "generated_text"}),
                    FirstThere(result, {"completionReason", "stop_reason"}));
  }
  ReadPlainAnswer(reader, FirstThere(body, {"generation", "response", "completion", "outputText"}), {});
  const JsonValue output = FirstThere(body, {"output", "message", "messages", "outputs", "steps"});
  if (output && !output.is_null()) {
    reader.ReadOutput(output["message"].is_object() ? output["message"] : output);
    return;
  }
  if (body.FirstOf("content", "parts", "text", "tool_calls", "role")) reader.ReadOutput(body);
  // Logfire's streamed answers.
  if (body["combined_chunk_content"] && !call.stream) {
    call.stream = true;
    reader.Note("stream");
  }
  reader.ReadOutput(body["combined_chunk_content"]);
}

}  // namespace

void ReadParameters(MapContext& context, JsonValue bag, const Hit& hit) {
  BodyReader reader(context, hit);
  reader.ReadParameters(bag);
}

bool ReadRequestBody(MapContext& context, JsonValue body, const Hit& hit) {
  BodyReader reader(context, hit);
  if (body.is_array() || body.is_string()) {
    if (context.call.kind == CallKind::kEmbedding) {
      ReadEmbeddingInput(context, reader, body);
    } else if (!(body.is_array() && body.items().empty())) {
      reader.ReadInput(body);
    }
    return reader.told();
  }
  if (!body.is_object()) return false;
  ReadModelRequest(context, reader, body);
  reader.ReadParameters(body);
  for (const std::string_view bag : {"config", "generationConfig", "generation_config", "kwargs",
                                     "invocation_params", "parameters", "options", "generation_kwargs"}) {
    if (body[bag].is_object()) reader.ReadParameters(body[bag]);
  }
  return reader.told();
}

bool ReadResponseBody(MapContext& context, JsonValue body, const Hit& hit) {
  BodyReader reader(context, hit);
  if (body.is_object()) {
    ReadModelResponse(context, reader, body);
  } else if (context.call.kind != CallKind::kEmbedding && !(body.is_array() && body.items().empty())) {
    reader.ReadOutput(body);
  }
  return reader.told();
}

}  // namespace telltale
