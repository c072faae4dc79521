// What span events and log records tell: messages as OTel wrote them up to 1.36 and as
// Strands, Spring AI, Semantic Kernel and Azure still do; errors; the first token.
//
// Both are the same to us: a name, attributes and, of a log record, a body.
#include <algorithm>

#include "calls/mapping.h"
#include "calls/vocabulary.h"

namespace telltale {
namespace {

struct CallEvent {
  std::string_view name;
  uint64_t time_unix_nano = 0;
  Run attributes;
  const Value* body = nullptr;
};

class EventReader {
 public:
  explicit EventReader(MapContext& context)
      : context_(context),
        call_(context.call),
        takes_input_(call_.input.messages.empty()),
        takes_output_(call_.output.messages.empty()) {}

  void Read(const CallEvent& event) {
    if (event.name == "exception" || event.name == "gen_ai.client.operation.exception")
      return ReadException(event);
    if (event.name == "First Token Stream Event" || event.name == "gen_ai.content.completion.chunk" ||
        event.name == "mlflow.chunk.item.0")
      return ReadFirstToken(event);
    if (event.name == "gen_ai.choice" || event.name == "gen_ai.assistant.message" ||
        event.name == "gen_ai.user.message" || event.name == "gen_ai.system.message" ||
        event.name == "gen_ai.tool.message")
      return ReadMessageEvent(event);
    if (event.name == "gen_ai.content.prompt") return ReadContentEvent(event, "gen_ai.prompt", true);
    if (event.name == "gen_ai.content.completion") return ReadContentEvent(event, "gen_ai.completion", false);
    if (event.name == "tool.output") return ReadToolOutput(event);
    if (event.name == "db.query.result" || event.name == "db.search.result") ReadSearchResult(event);
  }

 private:
  const Value* Find(const CallEvent& event, std::string_view key) {
    return context_.batch.Find(event.attributes, key);
  }
  std::string_view Text(const CallEvent& event, std::string_view key) {
    const Value* value = Find(event, key);
    return value == nullptr ? std::string_view() : context_.Text(*value);
  }

  void Told(std::string_view field, const CallEvent& event) {
    if (context_.explanation != nullptr)
      context_.explanation->Told(field, event.name, event.body == nullptr ? "span event" : "log record");
  }

  void ReadException(const CallEvent& event) {
    // An exception alone is no failure: frameworks retry.
    if (!call_.failed) return;
    if (const auto type = Text(event, "exception.type"); !type.empty() && call_.error.type.empty()) {
      call_.error.type = type;
      Told("error.type", event);
    }
    if (const auto message = Text(event, "exception.message");
        !message.empty() && call_.error.message.empty()) {
      call_.error.message = message;
      Told("error.message", event);
    }
  }

  void ReadFirstToken(const CallEvent& event) {
    if (call_.time_to_first_token || event.time_unix_nano < context_.span.start_unix_nano) return;
    call_.time_to_first_token =
        static_cast<double>(event.time_unix_nano - context_.span.start_unix_nano) / 1e9;
    Told("time_to_first_token", event);
    if (call_.stream) return;
    call_.stream = true;
    Told("stream", event);
  }

  // Role and content as JSON: a body, or Azure's whole message inside one attribute.
  bool ReadAsJson(const CallEvent& event, std::string_view role, std::vector<Message>& out) {
    const Value* value = event.body != nullptr && event.body->type != ValueType::kNone
                             ? event.body
                             : Find(event, "gen_ai.event.content");
    if (value == nullptr) return false;
    const auto parsed = context_.pool.ParseUntrusted(*value, context_.arena());
    const JsonValue root = parsed.root();
    if (!root.is_object()) return false;
    const JsonValue message = root["message"].is_object() ? root["message"] : root;
    // A tool's message may name its call by "id".
    if (role == "tool" && message["id"] && !message["tool_call_id"]) {
      AddToolResponse(message["content"].Text(context_.arena()), message["id"].Text(context_.arena()), out);
      return true;
    }
    const bool read = message.FirstOf("content", "parts", "tool_calls", "role") &&
                      context_.messages().ReadMessages(message, role, out);
    if (read && root["finish_reason"])
      out.back().finish_reason = root["finish_reason"].Text(context_.arena());
    // Without content, as the default of several instrumentations is, the reason still counts.
    if (!read && root["finish_reason"]) AddFinish(root["finish_reason"].Text(context_.arena()), event);
    return true;
  }

  void AddToolResponse(std::string_view text, std::string_view id, std::vector<Message>& out) {
    MessageReader reader = context_.messages();
    Message message;
    reader.Begin("tool", message);
    if (!text.empty() || !id.empty())
      reader.AddPart({.type = PartType::kToolCallResponse, .text = text, .id = id});
    reader.End(message, out);
  }

  void AddFinish(std::string_view raw, const CallEvent& event) {
    if (IsSentinel(raw) || !call_.response.finish_reasons.empty()) return;
    call_.response.finish_reasons.push_back({FinishReasonOf(raw), raw});
    Told("response.finish_reasons", event);
  }

