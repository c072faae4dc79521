#include "simulate/api_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <utility>

namespace telltale {
namespace {

using Json = nlohmann::json;

constexpr int kChoicesMax = 16;
constexpr size_t kInputsMax = 2048;
constexpr size_t kDimensionsMax = 4096;

std::unexpected<ApiError> Refuse(std::string message, std::string param = {}, std::string code = {}) {
  return std::unexpected(
      ApiError{.message = std::move(message), .param = std::move(param), .code = std::move(code)});
}

// The members of a request's object, read with their types checked. The first wrong
// one is kept; readers go on with defaults and the caller asks for error() once.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  // Null when it is absent or null.
  const Json* Find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  std::string String(const char* name) {
    const Json* value = Find(name);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    Wrong(name, "a string", *value);
    return {};
  }

  bool Bool(const char* name) {
    const Json* value = Find(name);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    Wrong(name, "a boolean", *value);
    return false;
  }

  std::optional<uint64_t> Count(const char* name, uint64_t min, uint64_t max) {
    const Json* value = Find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_integer()) {
      Wrong(name, "an integer", *value);
      return std::nullopt;
    }
    const bool negative = !value->is_number_unsigned() && value->get<int64_t>() < 0;
    const uint64_t number = negative ? 0 : value->get<uint64_t>();
    if (negative || number < min || number > max) {
      Keep("Invalid '" + std::string(name) + "': must be between " + std::to_string(min) + " and " +
               std::to_string(max) + ".",
           name, "integer_out_of_range");
      return std::nullopt;
    }
    return number;
  }

  void CheckNumber(const char* name, double min, double max) {
    const Json* value = Find(name);
    if (value == nullptr) return;
    if (!value->is_number()) return Wrong(name, "a decimal", *value);
    if (value->get<double>() < min || value->get<double>() > max) {
      Keep("Invalid '" + std::string(name) + "': out of range.", name, "decimal_out_of_range");
    }
  }

  void Wrong(const std::string& name, const char* wanted, const Json& value) {
    Keep("Invalid type for '" + name + "': expected " + wanted + ", but got " + value.type_name() +
             " instead.",
         name, "invalid_type");
  }
  void Keep(std::string message, std::string param, std::string code) {
    if (!error_)
      error_ = ApiError{.message = std::move(message), .param = std::move(param), .code = std::move(code)};
  }

  const std::optional<ApiError>& error() const { return error_; }

 private:
  const Json& object_;
  std::optional<ApiError> error_;
};

ApiResult<Json> ParseObject(std::string_view body) {
  Json parsed = Json::parse(body, nullptr, false);
  if (!parsed.is_object()) {
    return Refuse("We could not parse the JSON body of your request: it must be one JSON object.");
  }
  return parsed;
}

std::optional<ApiError> CheckModel(const std::string& model) {
  if (model.empty()) return ApiError{.message = "you must provide a model parameter"};
  if (!model.starts_with("unknown")) return std::nullopt;
  return ApiError{.status = 404,
                  .message = "The model `" + model + "` does not exist or you do not have access to it.",
                  .code = "model_not_found"};
}

// A string, or an array of parts of which those with a text count.
std::string TextOf(const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (!content.is_array()) return text;
  for (const Json& part : content) {
    if (!part.is_object()) continue;
    const auto found = part.find("text");
    if (found != part.end() && found->is_string()) text += found->get_ref<const std::string&>();
  }
  return text;
}

