// What is around the items of every OTLP request, as protobuf:
//
//   request { 1: resource_x { 1: resource, 2: scope_x { 1: scope, 2: item, 3: schema_url }, 3: schema_url } }
//
// Private to otlp/. A reader of one signal derives from WireEnvelope, says what its items
// are, and reads them:
//
//   class LogsReader : public WireEnvelope<LogsReader> {
//    public:
//     static constexpr size_t kItemBytesMin = 2;    // what an item takes at least
//     static constexpr size_t kReservedMax = 1'000; // items that are believed before they are read
//     auto& items() { return out_->logs; }       // grows by what is kept
//     void ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope);
//   };
//   return LogsReader(Signal::kLogs, bytes, out).Read();
//
// Resources and scopes that are left without items are left out again.
//
// Ownership      Views in the batch point into `bytes` or into its arena.
// Thread safety  One thread at a time.
// Failure        Read(): kInvalidInput where the envelope is not protobuf. What is wrong
//                inside of an item is the item's affair: refusals_.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "otlp/attribute_wire.h"
#include "otlp/entity_refs.h"
#include "otlp/limits.h"
#include "otlp/refusals.h"
#include "otlp/signal.h"
#include "otlp/wire_reader.h"
#include "trace/batch.h"

namespace telltale {

constexpr uint32_t BytesTag(uint32_t field) {
  return WireTag(field, WireType::kBytes);
}
constexpr uint32_t VarintTag(uint32_t field) {
  return WireTag(field, WireType::kVarint);
}
constexpr uint32_t Fixed64Tag(uint32_t field) {
  return WireTag(field, WireType::kFixed64);
}
constexpr uint32_t Fixed32Tag(uint32_t field) {
  return WireTag(field, WireType::kFixed32);
}

// protobuf cuts a varint to the width of its field.
inline bool ReadUint32(WireReader& in, uint32_t& number) {
  uint64_t wide;
  if (!in.ReadVarint(wide)) return false;
  number = static_cast<uint32_t>(wide);
  return true;
}

inline bool ReadEnum(WireReader& in, uint32_t largest, uint8_t& number) {
  uint32_t wide;
  if (!ReadUint32(in, wide)) return false;
  number = wide <= largest ? static_cast<uint8_t>(wide) : 0;
  return true;
}

inline bool IsTraceId(std::string_view bytes) {
  return bytes.size() == 16 && !TraceId::FromBytes(bytes).IsZero();
}
inline bool IsSpanId(std::string_view bytes) {
  return bytes.size() == 8 && !SpanId::FromBytes(bytes).IsZero();
}

// The part that does not depend on what the items are.
class WireEnvelopeParts {
 protected:
  WireEnvelopeParts(Signal signal, std::string_view bytes, Batch& out)
      : signal_(signal), bytes_(bytes), out_(&out), attributes_(out.arena), refusals_(signal) {}

  // Everything of a resource_x but its scopes.
  bool ReadResourceHead(std::string_view bytes, Resource& resource);
  // Everything of a scope_x but its items, which are only counted.
  bool ReadScopeHead(std::string_view bytes, Scope& scope, size_t& item_count);
  bool ReadAttribute(WireReader& in, Run& run);
  // The items of one scope resemble each other: the first one says how much room the
  // attributes of all will take. At most one per two bytes, whatever it says.
  void ReserveLike(size_t attributes, size_t first_item_bytes, size_t all_bytes);

  // Refuses the item that is being read, for a field that cannot be read.
  void RefuseMalformed();
  std::string ItemName() const;  // "span 7"

  // Notes where the request as a whole stopped making sense; always false.
  bool Broken(std::string_view message, const WireReader& in);
  std::unexpected<Error> NotThisRequest() const;

  const Signal signal_;
  std::string_view bytes_;
  Batch* out_;
  AttributeReader attributes_;
  Refusals refusals_;
  uint64_t items_seen_ = 0;

 private:
  bool ReadResource(std::string_view bytes, Resource& resource, EntityRefsWriter& refs);
  bool AppendEntityRef(std::string_view bytes, EntityRefsWriter& refs);
  bool ReadScope(std::string_view bytes, Scope& scope);

  std::string broken_;
  std::string entity_refs_;
};

template <typename Reader>
class WireEnvelope : public WireEnvelopeParts {
 public:
  Result<RefusedItems> Read() {
    if (!ReadRequest()) return NotThisRequest();
    return refusals_.Publish();
  }

 private:
  friend Reader;
  WireEnvelope(Signal signal, std::string_view bytes, Batch& out) : WireEnvelopeParts(signal, bytes, out) {}

  static constexpr uint32_t kResourceItems = BytesTag(1);
  static constexpr uint32_t kScopeItems = BytesTag(2);
  static constexpr uint32_t kItem = BytesTag(2);

  Reader& self() { return static_cast<Reader&>(*this); }

  // Calls `read` with every field of this tag.
  template <typename ReadField>
  bool ForEach(uint32_t wanted, std::string_view bytes, std::string_view message, ReadField read) {
    WireReader in(bytes);
    while (!in.AtEnd()) {
      uint32_t tag;
      std::string_view inner;
      if (!in.ReadTag(tag)) return Broken(message, in);
      if (tag != wanted) {
        if (!in.Skip(tag)) return Broken(message, in);
        continue;
      }
      if (!in.ReadBytes(inner)) return Broken(message, in);
      if (!read(inner)) return false;
    }
    return true;
  }

  bool ReadRequest() {
    return ForEach(kResourceItems, bytes_, "the request",
                   [this](std::string_view inner) { return ReadResourceItems(inner); });
  }

  // Two rounds: the resource may be written after its scopes, and in pieces.
  bool ReadResourceItems(std::string_view bytes) {
    const size_t items_before = self().items().size();
    const auto attributes_before = static_cast<uint32_t>(out_->attributes.size());
    const auto index = static_cast<uint32_t>(out_->resources.size());
    if (!ReadResourceHead(bytes, out_->resources.emplace_back())) return false;
    const bool read = ForEach(kScopeItems, bytes, "a resource's scopes",
                              [&](std::string_view inner) { return ReadScopeItems(inner, index); });
    if (!read) return false;
    if (self().items().size() == items_before) {
      out_->resources.pop_back();
      out_->attributes.resize(attributes_before);
    }
    return true;
  }

  bool ReadScopeItems(std::string_view bytes, uint32_t resource) {
    auto& items = self().items();
    const size_t items_before = items.size();
    const auto attributes_before = static_cast<uint32_t>(out_->attributes.size());
    const auto index = static_cast<uint32_t>(out_->scopes.size());
    size_t item_count = 0;
    if (!ReadScopeHead(bytes, out_->scopes.emplace_back(), item_count)) return false;
    item_count = std::min({item_count, bytes.size() / Reader::kItemBytesMin, Reader::kReservedMax});
    if (items.capacity() < items_before + item_count) {
      items.reserve(std::max(items_before + item_count, items_before * 2));
    }
    bool first = true;
    const bool read = ForEach(kItem, bytes, "a scope's items", [&](std::string_view inner) {
      const size_t attributes_so_far = out_->attributes.size();
      self().ReadItem(inner, resource, index);
      if (first) ReserveLike(out_->attributes.size() - attributes_so_far, inner.size(), bytes.size());
      first = false;
      return true;
    });
    if (!read) return false;
    if (items.size() == items_before) {
      out_->scopes.pop_back();
      out_->attributes.resize(attributes_before);
    }
    return true;
  }
};

}  // namespace telltale
