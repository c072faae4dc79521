// A streamed answer as it went over the wire, in one attribute: server-sent events or one
// JSON object a line, of any provider. Told by the shape of its chunks, like payload.cc.
//
//   data: {"choices":[{"delta":{"content":"Hel"}}]}       text grows piece by piece
//   data: {"choices":[{"delta":{"content":"lo"}}]}
//   data: {"choices":[],"usage":{"prompt_tokens":5}}      counts: the last told of each
//   data: [DONE]
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/counters.h"
#include "calls/mapping.h"
#include "calls/vocabulary.h"

namespace telltale {
namespace {

// A piece of an answer that is still growing.
struct Piece {
  PartType type = PartType::kText;
  std::string text;  // of a tool call: its arguments
  std::string id;
  std::string name;
};

// Where a piece stands: the choice, then the place in it.
using Place = std::pair<int64_t, int64_t>;
// OpenAI's deltas have no places but for tool calls: thoughts first, then text, then these.
constexpr int64_t kThoughts = 0;
constexpr int64_t kWords = 1;
constexpr int64_t kTools = 2;
// Cohere numbers its tool calls apart from its texts.
constexpr int64_t kCohereTools = 2 * int64_t{kIndexMax};

int64_t IndexOf(JsonValue value) {
  const auto number = value.Number();
  return number && *number >= 0 && *number < kIndexMax ? static_cast<int64_t>(*number) : 0;
}

class StreamReader {
 public:
  StreamReader(MapContext& context, const Hit& hit) : context_(context), call_(context.call), hit_(hit) {}

  void Read(JsonValue chunk) {
    if (!chunk.is_object()) return;
    for (const std::string_view holder : {"", "message", "response", "delta", "interaction", "metadata"}) {
      UsageClaims told;
      ClaimBodyUsage(holder.empty() ? chunk : chunk[holder], told);
      usage_.TakeLatest(told);
    }
    // The host's own counts, where the model's provider tells none.
    ClaimUsageObject(chunk["amazon-bedrock-invocationMetrics"], UsagePlace::kWhole, false, hosts_usage_);
    ReadHead(chunk);
    if (ReadWhole(chunk)) return;
    for (const JsonValue choice : chunk["choices"].items()) ReadChoice(choice);
    for (const JsonValue candidate : chunk["candidates"].items()) ReadCandidate(candidate);
    ReadBlock(chunk);
    // Ollama, Bedrock's Llama and Titan, Anthropic's first API: a text a line.
    if (chunk["message"].is_object() && !chunk["type"]) Grow({0, kWords}, chunk["message"]["content"]);
    Grow({0, kWords}, chunk.FirstOf("generation", "outputText", "response", "completion"));
    AddFinish(chunk.FirstOf("stop_reason", "stopReason", "done_reason", "completionReason"));
  }

  // True when the chunks told anything.
  bool Finish() {
    usage_.ClaimUntold(hosts_usage_);
    context_.usage.ClaimUntold(usage_);
    if (call_.output.messages.empty() && !pieces_.empty()) AddMessages();
    if (call_.response.finish_reasons.empty()) {
      for (const std::string_view raw : finishes_)
        call_.response.finish_reasons.push_back({FinishReasonOf(raw), raw});
    }
    const bool told = is_told_ || !pieces_.empty() || !finishes_.empty() || usage_.IsTold();
    if (!told) return false;
    if (!call_.stream) call_.stream = true;
    context_.ToldBy("output.messages", hit_, "the chunks of a stream");
    if (usage_.IsTold()) context_.ToldBy("usage", hit_, "the chunks of a stream");
    return true;
  }

 private:
  std::string_view Text(JsonValue value) { return value.Text(context_.arena()); }

  void SetOnce(std::string_view& field, JsonValue value) {
    if (!field.empty() || !value.is_string()) return;
    field = context_.arena().Copy(Text(value));
    is_told_ = true;
  }

  void ReadHead(JsonValue chunk) {
    const JsonValue message = chunk["message"];
    if (chunk["choices"] || chunk["type"].raw() == "message-start") SetOnce(call_.response.id, chunk["id"]);
    SetOnce(call_.response.id, chunk["responseId"]);
    if (message.is_object()) SetOnce(call_.response.id, message["id"]);
    SetOnce(call_.response.model, chunk.FirstOf("model", "modelVersion"));
    SetOnce(call_.response.id, chunk["interaction"]["id"]);
    SetOnce(call_.response.model, chunk["interaction"]["model"]);
    if (message.is_object()) SetOnce(call_.response.model, message["model"]);
    SetOnce(call_.response.service_tier, chunk["service_tier"]);
    SetOnce(call_.response.system_fingerprint, chunk["system_fingerprint"]);
  }

