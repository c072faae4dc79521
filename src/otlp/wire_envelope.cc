#include "otlp/wire_envelope.h"

namespace telltale {
namespace {

// Field tags of opentelemetry/proto/resource/v1 and common/v1.
namespace resource_items {
constexpr uint32_t kResource = BytesTag(1);
constexpr uint32_t kSchemaUrl = BytesTag(3);
}  // namespace resource_items
namespace resource_field {
constexpr uint32_t kAttributes = BytesTag(1);
constexpr uint32_t kDroppedAttributes = VarintTag(2);
constexpr uint32_t kEntityRefs = BytesTag(3);
}  // namespace resource_field
namespace entity_ref {
constexpr uint32_t kSchemaUrl = BytesTag(1);
constexpr uint32_t kType = BytesTag(2);
constexpr uint32_t kIdKeys = BytesTag(3);
constexpr uint32_t kDescriptionKeys = BytesTag(4);
}  // namespace entity_ref
namespace scope_items {
constexpr uint32_t kScope = BytesTag(1);
constexpr uint32_t kItem = BytesTag(2);
constexpr uint32_t kSchemaUrl = BytesTag(3);
}  // namespace scope_items
namespace scope_field {
constexpr uint32_t kName = BytesTag(1);
constexpr uint32_t kVersion = BytesTag(2);
constexpr uint32_t kAttributes = BytesTag(3);
constexpr uint32_t kDroppedAttributes = VarintTag(4);
}  // namespace scope_field

}  // namespace

bool WireEnvelopeParts::Broken(std::string_view message, const WireReader& in) {
  const std::string_view why = attributes_.why().empty() ? "not protobuf" : attributes_.why();
  broken_ = std::string(why) + " in " + std::string(message) + ", near byte " +
            std::to_string(in.at() - bytes_.data());
  return false;
}

std::unexpected<Error> WireEnvelopeParts::NotThisRequest() const {
  const std::string request(NamesOf(signal_).request);
  return Fail(ErrorCode::kInvalidInput,
              "read an " + request + ": " + std::to_string(bytes_.size()) + " bytes: " + broken_,
              "send an " + request + " as protobuf");
}

std::string WireEnvelopeParts::ItemName() const {
  return std::string(NamesOf(signal_).item) + ' ' + std::to_string(items_seen_);
}

void WireEnvelopeParts::RefuseMalformed() {
  const std::string_view why = attributes_.why().empty() ? "a field is not protobuf" : attributes_.why();
  refusals_.Add(Refusal::kMalformed, ItemName() + ": " + std::string(why));
  attributes_.ClearWhy();
}

bool WireEnvelopeParts::ReadResourceHead(std::string_view bytes, Resource& resource) {
  resource.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  entity_refs_.clear();
  EntityRefsWriter refs(entity_refs_);
  WireReader head(bytes);
  while (!head.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!head.ReadTag(tag)) return Broken("a resource's head", head);
    switch (tag) {
      case resource_items::kResource:
        if (!head.ReadBytes(inner)) return Broken("a resource's head", head);
        if (!ReadResource(inner, resource, refs)) return false;
        break;
      case resource_items::kSchemaUrl:
        if (!head.ReadBytes(resource.schema_url)) return Broken("a resource's head", head);
        break;
      default:
        if (!head.Skip(tag)) return Broken("a resource's head", head);
    }
  }
  if (!entity_refs_.empty()) resource.entity_refs = out_->arena.Copy(refs.Finish());
  return true;
}

bool WireEnvelopeParts::ReadResource(std::string_view bytes, Resource& resource, EntityRefsWriter& refs) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("Resource", in);
    switch (tag) {
      case resource_field::kAttributes:
        if (!ReadAttribute(in, resource.attributes)) return Broken("Resource", in);
        break;
      case resource_field::kDroppedAttributes:
        if (!ReadUint32(in, resource.dropped_attributes)) return Broken("Resource", in);
        break;
      case resource_field::kEntityRefs:
        if (!in.ReadBytes(inner) || !AppendEntityRef(inner, refs)) return Broken("Resource", in);
        break;
      default:
        if (!in.Skip(tag)) return Broken("Resource", in);
    }
  }
  return true;
}

// One round for each member that is written, so that nothing has to be kept.
bool WireEnvelopeParts::AppendEntityRef(std::string_view bytes, EntityRefsWriter& refs) {
  const auto for_each = [&](const auto& use) {
    WireReader in(bytes);
    while (!in.AtEnd()) {
      uint32_t tag;
      std::string_view text;
      if (!in.ReadTag(tag)) return false;
      const bool is_member = tag == entity_ref::kSchemaUrl || tag == entity_ref::kType ||
                             tag == entity_ref::kIdKeys || tag == entity_ref::kDescriptionKeys;
      if (!is_member && !in.Skip(tag)) return false;
      if (is_member && !in.ReadBytes(text)) return false;
      if (is_member) use(tag, text);
    }
    return true;
  };
  std::string_view schema_url;
  std::string_view type;
  const bool read = for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kSchemaUrl) schema_url = text;
    if (tag == entity_ref::kType) type = text;
  });
  if (!read) return false;
  refs.Begin(schema_url, type);
  refs.BeginIdKeys();
  for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kIdKeys) refs.Key(text);
  });
  refs.BeginDescriptionKeys();
  for_each([&](uint32_t tag, std::string_view text) {
    if (tag == entity_ref::kDescriptionKeys) refs.Key(text);
  });
  refs.End();
  return true;
}

bool WireEnvelopeParts::ReadScopeHead(std::string_view bytes, Scope& scope, size_t& item_count) {
  scope.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return Broken("a scope's head", in);
    switch (tag) {
      case scope_items::kScope:
        if (!in.ReadBytes(inner)) return Broken("a scope's head", in);
        if (!ReadScope(inner, scope)) return false;
        break;
      case scope_items::kSchemaUrl:
        if (!in.ReadBytes(scope.schema_url)) return Broken("a scope's head", in);
        break;
      case scope_items::kItem:
        ++item_count;
        [[fallthrough]];
      default:
        if (!in.Skip(tag)) return Broken("a scope's head", in);
    }
  }
  return true;
}

bool WireEnvelopeParts::ReadScope(std::string_view bytes, Scope& scope) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return Broken("InstrumentationScope", in);
    switch (tag) {
      case scope_field::kName:
        read = in.ReadBytes(scope.name);
        break;
      case scope_field::kVersion:
        read = in.ReadBytes(scope.version);
        break;
      case scope_field::kAttributes:
        read = ReadAttribute(in, scope.attributes);
        break;
      case scope_field::kDroppedAttributes:
        read = ReadUint32(in, scope.dropped_attributes);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return Broken("InstrumentationScope", in);
  }
  return true;
}

void WireEnvelopeParts::ReserveLike(size_t attributes, size_t first_item_bytes, size_t all_bytes) {
  const size_t expected =
      out_->attributes.size() + attributes * (all_bytes / std::max<size_t>(first_item_bytes, 1));
  if (out_->attributes.capacity() < expected) {
    out_->attributes.reserve(std::max(expected, out_->attributes.size() * 2));
  }
}

bool WireEnvelopeParts::ReadAttribute(WireReader& in, Run& run) {
  std::string_view bytes;
  if (!in.ReadBytes(bytes)) return false;
  if (out_->attributes.size() >= kAttributesMax)
    return attributes_.Broken("too many attributes in one request");
  ++run.count;
  return attributes_.Read(bytes, out_->attributes.emplace_back());
}

}  // namespace telltale
