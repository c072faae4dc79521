// Claude Code and Codex write what was said, and what a call cost, into log records beside
// their spans: claude_code.assistant_response, codex.user_prompt ... log_records.h finds
// the span that each is about.
#include <cmath>

#include "calls/log_records.h"
#include "calls/mapping.h"

namespace telltale {
namespace {

class AgentRecord {
 public:
  AgentRecord(MapContext& context, std::string_view name, Run attributes)
      : context_(context), name_(name), attributes_(attributes) {}

  std::string_view Text(std::string_view key) {
    const Value* value = context_.batch.Find(attributes_, key);
    const std::string_view text = value == nullptr ? std::string_view() : context_.Text(*value);
    return IsSentinel(text) ? std::string_view() : text;
  }
  std::optional<double> Number(std::string_view key) {
    const Value* value = context_.batch.Find(attributes_, key);
    return value == nullptr ? std::nullopt : NumberOf(*value);
  }
  void Set(std::string_view path, std::string_view& field, std::string_view key) {
    const std::string_view text = Text(key);
    if (!field.empty() || text.empty()) return;
    field = text;
    Told(path);
  }
  void Told(std::string_view path) {
    if (context_.explanation != nullptr)
      context_.explanation->Told(path, name_, name_ == kSpanAround ? "codex" : "log record");
  }
  void AddMessage(std::string_view role, std::string_view text, std::vector<Message>& out) {
    if (text.empty() || !out.empty()) return;
    MessageReader reader = context_.messages();
    Message message;
    reader.Begin(role, message);
    reader.AddText(text);
    reader.End(message, out);
    Told(role == "user" ? "input.messages" : "output.messages");
  }

 private:
  MapContext& context_;
  std::string_view name_;
  Run attributes_;
};

void ReadModelRecord(Call& call, AgentRecord& record, std::string_view event) {
  record.Set("response.model", call.response.model, "model");
  if (event == "assistant_response")
    record.AddMessage("assistant", record.Text("response"), call.output.messages);
  if (event == "api_error" && call.failed) {
    record.Set("error.message", call.error.message, "error");
    record.Set("error.code", call.error.code, "status_code");
  }
  const auto cost = record.Number("cost_usd");
  if (event != "api_request" || !cost || *cost < 0 || !std::isnan(call.reported_cost.total)) return;
  call.reported_cost.total = *cost;
  record.Told("reported_cost.total");
}

void ReadToolRecord(Call& call, AgentRecord& record) {
  record.Set("tool.call.arguments", call.tool.arguments, "tool_input");
  record.Set("tool.call.arguments", call.tool.arguments, "tool_parameters");
  record.Set("tool.call.arguments", call.tool.arguments, "arguments");
  record.Set("tool.call.result", call.tool.result, "output");
  if (record.Text("success") != "false") return;
  call.failed = true;
  record.Set("error.message", call.error.message, "error");
}

}  // namespace

bool ReadAgentRecord(MapContext& context, std::string_view name, Run attributes) {
  AgentRecord record(context, name, attributes);
  Call& call = context.call;
  if (name == kSpanAround) {
    record.Set("request.model", call.request.model, "model");
    return true;
  }
  const bool is_codex = name.starts_with("codex.");
  if (!is_codex && !name.starts_with("claude_code.")) return false;
  const std::string_view event = name.substr(name.find('.') + 1);
  if (event == "user_prompt" && !IsModelCall(call.kind)) {
    record.Set("input.value", call.input.value, "prompt");
  } else if (event == "tool_result" && call.kind == CallKind::kTool) {
    ReadToolRecord(call, record);
  } else if (IsModelCall(call.kind) && !is_codex) {
    ReadModelRecord(call, record, event);
  }
  return true;
}

}  // namespace telltale
