// A Call as JSON, in the names of the REST API: nested objects, what is not told left out.
//
//   JsonWriter json(body);
//   json.Key("call");
//   WriteCallJson(call, json);      // {"kind":"llm","request":{"model":"gpt-4"},...}
//
// Thread safety  Any thread, as long as the call stays unchanged.
#pragma once

#include "json/writer.h"
#include "trace/call.h"

namespace telltale {

void WriteCallJson(const Call& call, JsonWriter& json);
// Its members, without the braces.
void WriteCallMembers(const Call& call, JsonWriter& json);
// A message, and a run of parts, of a call.
void WriteMessage(const Call& call, const Message& message, JsonWriter& json);
void WriteMessageParts(const Call& call, Run parts, JsonWriter& json);

}  // namespace telltale