  void ReadMessageEvent(const CallEvent& event) {
    const bool is_output = event.name == "gen_ai.choice";
    if (call_.kind == CallKind::kTool) return ReadToolEvent(event, is_output);
    if (!(is_output ? takes_output_ : takes_input_)) {
      if (context_.explanation != nullptr)
        context_.explanation->LeftOut(event.name, "attributes tell the messages");
      return;
    }
    // gen_ai.user.message -> user
    const std::string_view role =
        is_output ? "assistant"
                  : event.name.substr(7, event.name.size() - 7 - std::string_view(".message").size());
    std::vector<Message>& out = is_output ? call_.output.messages : call_.input.messages;
    const size_t before = out.size();
    if (!ReadAsJson(event, role, out)) ReadAsAttributes(event, role, out);
    if (out.size() > before) Told(is_output ? "output.messages" : "input.messages", event);
  }

  void ReadAsAttributes(const CallEvent& event, std::string_view role, std::vector<Message>& out) {
    std::string_view content = Text(event, "content");
    for (const std::string_view key : {"message", "message.content", "gen_ai.prompt", "gen_ai.completion"}) {
      if (content.empty()) content = Text(event, key);
    }
    const std::string_view finish = Text(event, "finish_reason");
    const std::string_view tool_calls = Text(event, "tool_calls");
    const std::string_view result = Text(event, "tool.result");
    if (role == "tool" && !Text(event, "id").empty()) return AddToolResponse(content, Text(event, "id"), out);
    if (content.empty() && tool_calls.empty() && result.empty()) return AddFinish(finish, event);
    if (LooksLikeJson(content) && content[0] == '{') {
      const auto parsed = context_.pool.ParseUntrusted(content);
      if (parsed.root()["role"] && context_.messages().ReadMessages(parsed.root(), role, out)) return;
    }
    MessageReader reader = context_.messages();
    Message message;
    reader.Begin(Text(event, "role").empty() ? role : Text(event, "role"), message);
    reader.ReadContentText(content);
    if (!tool_calls.empty()) {
      const auto parsed = context_.pool.ParseUntrusted(tool_calls);
      reader.ReadToolCalls(parsed.root(), message);
    }
    message.finish_reason = finish;
    reader.End(message, out);
  }

  // On a tool's span the message to it is its arguments and the choice its result.
  void ReadToolEvent(const CallEvent& event, bool is_output) {
    std::string_view& field = is_output ? call_.tool.result : call_.tool.arguments;
    std::string_view text = Text(event, "message");
    if (text.empty()) text = Text(event, "content");
    if (text.empty() || !field.empty()) return;
    field = text;
    Told(is_output ? "tool.call.result" : "tool.call.arguments", event);
  }

  void ReadContentEvent(const CallEvent& event, std::string_view key, bool is_input) {
    if (!(is_input ? takes_input_ : takes_output_)) return;
    const Value* value = Find(event, key);
    if (value == nullptr && event.body != nullptr) value = event.body;
    if (value == nullptr) return;
    std::vector<Message>& out = is_input ? call_.input.messages : call_.output.messages;
    const std::string_view role = is_input ? "user" : "assistant";
    const auto parsed = context_.pool.ParseUntrusted(*value, context_.arena());
    const size_t before = out.size();
    if (!parsed || !context_.messages().ReadMessages(parsed.root(), role, out)) {
      const std::string_view text = context_.Text(*value);
      if (text.empty()) return;
      MessageReader reader = context_.messages();
      Message message;
      reader.Begin(role, message);
      reader.AddText(text);
      reader.End(message, out);
    }
    if (out.size() > before) Told(is_input ? "input.messages" : "output.messages", event);
  }

  void ReadToolOutput(const CallEvent& event) {
    for (const std::string_view key : {"output", "content", "diff"}) {
      if (!call_.tool.result.empty() || Text(event, key).empty()) continue;
      call_.tool.result = Text(event, key);
      Told("tool.call.result", event);
    }
  }

  void ReadSearchResult(const CallEvent& event) {
    const std::string_view head = event.name == "db.query.result" ? "db.query.result." : "db.search.result.";
    if (call_.documents.size() >= kMessagesMax) return;
    Document document;
    for (const Attribute* at = context_.batch.begin(event.attributes);
         at != context_.batch.end(event.attributes); ++at) {
      if (!at->key.starts_with(head)) continue;
      const std::string_view name = at->key.substr(head.size());
      if (name == "id") document.id = context_.Text(at->value);
      if (name == "document") document.content = context_.Text(at->value);
      if (name == "metadata") document.metadata = context_.Text(at->value);
      if (name == "score") document.score = NumberOf(at->value).value_or(document.score);
    }
    call_.documents.push_back(document);
    Told("retrieval.documents", event);
  }

  MapContext& context_;
  Call& call_;
  const bool takes_input_;
  const bool takes_output_;
};

}  // namespace

bool IsCallEvent(std::string_view name) {
  return name.starts_with("gen_ai.");
}

void MapEvents(MapContext& context) {
  EventReader reader(context);
  for (uint32_t i = 0; i < context.span.events.count; ++i) {
    const Event& event = context.batch.events[context.span.events.begin + i];
    reader.Read({event.name, event.time_unix_nano, event.attributes, nullptr});
  }
  for (const CallRecord& record : context.records) {
    // Claude Code's body is the event's whole name, of which the attribute has the end.
    const bool is_claude =
        record.body.type == ValueType::kString && record.body.text.starts_with("claude_code.");
    if (ReadAgentRecord(context, is_claude ? record.body.text : record.event_name, record.attributes))
      continue;
    reader.Read({record.event_name, record.time_unix_nano, record.attributes, &record.body});
  }
}

}  // namespace telltale
