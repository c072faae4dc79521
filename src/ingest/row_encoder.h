// The columns that spans, log records and metric points have in common: what they are
// attributes of, service, resource, scope. Private to the encoders of encode.h.
//
// Ownership      Views given to a dictionary must live until its column is written.
// Thread safety  One thread at a time; buffers are reused from block to block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "block/native.h"
#include "calls/rules.h"
#include "content/content_keeper.h"
#include "trace/batch.h"
#include "trace/block.h"

namespace telltale {

// The text under which a value is stored and searched: a string as it is, a number in
// decimal, true or false, bytes in base64, arrays and maps as OTLP/JSON.
void AppendValueText(const Value& value, std::string& out);

// Members of a JSON object that `out` ends in the middle of.
void AppendJsonMember(std::string_view key, std::string_view text, std::string& out);
void AppendJsonMember(std::string_view key, uint64_t number, std::string& out);
// "attributes" and "droppedAttributesCount", each only where there is something to say.
void AppendAttributesMembers(const Batch& batch, Run run, uint32_t dropped, std::string& out);

// Of an event of logs; older SDKs tell the name as an attribute.
std::string_view EventNameOf(const Batch& batch, const LogRecord& log);

class RowEncoder {
 protected:
  // Starts a block; afterwards the texts of resources and scopes are there to be used.
  // Large values go to `keeper`; null: all stay. What the rules know as said is searched for there.
  void Begin(const Batch& batch, ContentKeeper* keeper, const RuleTable& rules);

  Block Finish(BlockKind kind, size_t rows) const {
    return {.kind = kind, .rows = static_cast<uint32_t>(rows), .bytes = out_};
  }

  // A column of fixed width or of text: `value_of(row)` is a number or a view.
  template <typename Rows, typename ValueOf>
  static void Numbers(NativeBlock& block, const Rows& rows, std::string_view name, std::string_view type,
                      ValueOf value_of) {
    block.Column(name, type);
    for (const auto& row : rows) block.Number(value_of(row));
  }
  template <typename Rows, typename ValueOf>
  static void Ids(NativeBlock& block, const Rows& rows, std::string_view name, std::string_view type,
                  ValueOf value_of) {
    block.Column(name, type);
    for (const auto& row : rows) block.Bytes(value_of(row).view());
  }
  template <typename Rows, typename ValueOf>
  static void Texts(NativeBlock& block, const Rows& rows, std::string_view name, ValueOf value_of) {
    block.Column(name, "String");
    for (const auto& row : rows) block.String(value_of(row));
  }

  template <typename Rows, typename ValueOf>
  void Dictionary(NativeBlock& block, const Rows& rows, std::string_view name, ValueOf value_of) {
    dictionary_.Clear();
    uint32_t hint = 0;
    for (const auto& row : rows) dictionary_.Add(value_of(row), hint);
    block.Column(name, "LowCardinality(String)");
    block.Dictionary(dictionary_);
  }

  template <typename Rows>
  void Service(NativeBlock& block, const Rows& rows) {
    Dictionary(block, rows, "service", [&](const auto& row) { return services_[row.resource]; });
  }
  template <typename Rows>
  void ResourceAndScope(NativeBlock& block, const Rows& rows) {
    Dictionary(block, rows, "resource",
               [&](const auto& row) { return std::string_view(resources_[row.resource]); });
    Dictionary(block, rows, "scope", [&](const auto& row) { return std::string_view(scopes_[row.scope]); });
  }
  static void Received(NativeBlock& block, size_t rows, uint64_t unix_ms) {
    block.Column("received", "DateTime64(3, 'UTC')");
    for (size_t i = 0; i < rows; ++i) block.Number(static_cast<int64_t>(unix_ms));
  }