  // OpenAI's Responses and Cohere's first API end with the answer as a whole.
  bool ReadWhole(JsonValue chunk) {
    const std::string_view type = chunk.FirstOf("type", "event_type").raw();
    const bool is_end = type == "response.completed" || type == "response.incomplete" ||
                        type == "response.failed" || type == "stream-end" ||
                        type.starts_with("interaction.complete");
    const JsonValue whole = chunk.FirstOf("response", "interaction");
    if (!is_end || !whole.is_object()) return type.starts_with("response.");
    // Its texts must outlive the chunk.
    const std::string_view kept = context_.arena().Copy(whole.json());
    const auto parsed = context_.pool.ParseUntrusted(kept);
    is_told_ = ReadResponseBody(context_, parsed.root(), hit_) || is_told_;
    return true;
  }

  void ReadChoice(JsonValue choice) {
    const int64_t index = IndexOf(choice["index"]);
    const JsonValue delta = choice.FirstOf("delta", "message");
    Grow({index, kThoughts}, delta.FirstOf("reasoning_content", "reasoning"), PartType::kReasoning);
    Grow({index, kWords}, delta["content"]);
    // Mistral's and Cohere's parts.
    for (const JsonValue part : delta["content"].items()) {
      const bool thinks = part["type"].raw() == "thinking";
      Grow({index, thinks ? kThoughts : kWords}, part["text"],
           thinks ? PartType::kReasoning : PartType::kText);
      for (const JsonValue thought : part["thinking"].items())
        Grow({index, kThoughts}, thought["text"], PartType::kReasoning);
    }
    Grow({index, kWords}, choice["text"]);
    for (const JsonValue tool : delta["tool_calls"].items()) {
      const JsonValue function = tool["function"];
      GrowTool({index, kTools + IndexOf(tool["index"])}, tool["id"], function["name"], function["arguments"]);
    }
    if (const JsonValue function = delta["function_call"])
      GrowTool({index, kTools}, {}, function["name"], function["arguments"]);
    AddFinish(choice["finish_reason"]);
  }

  // Gemini: parts come whole, but a text goes on from chunk to chunk.
  void ReadCandidate(JsonValue candidate) {
    const int64_t index = IndexOf(candidate["index"]);
    for (const JsonValue part : candidate["content"]["parts"].items()) {
      const bool thinks = part["thought"].Bool() == true;
      if (part["text"].is_string()) {
        Grow({index, thinks ? kThoughts : kWords}, part["text"],
             thinks ? PartType::kReasoning : PartType::kText);
      } else if (const JsonValue function = part["functionCall"]) {
        const auto next = static_cast<int64_t>(pieces_.size());
        GrowTool({index, kTools + next}, function["id"], function["name"], {});
        GrowTool({index, kTools + next}, {}, {}, function["args"]);
      }
    }
    AddFinish(candidate["finishReason"]);
  }

  // Anthropic's, Bedrock's and Cohere's blocks: a start, deltas, an end.
  void ReadBlock(JsonValue chunk) {
    const std::string_view type = chunk["type"].raw();
    // Bedrock names the event around it.
    for (const std::string_view event : {"contentBlockStart", "contentBlockDelta", "messageStop"}) {
      if (!chunk[event].is_object()) continue;
      ReadBlock(chunk[event]);
      AddFinish(chunk[event]["stopReason"]);
      return;
    }
    const Place place{0, IndexOf(chunk.FirstOf("index", "contentBlockIndex"))};
    if (const JsonValue block = chunk.FirstOf("content_block", "step"); block.is_object())
      StartBlock(place, block);
    if (const JsonValue tool = chunk["start"]["toolUse"]; tool.is_object())
      GrowTool(place, tool["toolUseId"], tool["name"], {});
    const JsonValue delta = chunk["delta"];
    if (!delta.is_object()) return;
    if (delta["message"].is_object()) return ReadCohere(place, delta["message"]);
    Grow(place, delta["text"]);
    Grow(place, delta["thinking"], PartType::kReasoning);
    Grow(place, delta["reasoningContent"]["text"], PartType::kReasoning);
    if (const JsonValue json = delta.FirstOf("partial_json", "arguments")) GrowTool(place, {}, {}, json);
    if (delta["toolUse"]) GrowTool(place, {}, {}, delta["toolUse"]["input"]);
    if (type == "message_delta" || type == "message-end")
      AddFinish(delta.FirstOf("stop_reason", "finish_reason"));
  }

