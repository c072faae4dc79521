// Compresses the body of a response while it is made.
//
//   std::unique_ptr<BodyEncoder> encoder = MakeBodyEncoder(BodyCoding::kGzip);
//   encoder->Add(piece, out);    // may keep some of it back
//   encoder->Finish(out);
//
// Thread safety  One thread at a time.
// Cost           gzip, deflate at level 3, zstd 1, lz4 1: the client is on this machine, or near.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace telltale {

class BodyEncoder {
 public:
  virtual ~BodyEncoder() = default;
  virtual void Add(std::string_view bytes, std::string& out) = 0;
  virtual void Finish(std::string& out) = 0;
};

enum class BodyCoding : uint8_t { kNone, kGzip, kDeflate, kZstd, kLz4 };

// The best of those that an Accept-Encoding header takes; kNone: it takes none of them.
BodyCoding ChooseBodyCoding(std::string_view accept_encoding);

// For Content-Encoding.
std::string_view NameOf(BodyCoding coding);

// kNone: bytes as they are.
std::unique_ptr<BodyEncoder> MakeBodyEncoder(BodyCoding coding);

}  // namespace telltale
