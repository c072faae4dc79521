#include "otlp/any_value.h"

#include "base/bytes.h"
#include "json/writer.h"

namespace telltale {

void AppendAnyValueJson(const Value& value, std::string& out) {
  switch (value.type) {
    case ValueType::kNone:
      out += "{}";
      return;
    case ValueType::kString:
      out += "{\"stringValue\":";
      AppendJsonString(value.text, out);
      out += '}';
      return;
    case ValueType::kBool:
      out += value.boolean ? "{\"boolValue\":true}" : "{\"boolValue\":false}";
      return;
    case ValueType::kInt:
      out += "{\"intValue\":\"";
      AppendJsonInt(value.integer, out);
      out += "\"}";
      return;
    case ValueType::kDouble:
      out += "{\"doubleValue\":";
      AppendJsonDouble(value.real, out);
      out += '}';
      return;
    case ValueType::kBytes:
      out += "{\"bytesValue\":\"";
      AppendBase64(value.text, out);
      out += "\"}";
      return;
    case ValueType::kArray:
    case ValueType::kMap:
      out += value.text;
      return;
  }
}

void AppendAttributesJson(const Batch& batch, Run attributes, std::string& out) {
  out += '[';
  for (const Attribute* at = batch.begin(attributes); at != batch.end(attributes); ++at) {
    if (at != batch.begin(attributes)) out += ',';
    out += "{\"key\":";
    AppendJsonString(at->key, out);
    out += ",\"value\":";
    AppendAnyValueJson(at->value, out);
    out += '}';
  }
  out += ']';
}

}  // namespace telltale