void ReadMessages(Members& members, ChatRequest& request) {
  const Json* messages = members.Find("messages");
  if (messages == nullptr) {
    return members.Keep("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
  }
  if (!messages->is_array()) return members.Wrong("messages", "an array of objects", *messages);
  if (messages->empty()) {
    return members.Keep("Invalid 'messages': empty array. Expected an array with minimum length 1.",
                        "messages", "empty_array");
  }
  for (size_t i = 0; i < messages->size(); ++i) {
    const Json& message = (*messages)[i];
    const std::string name = "messages[" + std::to_string(i) + "]";
    if (!message.is_object()) return members.Wrong(name, "an object", message);
    Members fields(message);
    const std::string role = fields.String("role");
    constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool", "function"};
    if (std::ranges::find(kRoles, role) == std::end(kRoles)) {
      return members.Keep("Invalid value: '" + role +
                              "'. Supported values are: 'system', 'assistant', 'user', " +
                              "'function', 'tool', and 'developer'.",
                          name + ".role", "invalid_value");
    }
    const Json* content = fields.Find("content");
    request.messages.push_back({.role = role, .text = content == nullptr ? std::string() : TextOf(*content)});
  }
}

void ReadTools(Members& members, ChatRequest& request) {
  const Json* tools = members.Find("tools");
  if (tools == nullptr) return;
  if (!tools->is_array()) return members.Wrong("tools", "an array of objects", *tools);
  for (size_t i = 0; i < tools->size(); ++i) {
    const std::string name = "tools[" + std::to_string(i) + "].function";
    const Json& tool = (*tools)[i];
    const auto function = tool.is_object() ? tool.find("function") : tool.end();
    if (!tool.is_object() || function == tool.end() || !function->is_object()) {
      return members.Keep("Missing required parameter: '" + name + "'.", name, "missing_required_parameter");
    }
    Members fields(*function);
    const Json* parameters = fields.Find("parameters");
    request.tools.push_back(
        {.name = fields.String("name"),
         .parameters = parameters == nullptr
                           ? "{}"
                           : parameters->dump(-1, ' ', false, Json::error_handler_t::replace)});
    if (request.tools.back().name.empty()) {
      return members.Keep("Missing required parameter: '" + name + ".name'.", name + ".name",
                          "missing_required_parameter");
    }
  }
}

void ReadToolChoice(Members& members, ChatRequest& request) {
  const Json* choice = members.Find("tool_choice");
  if (choice == nullptr) return;
  if (choice->is_string()) {
    const std::string text = choice->get<std::string>();
    if (text == "none") request.tool_choice = ToolChoice::kNone;
    if (text == "required") request.tool_choice = ToolChoice::kRequired;
    return;
  }
  if (!choice->is_object()) return members.Wrong("tool_choice", "a string or an object", *choice);
  request.tool_choice = ToolChoice::kRequired;
  const auto function = choice->find("function");
  if (function != choice->end() && function->is_object())
    request.tool_named = Members(*function).String("name");
  const bool known = std::ranges::any_of(request.tools, [&](const ToolDefinition& tool) {
    return request.tool_named.empty() || tool.name == request.tool_named;
  });
  if (!known) {
    members.Keep("Invalid value for 'tool_choice': no such function in 'tools'.", "tool_choice",
                 "invalid_value");
  }
}

void ReadFormat(Members& members, ChatRequest& request) {
  const Json* format = members.Find("response_format");
  if (format == nullptr) return;
  if (!format->is_object()) return members.Wrong("response_format", "an object", *format);
  const std::string type = Members(*format).String("type");
  if (type == "json_object") request.format = AnswerFormat::kJsonObject;
  if (type != "json_schema") return;
  request.format = AnswerFormat::kJsonSchema;
  const auto outer = format->find("json_schema");
  if (outer == format->end() || !outer->is_object() || !outer->contains("schema")) {
    return members.Keep("Missing required parameter: 'response_format.json_schema.schema'.",
                        "response_format.json_schema", "missing_required_parameter");
  }
  request.schema = (*outer)["schema"].dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool ReadIncludeUsage(Members& members) {
  const Json* options = members.Find("stream_options");
  return options != nullptr && options->is_object() && Members(*options).Bool("include_usage");
}

int ReadChoices(Members& members) {
  return static_cast<int>(members.Count("n", 1, kChoicesMax).value_or(1));
}

// Texts and arrays of token numbers; a token number stands for about four letters.
std::vector<std::string> ReadInputs(Members& members, const char* name) {
  const Json* input = members.Find(name);
  std::vector<std::string> inputs;
  if (input == nullptr) {
    members.Keep("Missing required parameter: '" + std::string(name) + "'.", name,
                 "missing_required_parameter");
    return inputs;
  }
  const auto numbers_as_text = [](const Json& numbers) {
    std::string text;
    for (const Json& number : numbers) text += number.dump().substr(0, 4) + " ";
    return text;
  };
  if (input->is_string()) {
    inputs.push_back(input->get<std::string>());
  } else if (input->is_array() && !input->empty() && input->front().is_number()) {
    inputs.push_back(numbers_as_text(*input));
  } else if (input->is_array() && input->size() <= kInputsMax) {
    for (const Json& item : *input) {
      if (item.is_string()) inputs.push_back(item.get<std::string>());
      if (item.is_array()) inputs.push_back(numbers_as_text(item));
    }
    if (inputs.size() != input->size()) members.Wrong(name, "an array of strings", *input);
  } else {
    members.Wrong(name, "a string or an array of at most 2048", *input);
  }
  if (inputs.empty()) members.Keep("Invalid '" + std::string(name) + "': it is empty.", name, "empty_array");
  return inputs;
}

}  // namespace

std::string_view ChatRequest::LastUserText() const {
  for (const ChatMessage& message : messages | std::views::reverse) {
    if (message.role == "user") return message.text;
  }
  return {};
}

ApiResult<ChatRequest> ParseChatRequestUntrusted(std::string_view body) {
  const ApiResult<Json> object = ParseObject(body);
  if (!object) return std::unexpected(object.error());
  Members members(*object);
  ChatRequest request;
  request.model = members.String("model");
  if (const auto error = CheckModel(request.model)) return std::unexpected(members.error().value_or(*error));
  ReadMessages(members, request);
  ReadTools(members, request);
  ReadToolChoice(members, request);
  ReadFormat(members, request);
  members.CheckNumber("temperature", 0, 2);
  members.CheckNumber("top_p", 0, 1);
  request.choices = ReadChoices(members);
  request.stream = members.Bool("stream");
  request.include_usage = ReadIncludeUsage(members);
  request.tokens_max = members.Count("max_completion_tokens", 1, 1u << 20);
  if (!request.tokens_max) request.tokens_max = members.Count("max_tokens", 1, 1u << 20);
  if (members.error()) return std::unexpected(*members.error());
  return request;
}

ApiResult<CompletionRequest> ParseCompletionRequestUntrusted(std::string_view body) {
  const ApiResult<Json> object = ParseObject(body);
  if (!object) return std::unexpected(object.error());
  Members members(*object);
  CompletionRequest request;
  request.model = members.String("model");
  if (const auto error = CheckModel(request.model)) return std::unexpected(members.error().value_or(*error));
  request.prompts = ReadInputs(members, "prompt");
  request.tokens_max = members.Count("max_tokens", 0, 1u << 20).value_or(request.tokens_max);
  request.choices = ReadChoices(members);
  request.stream = members.Bool("stream");
  request.include_usage = ReadIncludeUsage(members);
  members.CheckNumber("temperature", 0, 2);
  if (members.error()) return std::unexpected(*members.error());
  return request;
}

ApiResult<EmbeddingRequest> ParseEmbeddingRequestUntrusted(std::string_view body) {
  const ApiResult<Json> object = ParseObject(body);
  if (!object) return std::unexpected(object.error());
  Members members(*object);
  EmbeddingRequest request;
  request.model = members.String("model");
  if (const auto error = CheckModel(request.model)) return std::unexpected(members.error().value_or(*error));
  request.inputs = ReadInputs(members, "input");
  const size_t own_dimensions = request.model.find("large") != std::string::npos ? 3072 : 1536;
  request.dimensions = members.Count("dimensions", 1, kDimensionsMax).value_or(own_dimensions);
  const std::string encoding = members.String("encoding_format");
  request.base64 = encoding == "base64";
  if (!encoding.empty() && encoding != "float" && encoding != "base64") {
    members.Keep("Invalid value: '" + encoding + "'. Supported values are: 'float' and 'base64'.",
                 "encoding_format", "invalid_value");
  }
  if (members.error()) return std::unexpected(*members.error());
  return request;
}

}  // namespace telltale
