// The one JSON text of a resource's entity_refs: which of its attributes make up which
// entity. Both decoders write it, Batch keeps it, the store keeps it inside of the
// resource, REST and Jaeger's version 3 show it.
//
//   [{"type":"service","idKeys":["service.name"],"descriptionKeys":["service.version"]}]
//
//   std::string text;
//   EntityRefsWriter refs(text);
//   refs.Begin(schema_url, type);
//   refs.BeginIdKeys();           refs.Key("service.name");
//   refs.BeginDescriptionKeys();  refs.Key("service.version");
//   refs.End();
//   resource.entity_refs = arena.Copy(refs.Finish());   // "" without any Begin
//
// Empty members are left out, as protobuf's JSON does.
//
// Thread safety  One thread at a time.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

class EntityRefsWriter {
 public:
  // REQUIRES: `out` is empty, and is used by nobody else until Finish.
  explicit EntityRefsWriter(std::string& out) : out_(&out) {}

  void Begin(std::string_view schema_url, std::string_view type);
  void BeginIdKeys() { BeginList("idKeys"); }
  void BeginDescriptionKeys() {
    EndList();
    BeginList("descriptionKeys");
  }
  void Key(std::string_view key);
  void End();

  std::string_view Finish();

 private:
  void Member(std::string_view name);
  void BeginList(std::string_view name) { list_ = name; }
  void EndList();

  std::string* out_;
  std::string_view list_;
  bool list_begun_ = false;
};

}  // namespace telltale
