// The words that senders use for providers and finish reasons, in one spelling.
// Private to calls/.
#pragma once

#include <string_view>

#include "base/arena.h"
#include "trace/call.h"

namespace telltale {

// OTel's spelling (openai, gcp.vertex_ai, azure.ai.openai ...), other names in lower case.
// Empty for a framework that names itself where the provider should be, and for
// words that mean nothing.
std::string_view CanonicalProvider(std::string_view raw, Arena& arena);
// By the host that is asked; empty when it tells nothing (a proxy, a local address).
std::string_view ProviderOfAddress(std::string_view address);
// By the model's name; empty when it tells nothing.
std::string_view ProviderOfModel(std::string_view model);

FinishReason FinishReasonOf(std::string_view raw);

}  // namespace telltale
