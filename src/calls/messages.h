// Chat messages out of JSON of any shape: OTel's parts, OpenAI's (chat and Responses),
// Anthropic's, Gemini's, Bedrock's, Vercel's, LangChain's, Haystack's, Pydantic AI's. The
// shape tells itself, so nobody has to say which dialect a span speaks. Private to calls/.
//
//   MessageReader reader(call, pool);
//   reader.ReadMessages(parsed.root(), "user", call.input.messages);
//
// Ownership      Writes into call.parts and call.arena; texts without escapes stay where
//                they are.
// Limits         kMessagesMax messages, kPartsMax parts a call; what is beyond is counted
//                and left out (the attribute holds it).
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "calls/values.h"
#include "json/tree.h"
#include "trace/call.h"

namespace telltale {

inline constexpr size_t kMessagesMax = 10'000;
inline constexpr size_t kPartsMax = 50'000;

// system, developer, user, assistant, tool; other words as they are.
std::string_view CanonicalRole(std::string_view role, Arena& arena);

class MessageReader {
 public:
  MessageReader(Call& call, JsonPool& pool) : call_(&call), pool_(&pool) {}

  // A list of messages, of parts, of texts, one message or one text. False, with nothing
  // appended, when the value is none of these.
  bool ReadMessages(JsonValue value, std::string_view role, std::vector<Message>& out);

  // One message, its parts appended between Begin and End.
  void Begin(std::string_view role, Message& message);
  void End(Message& message, std::vector<Message>& out);

  // Parts of the message being built: a text, a list of parts, one part.
  void ReadContent(JsonValue content);
  void ReadPart(JsonValue part);
  // Content as text, which several senders fill with the JSON of a list of parts.
  void ReadContentText(std::string_view text);
  // [{id, function{name, arguments}}] and its cousins; calls that are parts already are
  // left out.
  void ReadToolCalls(JsonValue calls, const Message& message);
  void AddText(std::string_view text);
  void AddPart(const MessagePart& part);

  std::string_view Text(JsonValue value) { return value.Text(call_->arena); }

 private:
  bool ReadMessage(JsonValue value, std::string_view role, std::vector<Message>& out);
  bool ReadLangChain(JsonValue value, std::string_view role, std::vector<Message>& out);
  bool ReadResponsesItem(JsonValue item, std::string_view type, std::vector<Message>& out);
  void ReadMessageBody(JsonValue value, Message& message);
  void ReadToolResultMessage(JsonValue value, Message& message);

  bool ReadTypedPart(JsonValue part, std::string_view type);
  bool ReadUntypedPart(JsonValue part);
  void ReadToolCall(JsonValue call, PartType type);
  void ReadToolResult(JsonValue result, PartType type);
  void ReadReasoning(JsonValue part);
  void ReadMedia(JsonValue part, std::string_view modality);
  bool ReadInlineData(JsonValue data, std::string_view modality);
  void AddUri(std::string_view uri, std::string_view mime_type, std::string_view modality, JsonValue raw);
  void AddOther(JsonValue part, std::string_view name);
  std::string_view ContentText(JsonValue content);

  Call* call_;
  JsonPool* pool_;
};

}  // namespace telltale