  void StartBlock(Place place, JsonValue block) {
    const std::string_view type = block["type"].raw();
    if (type == "tool_use" || type == "server_tool_use" || type == "function_call") {
      GrowTool(place, block["id"], block["name"], {});
      if (Piece* piece = At(place); piece != nullptr && type == "server_tool_use")
        piece->type = PartType::kServerToolCall;
    } else if (type == "thinking") {
      Grow(place, block["thinking"], PartType::kReasoning);
    } else {
      Grow(place, block["text"]);
    }
  }

  void ReadCohere(Place place, JsonValue message) {
    const Place words{0, kWords + place.second};
    Grow(words, message["content"]["text"]);
    Grow({0, kThoughts}, message["content"]["thinking"], PartType::kReasoning);
    if (const JsonValue tool = message["tool_calls"]; tool.is_object())
      GrowTool({0, kCohereTools + place.second}, tool["id"], tool["function"]["name"],
               tool["function"]["arguments"]);
  }

  Piece* At(Place place) {
    const auto at = pieces_.find(place);
    if (at != pieces_.end()) return &at->second;
    if (pieces_.size() >= kPartsMax) {
      Count(Counter::kCallPartsOverLimit);
      return nullptr;
    }
    return &pieces_[place];
  }

  void Grow(Place place, JsonValue text, PartType type = PartType::kText) {
    if (!text.is_string() || text.raw().empty()) return;
    Piece* piece = At(place);
    if (piece == nullptr) return;
    piece->type = type;
    piece->text += Text(text);
  }

  void GrowTool(Place place, JsonValue id, JsonValue name, JsonValue arguments) {
    Piece* piece = At(place);
    if (piece == nullptr) return;
    if (piece->type != PartType::kServerToolCall) piece->type = PartType::kToolCall;
    if (piece->id.empty()) piece->id = Text(id);
    if (piece->name.empty()) piece->name = Text(name);
    piece->text += Text(arguments);
  }

  void AddFinish(JsonValue reason) {
    if (!reason.is_string() || IsSentinel(reason.raw()) || finishes_.size() >= 128) return;
    finishes_.push_back(context_.arena().Copy(Text(reason)));
  }

  void AddMessages() {
    MessageReader reader = context_.messages();
    auto at = pieces_.begin();
    while (at != pieces_.end()) {
      Message message;
      reader.Begin("assistant", message);
      const int64_t choice = at->first.first;
      for (; at != pieces_.end() && at->first.first == choice; ++at) {
        const Piece& piece = at->second;
        const std::string_view text = context_.arena().Copy(piece.text);
        const bool is_tool = piece.type == PartType::kToolCall || piece.type == PartType::kServerToolCall;
        reader.AddPart({.type = piece.type,
                        .text = is_tool ? std::string_view() : text,
                        .id = context_.arena().Copy(piece.id),
                        .name = context_.arena().Copy(piece.name),
                        .arguments = is_tool ? text : std::string_view()});
      }
      reader.End(message, call_.output.messages);
    }
  }

  MapContext& context_;
  Call& call_;
  const Hit& hit_;
  UsageClaims usage_;
  UsageClaims hosts_usage_;
  std::map<Place, Piece> pieces_;
  std::vector<std::string_view> finishes_;
  bool is_told_ = false;
};

}  // namespace

bool IsStreamBody(std::string_view text) {
  text = Trimmed(text);
  if (text.starts_with("data:") || text.starts_with("event:") || text.starts_with("id:")) return true;
  return text.starts_with('{') && text.ends_with('}') &&
         (text.find("}\n{") != std::string_view::npos || text.find("}\r\n{") != std::string_view::npos);
}

bool ReadStreamBody(MapContext& context, std::string_view text, const Hit& hit) {
  StreamReader reader(context, hit);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("data:")) line = Trimmed(line.substr(5));
    if (!line.starts_with('{')) continue;
    const auto parsed = context.pool.ParseUntrusted(line);
    reader.Read(parsed.root());
  }
  return reader.Finish();
}

bool ReadStreamChunks(MapContext& context, JsonValue list, const Hit& hit) {
  StreamReader reader(context, hit);
  for (const JsonValue chunk : list.items()) reader.Read(chunk);
  return reader.Finish();
}

}  // namespace telltale
