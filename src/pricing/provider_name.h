// Providers as gen_ai.provider.name spells them, from whatever senders and people write.
//
//   CanonicalProvider("bedrock")          // "aws.bedrock"
//   CanonicalProvider("OpenAI")           // "openai"
//   CanonicalProvider("langchain")        // "": a framework is no provider
//   MakerOf("claude-sonnet-4-5")          // "anthropic"
//
// Thread safety  Free functions.
#pragma once

#include <string>
#include <string_view>

namespace telltale {

std::string LowerCase(std::string_view text);

// Lower-case; what no table knows stays as it is. Empty when `told` names no provider.
std::string CanonicalProvider(std::string_view told);

// Who makes a model of this (lower-case) name and sells it under that name, by the
// beginnings that only they use; empty where more than one does or nobody is known.
std::string_view MakerOf(std::string_view model);

}  // namespace telltale
