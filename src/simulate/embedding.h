// Deterministic embeddings: each word adds its own direction, so texts that share
// words are near each other and a retrieval demo finds what a person would expect.
//
// Thread safety  Free functions; may be called from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

// A vector of length 1.
std::vector<float> EmbedText(std::string_view text, size_t dimensions, uint64_t seed);

// Little-endian 32-bit floats in base64: what encoding_format "base64" means.
std::string EmbeddingBase64(const std::vector<float>& vector);

}  // namespace telltale
