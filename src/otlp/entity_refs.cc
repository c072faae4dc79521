#include "otlp/entity_refs.h"

#include "json/writer.h"

namespace telltale {

void EntityRefsWriter::Member(std::string_view name) {
  if (out_->back() != '{') *out_ += ',';
  AppendJsonString(name, *out_);
  *out_ += ':';
}

void EntityRefsWriter::Begin(std::string_view schema_url, std::string_view type) {
  *out_ += out_->empty() ? "[{" : ",{";
  if (!schema_url.empty()) {
    Member("schemaUrl");
    AppendJsonString(schema_url, *out_);
  }
  if (!type.empty()) {
    Member("type");
    AppendJsonString(type, *out_);
  }
}

void EntityRefsWriter::Key(std::string_view key) {
  if (!list_begun_) {
    Member(list_);
    *out_ += '[';
    list_begun_ = true;
  } else {
    *out_ += ',';
  }
  AppendJsonString(key, *out_);
}

void EntityRefsWriter::EndList() {
  if (list_begun_) *out_ += ']';
  list_begun_ = false;
}

void EntityRefsWriter::End() {
  EndList();
  *out_ += '}';
}

std::string_view EntityRefsWriter::Finish() {
  if (!out_->empty()) *out_ += ']';
  return *out_;
}

}  // namespace telltale
