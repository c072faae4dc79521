// Batch -> Block: the one encoding between the wire and the store. The columns and
// their types are those of the table `spans` (store/schema/), in its order;
// docs/formats/block.md describes them.
//
//   SpanEncoder encoder;
//   Block block = encoder.Encode(batch, received_unix_ms);
//
// Ownership      The block owns its bytes; nothing points into the batch afterwards.
// Thread safety  One thread at a time; keep one per thread, it reuses its buffers.
// Cost           One pass a column over the batch, no allocation a span.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "block/native.h"
#include "trace/batch.h"
#include "trace/block.h"

namespace telltale {

// What spans of a resource without service.name are filed under.
inline constexpr std::string_view kUnknownService = "unknown_service";

class SpanEncoder {
 public:
  Block Encode(const Batch& batch, uint64_t received_unix_ms);

 private:
  void DescribeResources(const Batch& batch);
  void DescribeScopes(const Batch& batch);
  template <typename ValueOf>
  void DictionaryOf(NativeBlock& block, const Batch& batch, std::string_view name, ValueOf value_of);
  void Attributes(NativeBlock& block, const Batch& batch);
  void AttributeTypes(NativeBlock& block, const Batch& batch);
  void Events(NativeBlock& block, const Batch& batch);
  void Links(NativeBlock& block, const Batch& batch);

  std::vector<std::string_view> services_;  // by resource
  std::vector<std::string> resources_;      // JSON, by resource
  std::vector<std::string> scopes_;         // JSON, by scope
  DictionaryColumn dictionary_;
  std::vector<uint32_t> hints_;
  std::string scratch_;
  std::string types_;
  std::string out_;
};

// The text under which a value is stored and searched: a string as it is, a number in
// decimal, true or false, bytes in base64, arrays and maps as OTLP/JSON.
void AppendValueText(const Value& value, std::string& out);

}  // namespace telltale
