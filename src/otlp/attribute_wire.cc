#include "otlp/attribute_wire.h"

#include <bit>
#include <cstdint>

#include "json/writer.h"
#include "otlp/any_value.h"
#include "otlp/limits.h"
#include "otlp/wire_reader.h"

namespace telltale {
namespace {

constexpr std::string_view kNotProtobuf = "an attribute is not protobuf";
constexpr std::string_view kTooDeep = "an attribute value is nested too deep";

// KeyValue
constexpr uint32_t kKey = WireTag(1, WireType::kBytes);
constexpr uint32_t kValue = WireTag(2, WireType::kBytes);
// AnyValue
constexpr uint32_t kStringValue = WireTag(1, WireType::kBytes);
constexpr uint32_t kBoolValue = WireTag(2, WireType::kVarint);
constexpr uint32_t kIntValue = WireTag(3, WireType::kVarint);
constexpr uint32_t kDoubleValue = WireTag(4, WireType::kFixed64);
constexpr uint32_t kArrayValue = WireTag(5, WireType::kBytes);
constexpr uint32_t kMapValue = WireTag(6, WireType::kBytes);
constexpr uint32_t kBytesValue = WireTag(7, WireType::kBytes);
// ArrayValue and KeyValueList
constexpr uint32_t kValues = WireTag(1, WireType::kBytes);

bool IsNested(ValueType type) {
  return type == ValueType::kArray || type == ValueType::kMap;
}

}  // namespace

bool AttributeReader::Read(std::string_view key_value, Attribute& attribute) {
  WireReader in(key_value);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view bytes;
    if (!in.ReadTag(tag)) return Broken(kNotProtobuf);
    switch (tag) {
      case kKey:
        if (!in.ReadBytes(attribute.key)) return Broken(kNotProtobuf);
        break;
      case kValue:
        if (!in.ReadBytes(bytes) || !Merge(bytes, 0, attribute.value)) return Broken(kNotProtobuf);
        break;
      default:
        if (!in.Skip(tag)) return Broken(kNotProtobuf);
    }
  }
  return Finish(attribute.value);
}

bool AttributeReader::ReadValue(std::string_view message, uint32_t field_tag, Value& value) {
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view bytes;
    if (!in.ReadTag(tag)) return Broken(kNotProtobuf);
    if (tag != field_tag) {
      if (!in.Skip(tag)) return Broken(kNotProtobuf);
    } else if (!in.ReadBytes(bytes) || !Merge(bytes, 0, value)) {
      return Broken(kNotProtobuf);
    }
  }
  return Finish(value);
}

bool AttributeReader::Finish(Value& value) {
  if (!IsNested(value.type)) [[likely]]
    return true;
  text_.clear();
  if (!AppendValue(value, 0, 1, text_)) return false;
  value.text = arena_->Copy(text_);
  return true;
}

bool AttributeReader::Merge(std::string_view any_value, size_t base, Value& value) {
  WireReader in(any_value);
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t number;
    std::string_view bytes;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case kStringValue:
        if (!in.ReadBytes(value.text)) return false;
        value.type = ValueType::kString;
        break;
      case kBoolValue:
        if (!in.ReadVarint(number)) return false;
        value = {.type = ValueType::kBool};
        value.boolean = number != 0;
        break;
      case kIntValue:
        if (!in.ReadVarint(number)) return false;
        value = {.type = ValueType::kInt, .integer = static_cast<int64_t>(number)};
        break;
      case kDoubleValue:
        if (!in.ReadFixed64(number)) return false;
        value = {.type = ValueType::kDouble};
        value.real = std::bit_cast<double>(number);
        break;
      case kBytesValue:
        if (!in.ReadBytes(value.text)) return false;
        value.type = ValueType::kBytes;
        break;
      case kArrayValue:
        if (!in.ReadBytes(bytes)) return false;
        AddPiece(ValueType::kArray, bytes, base, value);
        break;
      case kMapValue:
        if (!in.ReadBytes(bytes)) return false;
        AddPiece(ValueType::kMap, bytes, base, value);
        break;
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  return true;
}

void AttributeReader::AddPiece(ValueType type, std::string_view piece, size_t base, Value& value) {
  if (value.type != type) pieces_.resize(base);
  value = {.type = type};
  pieces_.push_back(piece);
}

bool AttributeReader::AppendValue(const Value& value, size_t base, int depth, std::string& out) {
  if (depth > kValueDepthMax) return Broken(kTooDeep);
  if (IsNested(value.type)) return AppendNested(value.type, base, depth, out);
  AppendAnyValueJson(value, out);
  return true;
}

bool AttributeReader::AppendElement(std::string_view any_value, int depth, std::string& out) {
  const size_t base = pieces_.size();
  Value value;
  if (!Merge(any_value, base, value)) return Broken(kNotProtobuf);
  return AppendValue(value, base, depth, out);
}

bool AttributeReader::AppendMember(std::string_view key_value, int depth, std::string& out) {
  const size_t base = pieces_.size();
  std::string_view key;
  Value value;
  WireReader in(key_value);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view bytes;
    if (!in.ReadTag(tag)) return Broken(kNotProtobuf);
    switch (tag) {
      case kKey:
        if (!in.ReadBytes(key)) return Broken(kNotProtobuf);
        break;
      case kValue:
        if (!in.ReadBytes(bytes) || !Merge(bytes, base, value)) return Broken(kNotProtobuf);
        break;
      default:
        if (!in.Skip(tag)) return Broken(kNotProtobuf);
    }
  }
  out += "{\"key\":";
  AppendJsonString(key, out);
  out += ",\"value\":";
  if (!AppendValue(value, base, depth, out)) return false;
  out += '}';
  return true;
}

bool AttributeReader::AppendNested(ValueType type, size_t base, int depth, std::string& out) {
  out += type == ValueType::kArray ? "{\"arrayValue\":{\"values\":[" : "{\"kvlistValue\":{\"values\":[";
  const size_t end = pieces_.size();
  bool first = true;
  for (size_t i = base; i < end; ++i) {
    WireReader in(pieces_[i]);
    while (!in.AtEnd()) {
      uint32_t tag;
      std::string_view item;
      if (!in.ReadTag(tag)) return Broken(kNotProtobuf);
      if (tag != kValues) {
        if (!in.Skip(tag)) return Broken(kNotProtobuf);
        continue;
      }
      if (!in.ReadBytes(item)) return Broken(kNotProtobuf);
      if (!first) out += ',';
      first = false;
      const bool read = type == ValueType::kArray ? AppendElement(item, depth + 1, out)
                                                  : AppendMember(item, depth + 1, out);
      if (!read) return false;
    }
  }
  pieces_.resize(base);
  out += "]}}";
  return true;
}

}  // namespace telltale
