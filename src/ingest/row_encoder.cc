#include "ingest/row_encoder.h"

#include <charconv>

#include "base/bytes.h"
#include "base/counters.h"
#include "ingest/encode.h"
#include "json/writer.h"
#include "otlp/any_value.h"
#include "trace/service_name.h"

namespace telltale {

void AppendValueText(const Value& value, std::string& out) {
  switch (value.type) {
    case ValueType::kNone:
      return;
    case ValueType::kBool:
      out += value.boolean ? "true" : "false";
      return;
    case ValueType::kInt:
      AppendJsonInt(value.integer, out);
      return;
    case ValueType::kDouble: {
      char text[32];
      const auto end = std::to_chars(text, text + sizeof text, value.real).ptr;
      out.append(text, end);
      return;
    }
    case ValueType::kBytes:
      AppendBase64(value.text, out);
      return;
    case ValueType::kString:
    case ValueType::kArray:
    case ValueType::kMap:
      out += value.text;
      return;
  }
}

void AppendJsonMember(std::string_view key, std::string_view text, std::string& out) {
  if (out.back() != '{') out += ',';
  AppendJsonString(key, out);
  out += ':';
  AppendJsonString(text, out);
}

void AppendJsonMember(std::string_view key, uint64_t number, std::string& out) {
  if (out.back() != '{') out += ',';
  AppendJsonString(key, out);
  out += ':';
  AppendJsonUint(number, out);
}

void AppendAttributesMembers(const Batch& batch, Run run, uint32_t dropped, std::string& out) {
  if (run.count > 0) {
    if (out.back() != '{') out += ',';
    out += "\"attributes\":";
    AppendAttributesJson(batch, run, out);
  }
  if (dropped > 0) AppendJsonMember("droppedAttributesCount", dropped, out);
}

void RowEncoder::Begin(const Batch& batch, ContentKeeper* keeper, const RuleTable& rules) {
  keeper_ = keeper;
  rules_ = &rules;
  DescribeResources(batch);
  DescribeScopes(batch);
  out_.clear();
}

// Roles are told with every message, and are no words of it.
bool RowEncoder::IsSaidKey(std::string_view key) const {
  const Rule* rule = rules_->Find(key);
  return rule != nullptr && IsSaid(rule->field) && !key.ends_with(".role");
}

void RowEncoder::FindSaidKeys() {
  said_keys_.assign(dictionary_.keys().size(), 0);
  if (keeper_ == nullptr) return;
  for (size_t i = 1; i < said_keys_.size(); ++i) said_keys_[i] = IsSaidKey(dictionary_.keys()[i]);
}

std::string_view EventNameOf(const Batch& batch, const LogRecord& log) {
  if (!log.event_name.empty() || log.trace_id.IsZero()) return log.event_name;
  const Value* name = batch.Find(log.attributes, "event.name");
  return name != nullptr && name->type == ValueType::kString ? name->text : std::string_view();
}

void RowEncoder::BeginOwner(const Batch& batch, const LogRecord& log) {
  place_ = ChunkPlace::kLogAttribute;
  const uint64_t time = log.time_unix_nano != 0 ? log.time_unix_nano : log.observed_time_unix_nano;
  keeper_->BeginOwner({.trace_id = log.trace_id,
                       .span_id = log.span_id,
                       .start_unix_nano = static_cast<int64_t>(time),
                       .service = services_[log.resource],
                       .name = EventNameOf(batch, log)});
}

void RowEncoder::SayOfEvent(const Event& event, const Attribute& attribute) {
  if (!IsText(attribute.value.type)) return;
  const bool is_said = event.name.starts_with("gen_ai.") ? !attribute.key.ends_with("role")
                                                         : attribute.key == "exception.message";
  if (!is_said && !IsSaidKey(attribute.key)) return;
  keeper_->BeginField(ChunkPlace::kEvent, attribute.key);
  keeper_->Say(attribute.value.text);
}

void RowEncoder::DescribeResources(const Batch& batch) {
  services_.clear();
  resources_.resize(batch.resources.size());
  for (size_t i = 0; i < batch.resources.size(); ++i) {
    const Resource& resource = batch.resources[i];
    const std::string_view service = ToldServiceName(batch, resource);
    if (service.empty()) Count(Counter::kResourcesWithoutServiceName);
    services_.push_back(service.empty() ? kUnknownService : service);

    std::string& json = resources_[i];
    json = "{";
    AppendAttributesMembers(batch, resource.attributes, resource.dropped_attributes, json);
    if (!resource.entity_refs.empty()) {
      if (json.back() != '{') json += ',';
      json += "\"entityRefs\":";
      json += resource.entity_refs;
    }
    // Last: who shows OTLP takes it off the end (api/jaeger_v3.cc).
    if (!resource.schema_url.empty()) AppendJsonMember("schemaUrl", resource.schema_url, json);
    json += '}';
  }
}

void RowEncoder::DescribeScopes(const Batch& batch) {
  scopes_.resize(batch.scopes.size());
  for (size_t i = 0; i < batch.scopes.size(); ++i) {
    const Scope& scope = batch.scopes[i];
    std::string& json = scopes_[i];
    json = "{";
    if (!scope.name.empty()) AppendJsonMember("name", scope.name, json);
    if (!scope.version.empty()) AppendJsonMember("version", scope.version, json);
    AppendAttributesMembers(batch, scope.attributes, scope.dropped_attributes, json);
    if (!scope.schema_url.empty()) AppendJsonMember("schemaUrl", scope.schema_url, json);
    json += '}';
  }
}

}  // namespace telltale
