// Reads protobuf KeyValue and AnyValue into Attribute and Value. Private to otlp/.
//
// protobuf lets a sender write a message in pieces: a field given twice merges, and
// of a oneof the last member wins, arrays and maps growing while they follow their
// own kind. Pieces of nested values are therefore only noted while reading, and
// become text (otlp/any_value.h) once the value is whole.
//
// Ownership      Keys, strings and bytes point into the wire bytes; nested values
//                are text in `arena`.
// Thread safety  One thread at a time.
// Failure        Read() is false when the bytes cannot be read; why() says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "trace/batch.h"

namespace telltale {

class AttributeReader {
 public:
  explicit AttributeReader(Arena& arena) : arena_(&arena) {}

  // REQUIRES: `attribute` is fresh.
  bool Read(std::string_view key_value, Attribute& attribute);

  // The AnyValue that a message holds in this field, in pieces or not.
  // REQUIRES: `value` is fresh.
  bool ReadValue(std::string_view message, uint32_t field_tag, Value& value);

  // Why the last Read() was false; empty after ClearWhy().
  std::string_view why() const { return why_; }
  void ClearWhy() { why_ = {}; }
  // False, with this as why(): for who reads what an attribute is a part of.
  bool Broken(std::string_view why) {
    why_ = why;
    return false;
  }

 private:
  // Turns the pieces of a nested value, which began at 0, into text.
  bool Finish(Value& value);
  // `base` is where the pieces of this value begin in pieces_.
  bool Merge(std::string_view any_value, size_t base, Value& value);
  void AddPiece(ValueType type, std::string_view piece, size_t base, Value& value);

  bool AppendValue(const Value& value, size_t base, int depth, std::string& out);
  bool AppendElement(std::string_view any_value, int depth, std::string& out);
  bool AppendMember(std::string_view key_value, int depth, std::string& out);
  bool AppendNested(ValueType type, size_t base, int depth, std::string& out);

  Arena* arena_;
  // A stack: the pieces of the value being read, above those of the values around it.
  std::vector<std::string_view> pieces_;
  std::string text_;
  std::string_view why_;
};

}  // namespace telltale
