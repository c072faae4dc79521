#include "net/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

#include "base/check.h"

namespace telltale {
namespace {

enum class Container { kGzip, kZlib };

struct FreeCodec {
  void operator()(libdeflate_decompressor* codec) const { libdeflate_free_decompressor(codec); }
  void operator()(libdeflate_compressor* codec) const { libdeflate_free_compressor(codec); }
};

libdeflate_decompressor* ThreadDecompressor() {
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeCodec> codec(
      libdeflate_alloc_decompressor());
  TELLTALE_CHECK(codec != nullptr, "out of memory for a decompressor");
  return codec.get();
}

libdeflate_compressor* ThreadCompressor() {
  thread_local const std::unique_ptr<libdeflate_compressor, FreeCodec> codec(libdeflate_alloc_compressor(6));
  TELLTALE_CHECK(codec != nullptr, "out of memory for a compressor");
  return codec.get();
}

Result<Container> DetectContainer(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes.size() >= 2 && byte(0) == 0x1f && byte(1) == 0x8b) return Container::kGzip;
  if (bytes.size() >= 2 && (byte(0) & 0x0f) == 8 && (byte(0) * 256 + byte(1)) % 31 == 0) {
    return Container::kZlib;
  }
  return Fail(ErrorCode::kInvalidInput,
              "decompress " + std::to_string(bytes.size()) + " bytes: they are neither gzip nor zlib",
              "send the body as its Content-Encoding says, or leave that header out");
}

// gzip ends with its size modulo 2^32. It is a guess only: senders may lie, and with
// several members it is the size of the last.
size_t GuessSize(Container container, std::string_view bytes, size_t bytes_max) {
  size_t guess = bytes.size() * 4;
  if (container == Container::kGzip && bytes.size() >= 18) {
    uint32_t trailer = 0;  // little-endian, as every machine we build for
    std::memcpy(&trailer, bytes.data() + bytes.size() - 4, 4);
    // Deflate cannot shrink further than about 1032 to 1.
    if (trailer / 1032 <= bytes.size()) guess = trailer;
  }
  return std::min(std::max<size_t>(guess, 64), bytes_max);
}

struct Step {
  libdeflate_result result = LIBDEFLATE_BAD_DATA;
  size_t used = 0;
  size_t made = 0;
};

Step DecompressMember(Container container, std::string_view in, char* out, size_t out_size) {
  Step step;
  const auto decompress =
      container == Container::kGzip ? libdeflate_gzip_decompress_ex : libdeflate_zlib_decompress_ex;
  step.result = decompress(ThreadDecompressor(), in.data(), in.size(), out, out_size, &step.used, &step.made);
  return step;
}

}  // namespace

Result<std::string> GunzipUntrusted(std::string_view bytes, size_t bytes_max) {
  TELLTALE_ASSIGN_OR_RETURN(const Container container, DetectContainer(bytes));
  std::string out;
  size_t size = 0;
  size_t capacity = GuessSize(container, bytes, bytes_max);
  std::string_view left = bytes;
  while (!left.empty()) {
    Step step;
    // The size that libstdc++ 12 passes on may be more than was asked for.
    out.resize_and_overwrite(std::max(capacity, size), [&](char* data, size_t) {
      step = DecompressMember(container, left, data + size, std::max(capacity, size) - size);
      return step.result == LIBDEFLATE_SUCCESS ? size + step.made : size;
    });
    if (step.result == LIBDEFLATE_INSUFFICIENT_SPACE && capacity < bytes_max) {
      capacity = capacity > bytes_max / 2 ? bytes_max : capacity * 2;
      continue;
    }
    if (step.result == LIBDEFLATE_INSUFFICIENT_SPACE) {
      return Fail(ErrorCode::kOverLimit,
                  "decompress " + std::to_string(bytes.size()) + " bytes: the result passes the limit of " +
                      std::to_string(bytes_max) + " bytes",
                  "send smaller batches");
    }
    if (step.result != LIBDEFLATE_SUCCESS || step.used == 0) {
      return Fail(ErrorCode::kInvalidInput, "decompress " + std::to_string(bytes.size()) +
                                                " bytes: damaged or cut off at byte " +
                                                std::to_string(bytes.size() - left.size()) + " or later");
    }
    size += step.made;
    left.remove_prefix(step.used);
    if (container == Container::kZlib && !left.empty()) {
      return Fail(ErrorCode::kInvalidInput,
                  "decompress zlib: " + std::to_string(left.size()) + " bytes follow its end");
    }
  }
  return out;
}

std::string Gzip(std::string_view bytes) {
  libdeflate_compressor* codec = ThreadCompressor();
  std::string out;
  out.resize_and_overwrite(libdeflate_gzip_compress_bound(codec, bytes.size()), [&](char* data, size_t room) {
    return libdeflate_gzip_compress(codec, bytes.data(), bytes.size(), data, room);
  });
  return out;
}

}  // namespace telltale