  // attrs and attr_types. A map is an array of pairs: where each row ends, then all
  // keys, then all values.
  template <typename Rows>
  void Attributes(NativeBlock& block, const Batch& batch, const Rows& rows) {
    dictionary_.Clear();
    block.Column("attrs", "Map(LowCardinality(String), String)");
    DictionaryColumn::AppendPrefix(out_);
    uint64_t end = 0;
    for (const auto& row : rows) block.Number<uint64_t>(end += row.attributes.count);
    for (const auto& row : rows) {
      if (hints_.size() < row.attributes.count) hints_.resize(row.attributes.count, 0);
      const Attribute* attributes = batch.begin(row.attributes);
      for (uint32_t i = 0; i < row.attributes.count; ++i) dictionary_.Add(attributes[i].key, hints_[i]);
    }
    dictionary_.AppendBody(out_);
    types_.clear();
    FindSaidKeys();
    size_t number = 0;
    for (const auto& row : rows) {
      if (keeper_ != nullptr) BeginOwner(batch, row);
      for (const Attribute* at = batch.begin(row.attributes); at != batch.end(row.attributes); ++at) {
        types_ += AppendAttribute(*at, said_keys_[dictionary_.indices()[number++]] != 0);
      }
    }
    // The dictionary keeps views, so all texts stand in one buffer that grows no more.
    size_t begin = 0;
    Dictionary(block, rows, "attr_types", [&](const auto& row) {
      const std::string_view text = std::string_view(types_).substr(begin, row.attributes.count);
      begin += row.attributes.count;
      return text;
    });
  }

  // One String value of a column, and the letter of its type: in upper case when only
  // references to its content stand there.
  char AppendAttribute(const Attribute& attribute, bool is_said) {
    return Append(attribute.value, [&](std::string_view text) {
      keeper_->BeginField(place_, attribute.key);
      if (keeper_->Keep(text, scratch_)) return true;
      if (is_said) keeper_->Say(text);
      return false;
    });
  }
  char AppendBody(const Value& body, bool is_said) {
    return Append(body, [&](std::string_view text) {
      if (keeper_->KeepBody(text, scratch_)) return true;
      if (is_said) keeper_->Say(text);
      return false;
    });
  }

  // Of whom the values are that come next.
  void BeginOwner(const Batch&, const Span& span) {
    place_ = ChunkPlace::kAttribute;
    keeper_->BeginOwner({.trace_id = span.trace_id,
                         .span_id = span.span_id,
                         .start_unix_nano = static_cast<int64_t>(span.start_unix_nano),
                         .service = services_[span.resource],
                         .name = span.name});
  }
  void BeginOwner(const Batch& batch, const LogRecord& log);
  void BeginOwner(const Batch&, const MetricPoint&) {}
  // An attribute of a span's event, which stays where it is.
  void SayOfEvent(const Event& event, const Attribute& attribute);

  std::string scratch_;
  std::string out_;
  ContentKeeper* keeper_ = nullptr;

 private:
  template <typename Keep>
  char Append(const Value& value, Keep keep) {
    const char letter = static_cast<char>(value.type);
    scratch_.clear();
    if (keeper_ != nullptr && IsText(value.type) && keep(value.text)) {
      AppendString(scratch_, out_);
      return KeptLetterOf(letter);
    }
    if (value.type == ValueType::kString) {
      AppendString(value.text, out_);
    } else {
      AppendValueText(value, scratch_);
      AppendString(scratch_, out_);
    }
    return letter;
  }
  bool IsSaidKey(std::string_view key) const;
  // Which of dictionary_'s keys are.
  void FindSaidKeys();

  // Types whose stored text is the batch's own.
  static bool IsText(ValueType type) {
    return type == ValueType::kString || type == ValueType::kArray || type == ValueType::kMap;
  }

  void DescribeResources(const Batch& batch);
  void DescribeScopes(const Batch& batch);

  const RuleTable* rules_ = nullptr;
  ChunkPlace place_ = ChunkPlace::kNone;
  std::vector<char> said_keys_;             // by number in dictionary_
  std::vector<std::string_view> services_;  // by resource
  std::vector<std::string> resources_;      // JSON, by resource
  std::vector<std::string> scopes_;         // JSON, by scope
  DictionaryColumn dictionary_;
  std::vector<uint32_t> hints_;  // by place of the attribute in its row
  std::string types_;
};

}  // namespace telltale
