// What JSON allows and our JSON reader does not: texts with half of a surrogate pair,
// integers wider than 64 bits, numbers beyond any double. Without a repair one such
// value would cost the whole request; with it, at most its span.
//
// Thread safety  Free functions; may be called from any thread.
// Failure        None: what is not JSON comes out as it went in, or as something else
//                that is not JSON.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

// Puts U+FFFD in the place of escaped surrogates without their other half. JavaScript
// cuts strings inside such pairs and writes what is left as valid JSON grammar, which
// no UTF-8 text can hold.
std::string ReplaceLoneSurrogatesUntrusted(std::string_view json);

// Writes integers of more than 64 bits, and -0, as floating-point numbers, and puts a
// value that no field of OTLP takes, [[]], in the place of numbers beyond any double.
std::string RewriteNumbersUntrusted(std::string_view json);

// True when there may be a plain -0 outside of texts: to our reader it is an integer,
// which has no sign.
bool MayHoldMinusZeroUntrusted(std::string_view json);

}  // namespace telltale
