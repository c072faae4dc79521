// Makes a JSON value that fits a JSON Schema: the arguments of a simulated tool call
// and answers in response_format json_schema.
//
// Knows type, properties, items, enum, const, anyOf/oneOf (their first), $ref into
// $defs, minimum and maximum; other keywords are passed over.
//
// Thread safety  Free functions; may be called from any thread.
// Failure        A schema that is not JSON gives {}. Depth and size are bounded.
#pragma once

#include <string>
#include <string_view>

#include "simulate/dice.h"

namespace telltale {

// `prompt` is what the model was asked: strings such as "city" are taken from it.
std::string SchemaValueUntrusted(std::string_view schema, std::string_view prompt, Dice& dice);

}  // namespace telltale
