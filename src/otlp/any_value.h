// The one JSON text of an attribute value: OTLP/JSON's AnyValue, written the same way
// whether it came as protobuf or as JSON. Batch keeps arrays and maps in this form,
// the store keeps them as they are, and REST shows them.
//
//   {"stringValue":"..."}   {"boolValue":true}   {"intValue":"-3"}   {"doubleValue":0.5}
//   {"bytesValue":"base64"} {"arrayValue":{"values":[...]}}
//   {"kvlistValue":{"values":[{"key":"k","value":{...}}]}}   {}
//
// Thread safety  Stateless.
// Failure        None: text that is not UTF-8 is written with U+FFFD (json/writer.h).
#pragma once

#include <string>

#include "trace/batch.h"

namespace telltale {

void AppendAnyValueJson(const Value& value, std::string& out);

// [{"key":"k","value":{...}}, ...]
void AppendAttributesJson(const Batch& batch, Run attributes, std::string& out);

}  // namespace telltale
