// Requests of the OpenAI API, read and checked.
//
//   auto request = ParseChatRequestUntrusted(http.body);
//   if (!request) return ErrorBody(request.error());
//
// Thread safety  Free functions; may be called from any thread.
// Failure        ApiError: what the provider would answer, ready to be written.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

struct ApiError {
  int status = 400;
  std::string message;
  std::string type = "invalid_request_error";
  std::string param;  // empty: null
  std::string code;   // empty: null
};

template <typename T>
using ApiResult = std::expected<T, ApiError>;

struct ChatMessage {
  std::string role;
  std::string text;  // the text parts joined; empty when there is none
};

struct ToolDefinition {
  std::string name;
  std::string parameters;  // JSON Schema as text
};

enum class ToolChoice { kNone, kAuto, kRequired };
enum class AnswerFormat { kText, kJsonObject, kJsonSchema };

struct ChatRequest {
  std::string model;
  std::vector<ChatMessage> messages;
  std::vector<ToolDefinition> tools;
  ToolChoice tool_choice = ToolChoice::kAuto;
  std::string tool_named;  // with kRequired: this one; empty: any
  AnswerFormat format = AnswerFormat::kText;
  std::string schema;  // of kJsonSchema
  std::optional<uint64_t> tokens_max;
  int choices = 1;
  bool stream = false;
  bool include_usage = false;

  // What the last message of role "user" says, and the last message of all.
  std::string_view LastUserText() const;
  const ChatMessage& LastMessage() const { return messages.back(); }
};

struct CompletionRequest {
  std::string model;
  std::vector<std::string> prompts;
  uint64_t tokens_max = 16;  // the API's own default
  int choices = 1;
  bool stream = false;
  bool include_usage = false;
};

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> inputs;
  size_t dimensions = 1536;
  bool base64 = false;
};

ApiResult<ChatRequest> ParseChatRequestUntrusted(std::string_view body);
ApiResult<CompletionRequest> ParseCompletionRequestUntrusted(std::string_view body);
ApiResult<EmbeddingRequest> ParseEmbeddingRequestUntrusted(std::string_view body);

}  // namespace telltale
