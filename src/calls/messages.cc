#include "calls/messages.h"

#include <algorithm>
#include <utility>

#include "base/counters.h"

namespace telltale {
namespace {

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// LangChain names the role by the class of the message.
std::string_view RoleOfLangChain(std::string_view type) {
  if (type == "human" || type == "HumanMessage" || type == "HumanMessageChunk") return "user";
  if (type == "ai" || type == "AIMessage" || type == "AIMessageChunk") return "assistant";
  if (type == "system" || type == "SystemMessage") return "system";
  if (type == "tool" || type == "ToolMessage" || type == "function" || type == "FunctionMessage")
    return "tool";
  return {};
}

std::string_view ModalityOf(std::string_view type_or_mime) {
  for (const std::string_view modality : {"image", "audio", "video", "document"}) {
    if (type_or_mime.find(modality) != std::string_view::npos) return modality;
  }
  return {};
}

// True for an object that could be a message: it says who speaks, or wraps one that does.
bool SaysWhoSpeaks(JsonValue value) {
  return value["role"] || value["message"].is_object() || value["parts"].is_array() || value["lc"] ||
         !RoleOfLangChain(value["type"].raw()).empty();
}

// True for a list of parts: nobody in it says who speaks.
bool IsPartList(JsonValue list) {
  for (const JsonValue item : list.items()) {
    if (!item.is_object() || SaysWhoSpeaks(item) ||
        IsOneOf(item["type"].raw(), {"message", "function_call", "function_call_output", "reasoning"}))
      return false;
  }
  return !list.items().empty();
}

}  // namespace

std::string_view CanonicalRole(std::string_view role, Arena& arena) {
  if (role == "user" || role == "assistant" || role == "system" || role == "tool") return role;
  // MessageRole.USER: an enum of Python as text.
  if (const size_t dot = role.rfind('.'); dot != std::string_view::npos) role.remove_prefix(dot + 1);
  role = LowerCase(role, arena);
  if (role == "human") return "user";
  if (role == "model" || role == "ai" || role == "bot" || role == "chatbot") return "assistant";
  if (role == "function" || role == "tool-response" || role == "tool_response") return "tool";
  return role;
}

void MessageReader::Begin(std::string_view role, Message& message) {
  message.role = CanonicalRole(role, call_->arena);
  message.parts.begin = static_cast<uint32_t>(call_->parts.size());
}

void MessageReader::End(Message& message, std::vector<Message>& out) {
  message.parts.count = static_cast<uint32_t>(call_->parts.size()) - message.parts.begin;
  if (out.size() >= kMessagesMax) {
    call_->parts.resize(message.parts.begin);
    Count(Counter::kCallPartsOverLimit);
    return;
  }
  out.push_back(message);
}

void MessageReader::AddPart(const MessagePart& part) {
  if (call_->parts.size() >= kPartsMax) {
    Count(Counter::kCallPartsOverLimit);
    return;
  }
  call_->parts.push_back(part);
}

void MessageReader::AddText(std::string_view text) {
  if (!text.empty()) AddPart({.type = PartType::kText, .text = text});
}

void MessageReader::AddOther(JsonValue part, std::string_view name) {
  AddPart({.type = PartType::kOther, .name = name, .raw = part.json()});
}

bool MessageReader::ReadMessages(JsonValue value, std::string_view role, std::vector<Message>& out) {
  const size_t before = out.size();
  if (value.is_string()) {
    Message message;
    Begin(role, message);
    AddText(Text(value));
    End(message, out);
    return true;
  }
  if (value.is_object()) {
    if (value["messages"].is_array()) return ReadMessages(value["messages"], role, out);
    return ReadMessage(value, role, out);
  }
  if (!value.is_array()) return false;
  // Parts, with nobody who speaks them: one message.
  if (IsPartList(value)) {
    Message message;
    Begin(role, message);
    for (const JsonValue item : value.items()) ReadPart(item);
    End(message, out);
    return true;
  }
  for (const JsonValue item : value.items()) {
    // LangChain runs a batch of conversations: [[message, message]].
    if (item.is_array() || item.is_string()) {
      ReadMessages(item, role, out);
    } else if (!ReadMessage(item, role, out) && item) {
      Message message;
      Begin(role, message);
      AddOther(item, {});
      End(message, out);
    }
  }
  return out.size() > before;
}

bool MessageReader::ReadMessage(JsonValue value, std::string_view role, std::vector<Message>& out) {
  if (!value.is_object()) return false;
  const std::string_view type = value["type"].raw();
  if (value["lc"] || (!value["role"] && !RoleOfLangChain(type).empty()))
    return ReadLangChain(value, role, out);
  if (!value["role"] && ReadResponsesItem(value, type, out)) return true;
  if (!value["role"] && value["message"].is_object()) {
    const size_t before = out.size();
    if (!ReadMessage(value["message"], role, out)) return false;
    if (out.size() > before)
      out.back().finish_reason = Text(value.FirstOf("finish_reason", "finishReason", "stop_reason"));
    return true;
  }
  if (!value.FirstOf("role", "content", "parts", "text", "tool_calls")) return false;
  Message message;
  Begin(value["role"] ? Text(value["role"]) : role, message);
  ReadMessageBody(value, message);
  End(message, out);
  return true;
}

bool MessageReader::ReadLangChain(JsonValue value, std::string_view role, std::vector<Message>& out) {
  JsonValue body = value;
  std::string_view type = value["type"].raw();
  if (value["lc"]) {
    for (const JsonValue part : value["id"].items()) type = part.raw();  // the last one is the class
    body = value["kwargs"];
  } else if (value["data"].is_object()) {
    body = value["data"];
  }
  if (!body.is_object()) return false;
  if (RoleOfLangChain(type).empty()) type = body["type"].raw();
  Message message;
  const std::string_view told = RoleOfLangChain(type);
  // Only a stream's answer comes as what is left of its chunks.
  if (role == "assistant" && type == "AIMessageChunk") call_->stream = true;
  Begin(told.empty() ? role : told, message);
  ReadMessageBody(body, message);
  if (const JsonValue calls = body["additional_kwargs"]["tool_calls"]) ReadToolCalls(calls, message);
  message.finish_reason =
      Text(body["response_metadata"].FirstOf("finish_reason", "stop_reason", "done_reason"));
  End(message, out);
  return true;
}

// OpenAI's Responses API: items that are no messages stand between them.
bool MessageReader::ReadResponsesItem(JsonValue item, std::string_view type, std::vector<Message>& out) {
  Message message;
  if (IsOneOf(type, {"function_call", "custom_tool_call"})) {
    Begin("assistant", message);
    ReadToolCall(item, PartType::kToolCall);
  } else if (IsOneOf(type, {"function_call_output", "custom_tool_call_output"})) {
    Begin("tool", message);
    ReadToolResult(item, PartType::kToolCallResponse);
  } else if (type == "reasoning" && !item["content"].is_string()) {
    Begin("assistant", message);
    ReadReasoning(item);
  } else if (type.ends_with("_call") && type != "tool_call" && item["id"]) {
    Begin("assistant", message);
    AddPart({.type = PartType::kServerToolCall, .id = Text(item["id"]), .name = type, .raw = item.json()});
  } else {
    return false;
  }
  End(message, out);
  return true;
}

void MessageReader::ReadMessageBody(JsonValue value, Message& message) {
  if (const JsonValue name = value["name"]; name.is_string()) message.name = Text(name);
  message.finish_reason = Text(value.FirstOf("finish_reason", "finishReason", "stop_reason", "stopReason"));
  if (const JsonValue thoughts = value.FirstOf("reasoning_content", "reasoning", "thinking");
      thoughts.is_string())
    AddPart({.type = PartType::kReasoning, .text = Text(thoughts)});
  if (message.role == "tool" && value.FirstOf("tool_call_id", "toolCallId") && !value["parts"]) {
    ReadToolResultMessage(value, message);
  } else if (value["parts"].is_array()) {
    for (const JsonValue part : value["parts"].items()) ReadPart(part);
  } else if (const JsonValue content = value.FirstOf("content", "contents", "text")) {
    ReadContent(content);
  }
  if (const JsonValue calls = value.FirstOf("tool_calls", "toolCalls")) ReadToolCalls(calls, message);
  if (const JsonValue call = value["function_call"]; call.is_object())
    ReadToolCall(call, PartType::kToolCall);
  if (const JsonValue refusal = value["refusal"]; refusal.is_string()) {
    AddPart({.type = PartType::kOther, .text = Text(refusal), .name = "refusal"});
  }
}

void MessageReader::ReadToolResultMessage(JsonValue value, Message& message) {
  MessagePart part{.type = PartType::kToolCallResponse,
                   .text = ContentText(value["content"]),
                   .id = Text(value.FirstOf("tool_call_id", "toolCallId"))};
  part.name = std::exchange(message.name, {});
  AddPart(part);
}

// A tool's result as one text: parts that are text alone are joined, others stay JSON.
std::string_view MessageReader::ContentText(JsonValue content) {
  if (!content.is_array()) return Text(content);
  std::string joined;
  for (const JsonValue item : content.items()) {
    const JsonValue text = item.is_string() ? item : item["text"];
    if (!text.is_string()) return content.json();
    if (!joined.empty()) joined += '\n';
    joined += Text(text);
  }
  return call_->arena.Copy(joined);
}

void MessageReader::ReadContent(JsonValue content) {
  if (content.is_array()) {
    for (const JsonValue part : content.items()) ReadPart(part);
  } else if (content.is_object()) {
    ReadPart(content);
  } else {
    AddText(Text(content));
  }
}

void MessageReader::ReadContentText(std::string_view text) {
  if (LooksLikeJson(text)) {
    const auto parsed = pool_->ParseUntrusted(text);
    const JsonValue root = parsed.root();
    bool is_parts = root.is_array() && !root.items().empty();
    for (const JsonValue item : root.items()) {
      is_parts =
          is_parts && item.is_object() &&
          item.FirstOf("type", "text", "toolUse", "toolResult", "reasoningContent", "image", "document");
    }
    if (is_parts) return ReadContent(root);
  }
  AddText(text);
}

void MessageReader::ReadPart(JsonValue part) {
  if (part.is_string()) return AddText(Text(part));
  if (!part.is_object()) return;
  if (part["message_content"].is_object()) return ReadPart(part["message_content"]);
  const JsonValue type = part["type"];
  if (type.is_string() && ReadTypedPart(part, type.raw())) return;
  if (ReadUntypedPart(part)) return;
  AddOther(part, type.is_string() ? Text(type) : std::string_view());
}

bool MessageReader::ReadTypedPart(JsonValue part, std::string_view type) {
  if (IsOneOf(type, {"text", "input_text", "output_text", "TextContent"})) {
    ReadContent(part.FirstOf("text", "content", "value"));
    return true;
  }
  if (IsOneOf(type, {"reasoning", "thinking", "redacted_thinking", "redacted-thinking", "reasoning-delta"})) {
    ReadReasoning(part);
    return true;
  }
  if (IsOneOf(type, {"tool_call", "tool-call", "tool_use", "toolCall", "function_call", "function",
                     "FunctionCall"})) {
    ReadToolCall(part, PartType::kToolCall);
    return true;
  }
  if (IsOneOf(type, {"tool_call_response", "tool-result", "tool_result", "tool_response", "tool-return",
                     "function_call_output", "FunctionExecutionResult"})) {
    ReadToolResult(part, PartType::kToolCallResponse);
    return true;
  }
  if (IsOneOf(type, {"server_tool_call", "server_tool_use", "builtin-tool-call"})) {
    ReadToolCall(part, PartType::kServerToolCall);
    return true;
  }
  if (IsOneOf(type, {"server_tool_call_response", "builtin-tool-return"}) || type.ends_with("_tool_result")) {
    ReadToolResult(part, PartType::kServerToolCallResponse);
    return true;
  }
  if (IsOneOf(type, {"image_url", "image", "input_image", "image-url", "audio-url", "video-url",
                     "document-url", "uri", "blob", "binary", "file", "input_file", "document", "input_audio",
                     "audio", "video", "media"})) {
    ReadMedia(part, ModalityOf(type));
    return true;
  }
  if (type == "refusal") {
    AddPart({.type = PartType::kOther, .text = Text(part.FirstOf("refusal", "content")), .name = "refusal"});
    return true;
  }
  return false;
}

// Gemini's, Bedrock's, Genkit's and Haystack's parts are named by the member they have.
bool MessageReader::ReadUntypedPart(JsonValue part) {
  if (const JsonValue text = part["text"]; text.is_string()) {
    AddPart({.type = part["thought"].Bool() == true ? PartType::kReasoning : PartType::kText,
             .text = Text(text)});
    return true;
  }
  if (const JsonValue call =
          part.FirstOf("functionCall", "function_call", "toolUse", "toolRequest", "tool_call");
      call.is_object()) {
    ReadToolCall(call, PartType::kToolCall);
    return true;
  }
  if (const JsonValue result = part.FirstOf("functionResponse", "function_response", "toolResult",
                                            "toolResponse", "tool_call_result");
      result.is_object()) {
    ReadToolResult(result, PartType::kToolCallResponse);
    return true;
  }
  if (const JsonValue thoughts = part.FirstOf("reasoningContent", "reasoning")) {
    ReadReasoning(thoughts.is_object() ? thoughts : part);
    return true;
  }
  if (const JsonValue data = part.FirstOf("inlineData", "inline_data"); data.is_object())
    return ReadInlineData(data, ModalityOf(data.FirstOf("mimeType", "mime_type").raw()));
  if (const JsonValue file = part.FirstOf("fileData", "file_data"); file.is_object()) {
    AddUri(Text(file.FirstOf("fileUri", "file_uri")), Text(file.FirstOf("mimeType", "mime_type")), {}, part);
    return true;
  }
  for (const std::string_view modality : {"media", "image", "audio", "video", "document", "file"}) {
    if (!part[modality]) continue;
    ReadMedia(part, modality == "media" || modality == "file" ? std::string_view() : modality);
    return true;
  }
  return false;
}

void MessageReader::ReadToolCall(JsonValue call, PartType type) {
  const JsonValue function = call["function"].is_object() ? call["function"] : call;
  const JsonValue arguments =
      function.FirstOf("arguments", "input", "args", "parameters", "function_arguments", "server_tool_call");
  MessagePart part{
      .type = type,
      .id = Text(call.FirstOf("call_id", "id", "toolCallId", "tool_call_id", "toolUseId", "ref")),
      .name = Text(function.FirstOf("name", "toolName", "tool_name", "function_name")),
      .arguments = Text(arguments)};
  AddPart(part);
}

void MessageReader::ReadToolResult(JsonValue result, PartType type) {
  const JsonValue origin = result["origin"];
  MessagePart part{.type = type,
                   .text = ContentText(result.FirstOf("response", "result", "output", "content",
                                                      "server_tool_call_response", "toolResult")),
                   .id = Text(result.FirstOf("tool_call_id", "tool_use_id", "toolCallId", "toolUseId",
                                             "call_id", "id", "ref")),
                   .name = Text(result.FirstOf("name", "toolName", "tool_name"))};
  if (origin.is_object()) {
    part.id = Text(origin["id"]);
    part.name = Text(origin.FirstOf("tool_name", "name"));
  }
  // Vercel wraps a result once more: {"type": "json", "value": ...}.
  if (const JsonValue output = result["output"]; output.is_object() && output["type"] && output["value"])
    part.text = Text(output["value"]);
  AddPart(part);
}

void MessageReader::ReadReasoning(JsonValue part) {
  JsonValue text = part.FirstOf("content", "thinking", "text", "reasoning", "summary", "reasoningText");
  if (text.is_object()) text = text["text"];
  const std::string_view found = text.is_array() ? ContentText(text) : Text(text);
  // Encrypted thoughts have no text, but they were paid for.
  AddPart({.type = PartType::kReasoning,
           .text = found == "[]" ? std::string_view() : found,
           .raw = found.empty() || part["signature"] ? part.json() : std::string_view()});
}

bool MessageReader::ReadInlineData(JsonValue data, std::string_view modality) {
  const std::string_view mime =
      Text(data.FirstOf("mimeType", "mime_type", "media_type", "mediaType", "format"));
  AddPart({.type = PartType::kBlob,
           .text = Text(data.FirstOf("data", "content", "bytes")),
           .mime_type = mime,
           .modality = modality.empty() ? ModalityOf(mime) : modality});
  return true;
}

void MessageReader::AddUri(std::string_view uri, std::string_view mime_type, std::string_view modality,
                           JsonValue raw) {
  if (uri.empty()) return AddOther(raw, modality);
  MessagePart part{.type = PartType::kUri, .text = uri, .mime_type = mime_type, .modality = modality};
  if (uri.starts_with("data:")) {
    // data:image/png;base64,....
    const size_t comma = std::min(uri.find(','), uri.size());
    part.type = PartType::kBlob;
    part.mime_type = uri.substr(5, std::min(uri.find(';'), comma) - 5);
    part.text = uri.substr(std::min(comma + 1, uri.size()));
  }
  if (part.modality.empty()) part.modality = ModalityOf(part.mime_type);
  AddPart(part);
}

void MessageReader::ReadMedia(JsonValue part, std::string_view modality) {
  const std::string_view mime =
      Text(part.FirstOf("mime_type", "mimeType", "media_type", "mediaType", "contentType"));
  if (const JsonValue told = part["modality"]; told.is_string()) modality = Text(told);
  // Where it lies: in the part, or one step inside.
  for (const std::string_view holder :
       {"source", "image_url", "image", "input_audio", "audio", "file", "document", "media", "video"}) {
    const JsonValue inner = part[holder];
    if (inner.is_string()) return AddUri(Text(inner), mime, modality, part);
    if (!inner.is_object()) continue;
    if (const JsonValue id = inner["file_id"])
      return AddPart({.type = PartType::kFile, .text = Text(id), .mime_type = mime, .modality = modality});
    if (inner.FirstOf("data", "bytes")) {
      ReadInlineData(inner, modality);
      return;
    }
    if (const JsonValue url = inner.FirstOf("url", "uri", "file_data")) {
      const JsonValue type = inner.FirstOf("contentType", "mime_type", "mediaType");
      return AddUri(Text(url), type ? Text(type) : mime, modality, part);
    }
    // Bedrock: {"image": {"format": "png", "source": {"bytes": "..."}}}.
    if (inner["source"].is_object()) return ReadMedia(inner, modality);
  }
  if (const JsonValue id = part.FirstOf("file_id", "fileId"))
    return AddPart({.type = PartType::kFile, .text = Text(id), .mime_type = mime, .modality = modality});
  if (const JsonValue url = part.FirstOf("uri", "url")) return AddUri(Text(url), mime, modality, part);
  if (part.FirstOf("data", "content", "bytes")) {
    const JsonValue data = part.FirstOf("data", "content", "bytes");
    if (data.is_string() && Text(data).find("://") != std::string_view::npos)
      return AddUri(Text(data), mime, modality, part);
    ReadInlineData(part, modality);
    return;
  }
  AddOther(part, modality);
}

void MessageReader::ReadToolCalls(JsonValue calls, const Message& message) {
  if (!calls.is_array()) return;
  for (const JsonValue call : calls.items()) {
    const JsonValue one = call["tool_call"].is_object() ? call["tool_call"] : call;
    if (!one.is_object()) continue;
    const std::string_view id = Text(one.FirstOf("call_id", "id", "toolCallId", "tool_call_id"));
    const bool is_there = std::any_of(
        call_->parts.begin() + message.parts.begin, call_->parts.end(), [&](const MessagePart& part) {
          return part.type == PartType::kToolCall && !id.empty() && part.id == id;
        });
    if (!is_there) ReadToolCall(one, PartType::kToolCall);
  }
}

}  // namespace telltale
