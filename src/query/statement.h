// A statement under construction: text and parameters grow together. What users typed
// goes in as a parameter; the text is ours.
//
//   Statement sql("SELECT name FROM spans WHERE service = ");
//   sql.Parameter("service", "String", service).AndRange("start", range);
//   return sql.Take("max_threads = 1");
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "query/filter.h"
#include "store/engine.h"
#include "trace/ids.h"

namespace telltale {

class Statement {
 public:
  explicit Statement(std::string_view text) { request_.sql = text; }

  Statement& operator<<(std::string_view text) {
    request_.sql += text;
    return *this;
  }

  // A name that stands twice in the text names one value.
  Statement& Parameter(std::string name, std::string_view type, std::string value) {
    request_.sql += '{' + name + ':';
    request_.sql += type;
    request_.sql += '}';
    const auto same = [&](const QueryParameter& parameter) { return parameter.name == name; };
    if (std::ranges::none_of(request_.parameters, same)) {
      request_.parameters.push_back({std::move(name), std::move(value)});
    }
    return *this;
  }

  // Of text that names them already.
  Statement& Parameters(std::span<const QueryParameter> parameters) {
    request_.parameters.insert(request_.parameters.end(), parameters.begin(), parameters.end());
    return *this;
  }

  Statement& Number(std::string name, int64_t value) {
    return Parameter(std::move(name), "Int64", std::to_string(value));
  }

  Statement& Time(std::string name, int64_t unix_nano) {
    *this << "fromUnixTimestamp64Nano(";
    Number(std::move(name), unix_nano);
    return *this << ", 'UTC')";
  }

  template <size_t kSize>
  Statement& Bytes(const Id<kSize>& id) {
    return *this << "unhex('" << id.Hex() << "')";
  }

  Statement& Ids(std::span<const TraceId> ids) {
    TELLTALE_CHECK(!ids.empty(), "an empty list of traces is not SQL");
    for (size_t i = 0; i < ids.size(); ++i) Bytes(ids[i]) << (i + 1 < ids.size() ? ", " : "");
    return *this;
  }

  // REQUIRES: a condition stands before it. `column` is a time of ours.
  Statement& AndRange(const TimeRange& range, std::string_view column = "start") {
    const TimeRange all;
    if (range.start_unix_nano > all.start_unix_nano)
      (*this << " AND " << column << " >= ").Time("start", range.start_unix_nano);
    if (range.end_unix_nano < all.end_unix_nano)
      (*this << " AND " << column << " < ").Time("end", range.end_unix_nano);
    return *this;
  }

  QueryRequest Take(std::string_view settings) {
    request_.settings = settings;
    return std::move(request_);
  }

 private:
  QueryRequest request_;
};

// How an attribute begins where a resource, a scope, events and links are kept as OTLP/JSON in
// the canonical form of json/writer.h, so that a KeyValue is a part of the text: {"key":"k","value":
std::string KeyValueBeginning(std::string_view key);

// ` AND (...)`: the row, of whichever table, has this attribute. Parameters are named
// after `index`. REQUIRES: a condition stands before it.
void AddAttributeCondition(const AttributeFilter& attribute, size_t index, Statement& sql);

// ` AND ...` for everything that a filter of spans says, but its range. REQUIRES: as above.
// `range` is where its condition looks for what belongs to a span.
void AddFilterConditions(const SpanFilter& filter, const TimeRange& range, Statement& sql);

}  // namespace telltale
