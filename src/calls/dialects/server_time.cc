// gen_ai.server.time_to_first_token: seconds from OpenLIT, milliseconds from Strands,
// under one name.
#include "calls/mapping.h"

namespace telltale {

double ServerTimeInSeconds(const MapContext& context, double value) {
  const bool is_strands =
      context.scope_name.starts_with("strands") || context.provider_as_sent == "strands-agents";
  const uint64_t start = context.span.start_unix_nano;
  const uint64_t end = context.span.end_unix_nano;
  // No token comes after the end, so a time beyond it was in milliseconds.
  const bool is_beyond = end > start && value > static_cast<double>(end - start) / 1e9;
  return is_strands || is_beyond ? value / 1000 : value;
}

}  // namespace telltale
