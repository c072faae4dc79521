#include "calls/log_records.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "base/bytes.h"
#include "json/tree.h"
#include "otlp/attribute_wire.h"
#include "otlp/wire_reader.h"

namespace telltale {
namespace {

constexpr uint32_t BytesTag(uint32_t field) {
  return WireTag(field, WireType::kBytes);
}

// Calls `use` with each `tag` field of a message; skips the others.
template <typename Use>
bool ForEachField(std::string_view message, uint32_t tag, const Use& use) {
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t found;
    std::string_view bytes;
    if (!in.ReadTag(found)) return false;
    if (found == tag ? !in.ReadBytes(bytes) || !use(bytes) : !in.Skip(found)) return false;
  }
  return true;
}

std::unexpected<Error> NotLogs(size_t size, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput,
              "read OTLP logs: " + std::to_string(size) + " bytes: " + std::string(why));
}

Value ValueOfJson(JsonValue any_value, Arena& arena) {
  const auto members = any_value.members();
  if (members.empty()) return {};
  const std::string_view key = members.begin().key();
  const JsonValue value = *members.begin();
  Value out;
  if (key == "stringValue") return Value::String(value.Text(arena));
  if (key == "boolValue") {
    out.type = ValueType::kBool;
    out.boolean = value.Bool().value_or(false);
  } else if (key == "intValue") {
    out.type = ValueType::kInt;
    out.integer = static_cast<int64_t>(value.Number().value_or(0));
  } else if (key == "doubleValue") {
    out.type = ValueType::kDouble;
    out.real = value.Number().value_or(0);
  } else if (key == "arrayValue" || key == "kvlistValue") {
    out.type = key == "arrayValue" ? ValueType::kArray : ValueType::kMap;
    out.text = any_value.json();
  }
  return out;
}

template <size_t kSize>
bool ReadId(JsonValue hex, Id<kSize>& id) {
  return ParseHex(hex.raw(), id.bytes.data(), kSize) && !id.IsZero();
}

// The event's name may stand in an attribute instead.
void FindEventName(const Batch& batch, CallRecord& record) {
  if (!record.event_name.empty()) return;
  const Value* name = batch.Find(record.attributes, "event.name");
  if (name != nullptr && name->type == ValueType::kString) record.event_name = name->text;
}

}  // namespace

Status LogRecords::AddUntrusted(std::string_view body, Batch& batch) {
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && body[first] == '{') return AddJson(body, batch);
  return AddProtobuf(body, batch);
}

bool LogRecords::AddRecord(std::string_view bytes, Batch& batch) {
  WireReader in(bytes);
  AttributeReader reader(batch.arena);
  Owner owner;
  CallRecord record;
  record.attributes.begin = static_cast<uint32_t>(batch.attributes.size());
  std::string as_key_value;
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view field;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case WireTag(1, WireType::kFixed64):
        if (!in.ReadFixed64(record.time_unix_nano)) return false;
        break;
      case BytesTag(5): {
        // AnyValue: read like the value of an attribute.
        if (!in.ReadBytes(field)) return false;
        as_key_value.assign(1, static_cast<char>(BytesTag(2)));
        for (size_t size = field.size(); true; size >>= 7) {
          as_key_value += static_cast<char>(size < 0x80 ? size : (size & 0x7F) | 0x80);
          if (size < 0x80) break;
        }
        as_key_value += field;
        Attribute body;
        if (!reader.Read(batch.arena.Copy(as_key_value), body)) return false;
        record.body = body.value;
        break;
      }
      case BytesTag(6): {
        Attribute attribute;
        if (!in.ReadBytes(field) || !reader.Read(field, attribute)) return false;
        batch.attributes.push_back(attribute);
        break;
      }
      case BytesTag(9):
        if (!in.ReadBytes(field)) return false;
        if (field.size() == 16) owner.trace_id = TraceId::FromBytes(field);
        break;
      case BytesTag(10):
        if (!in.ReadBytes(field)) return false;
        if (field.size() == 8) owner.span_id = SpanId::FromBytes(field);
        break;
      case BytesTag(12):
        if (!in.ReadBytes(record.event_name)) return false;
        break;
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  record.attributes.count = static_cast<uint32_t>(batch.attributes.size()) - record.attributes.begin;
  FindEventName(batch, record);
  if (!owner.span_id.IsZero()) added_.emplace_back(owner, record);
  return true;
}

Status LogRecords::AddProtobuf(std::string_view body, Batch& batch) {
  const bool ok = ForEachField(body, BytesTag(1), [&](std::string_view resource_logs) {
    return ForEachField(resource_logs, BytesTag(2), [&](std::string_view scope_logs) {
      return ForEachField(scope_logs, BytesTag(2),
                          [&](std::string_view record) { return AddRecord(record, batch); });
    });
  });
  if (!ok) return NotLogs(body.size(), "not protobuf of this kind");
  return {};
}

Status LogRecords::AddJson(std::string_view body, Batch& batch) {
  JsonTree tree;
  if (!tree.ParseUntrusted(body)) return NotLogs(body.size(), "not JSON");
  for (const JsonValue resource_logs : tree.root()["resourceLogs"].items()) {
    for (const JsonValue scope_logs : resource_logs["scopeLogs"].items()) {
      for (const JsonValue json : scope_logs["logRecords"].items()) {
        Owner owner;
        CallRecord record;
        if (!ReadId(json["traceId"], owner.trace_id) || !ReadId(json["spanId"], owner.span_id)) continue;
        record.time_unix_nano =
            static_cast<uint64_t>(std::max(json["timeUnixNano"].Number().value_or(0), 0.0));
        record.event_name = json["eventName"].Text(batch.arena);
        record.body = ValueOfJson(json["body"], batch.arena);
        record.attributes.begin = static_cast<uint32_t>(batch.attributes.size());
        for (const JsonValue attribute : json["attributes"].items()) {
          batch.attributes.push_back(
              {attribute["key"].Text(batch.arena), ValueOfJson(attribute["value"], batch.arena)});
        }
        record.attributes.count = static_cast<uint32_t>(batch.attributes.size()) - record.attributes.begin;
        FindEventName(batch, record);
        added_.emplace_back(owner, record);
      }
    }
  }
  return {};
}

void LogRecords::Sort() {
  std::vector<size_t> order(added_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [this](size_t a, size_t b) {
    return std::tuple(added_[a].first, added_[a].second.time_unix_nano, a) <
           std::tuple(added_[b].first, added_[b].second.time_unix_nano, b);
  });
  owners_.clear();
  records_.clear();
  for (const size_t i : order) {
    owners_.push_back(added_[i].first);
    records_.push_back(added_[i].second);
  }
}

std::span<const CallRecord> LogRecords::Of(const Span& span) const {
  const auto [first, last] = std::ranges::equal_range(owners_, Owner{span.trace_id, span.span_id});
  return {records_.data() + (first - owners_.begin()), static_cast<size_t>(last - first)};
}

}  // namespace telltale
