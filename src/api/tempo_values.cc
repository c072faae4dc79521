// Typed values as Tempo's answers write them, and answers as protobuf.
#include <bit>
#include <charconv>
#include <utility>

#include "api/tempo_parts.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

constexpr std::string_view kProtobuf = "application/protobuf";

template <typename Number>
Number NumberOf(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// What stands for a value that is none of a text's, a number's or a truth's.
std::string_view TextOf(std::string_view typed) {
  if (typed.empty()) return "nil";
  const std::string_view text = typed.substr(1);
  switch (typed.front()) {
    case 's':
    case 'y':
      return text;
    case 'a':
    case 'm':
      return text.empty() ? std::string_view("<list>") : text;
    default:
      return "<large value>";
  }
}

}  // namespace

void WriteTypedAnyValue(std::string_view typed, JsonWriter& json) {
  json.BeginObject();
  switch (typed.empty() ? '\0' : typed.front()) {
    case 'i':
      json.Key("intValue").String(typed.substr(1));
      break;
    case 'd':
      json.Key("doubleValue").Double(NumberOf<double>(typed.substr(1)));
      break;
    case 'b':
      json.Key("boolValue").Bool(typed.substr(1) == "true");
      break;
    default:
      json.Key("stringValue").String(TextOf(typed));
  }
  json.EndObject();
}

void AppendTypedKeyValue(uint32_t field, std::string_view key, std::string_view typed, std::string& out) {
  std::string value;
  switch (typed.empty() ? '\0' : typed.front()) {
    case 'i':
      AppendWireVarint(3, static_cast<uint64_t>(NumberOf<int64_t>(typed.substr(1))), value);
      break;
    case 'd':
      AppendWireFixed64(4, std::bit_cast<uint64_t>(NumberOf<double>(typed.substr(1))), value);
      break;
    case 'b':
      AppendWireVarint(2, typed.substr(1) == "true" ? 1 : 0, value);
      break;
    default:
      AppendWireBytes(1, TextOf(typed), value);
  }
  std::string key_value;
  AppendWireBytes(1, key, key_value);
  AppendWireBytes(2, value, key_value);
  AppendWireBytes(field, key_value, out);
}

std::string TempoMetricsMessage(size_t traces) {
  std::string message;
  if (traces > 0) AppendWireVarint(1, traces, message);
  AppendWireVarint(4, 1, message);
  AppendWireVarint(5, 1, message);
  return message;
}

bool AcceptsProtobuf(const HttpRequest& request) {
  return request.headers.Get("Accept").find(kProtobuf) != std::string_view::npos;
}

HttpResponse OfType(HttpResponse response, std::string_view type) {
  response.headers.fields.front().second = type;
  return response;
}

HttpResponse ProtobufResponse(std::string body) {
  return OfType(HttpResponse::Json(200, std::move(body)), kProtobuf);
}

}  // namespace telltale
