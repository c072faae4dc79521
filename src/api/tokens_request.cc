#include "api/tokens_request.h"

#include <simdjson.h>

#include <utility>

namespace telltale {
namespace {

namespace ondemand = simdjson::ondemand;

std::unexpected<Error> Refuse(std::string_view member, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, "read body: " + std::string(member) + ": " + std::string(why),
              R"(send {"model": "gpt-4o", "text": "..."}, or "messages" instead of "text")");
}

Result<std::string> ReadString(std::string_view member, ondemand::value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS)
    return Refuse(member, "not a string of whole characters");
  return std::string(text);
}

Status ReadPart(const std::string& member, ondemand::value value, TokensRequest& request,
                std::string& content) {
  ondemand::object part;
  if (value.get_object().get(part) != simdjson::SUCCESS) return Refuse(member, "not an object");
  bool has_text = false;
  for (auto field : part) {
    std::string_view key;
    ondemand::value inner;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(inner) != simdjson::SUCCESS) {
      return Refuse(member, "not valid JSON");
    }
    if (key != "text") continue;
    TELLTALE_ASSIGN_OR_RETURN(const std::string text, ReadString(member + ".text", inner));
    content += text;
    has_text = true;
  }
  if (!has_text) ++request.parts_without_text;
  return {};
}

// A string, null (an answer that only calls tools), or the parts of a message.
Status ReadContent(const std::string& member, ondemand::value value, TokensRequest& request,
                   std::string& content) {
  ondemand::json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Refuse(member, "not valid JSON");
  if (type == ondemand::json_type::null) {
    bool null = false;
    if (value.is_null().get(null) != simdjson::SUCCESS || !null) return Refuse(member, "not valid JSON");
    return {};
  }
  if (type != ondemand::json_type::array) {
    TELLTALE_ASSIGN_OR_RETURN(content, ReadString(member, value));
    return {};
  }
  ondemand::array parts;
  if (value.get_array().get(parts) != simdjson::SUCCESS) return Refuse(member, "not valid JSON");
  size_t number = 0;
  for (auto item : parts) {
    const std::string part = member + '[' + std::to_string(number++) + ']';
    ondemand::value inner;
    if (item.get(inner) != simdjson::SUCCESS) return Refuse(part, "not valid JSON");
    TELLTALE_RETURN_IF_ERROR(ReadPart(part, inner, request, content));
  }
  return {};
}

Result<TokensRequest::Message> ReadMessage(const std::string& member, ondemand::value value,
                                           TokensRequest& request) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return Refuse(member, "not an object");
  TokensRequest::Message message;
  for (auto field : object) {
    std::string_view key;
    ondemand::value inner;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(inner) != simdjson::SUCCESS) {
      return Refuse(member, "not valid JSON");
    }
    if (key == "role") {
      TELLTALE_ASSIGN_OR_RETURN(message.role, ReadString(member + ".role", inner));
    } else if (key == "name") {
      TELLTALE_ASSIGN_OR_RETURN(message.name, ReadString(member + ".name", inner));
    } else if (key == "content") {
      TELLTALE_RETURN_IF_ERROR(ReadContent(member + ".content", inner, request, message.content));
    }
  }
  return message;
}

Status ReadMessages(ondemand::value value, TokensRequest& request) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return Refuse("messages", "not an array");
  request.messages.emplace();
  for (auto item : array) {
    const std::string member = "messages[" + std::to_string(request.messages->size()) + ']';
    ondemand::value inner;
    if (item.get(inner) != simdjson::SUCCESS) return Refuse(member, "not valid JSON");
    TELLTALE_ASSIGN_OR_RETURN(auto message, ReadMessage(member, inner, request));
    request.messages->push_back(std::move(message));
  }
  return {};
}

Status ReadMember(std::string_view key, ondemand::value value, TokensRequest& request) {
  if (key == "messages") return ReadMessages(value, request);
  std::string* out = key == "model"      ? &request.model
                     : key == "encoding" ? &request.encoding
                     : key == "text"     ? &request.text.emplace()
                                         : nullptr;
  if (out == nullptr) return Refuse(key.substr(0, 100), "unknown member");
  TELLTALE_ASSIGN_OR_RETURN(*out, ReadString(key, value));
  return {};
}

Status CheckMembers(const TokensRequest& request) {
  if (request.model.empty() == request.encoding.empty()) {
    return Refuse("model, encoding", "exactly one of them must be there");
  }
  if (request.text.has_value() == request.messages.has_value()) {
    return Refuse("text, messages", "exactly one of them must be there");
  }
  return {};
}

}  // namespace

Result<TokensRequest> ReadTokensRequestUntrusted(std::string_view body) {
  const simdjson::padded_string padded(body);
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  simdjson::error_code error = parser.iterate(padded).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(object);
  if (error != simdjson::SUCCESS) return Refuse("the body", "not a JSON object");
  TokensRequest request;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      return Refuse("the body", "not valid JSON");
    }
    TELLTALE_RETURN_IF_ERROR(ReadMember(key, value, request));
  }
  const char* behind = nullptr;
  if (document.current_location().get(behind) == simdjson::SUCCESS)
    return Refuse("the body", "something follows the object");
  TELLTALE_RETURN_IF_ERROR(CheckMembers(request));
  return request;
}

}  // namespace telltale
