// What the store keeps of a span as OTLP/JSON, as protobuf again: resources, scopes, events,
// links and nested values.
//
//   StoredJson stored;
//   stored.AppendEvents(11, row.events, span);      // a field for each event
//   const std::string schema_url = stored.AppendResource(1, text, resource_spans);
//
// Ownership      Copies what it needs.
// Thread safety  One thread at a time; keeping one saves its reader's memory.
// Failure        None: the texts were written by us. JSON that is broken all the same, and an
//                empty text, append an empty message, or of events and links none.
// Cost           About 1 us and a copy of the text.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace telltale {

class StoredJson {
 public:
  StoredJson();
  ~StoredJson();

  // A Resource or an InstrumentationScope as field `field`; gives the schema URL, which OTLP
  // keeps outside of it. Empty: it has none.
  std::string AppendResource(uint32_t field, std::string_view json, std::string& out);
  std::string AppendScope(uint32_t field, std::string_view json, std::string& out);

  // {"arrayValue":...} and the like, as an AnyValue.
  void AppendAnyValue(uint32_t field, std::string_view json, std::string& out);

  // Arrays; a message for each element.
  void AppendEvents(uint32_t field, std::string_view json, std::string& out);
  void AppendLinks(uint32_t field, std::string_view json, std::string& out);

 private:
  struct Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace telltale
