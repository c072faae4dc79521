#include "net/body_encoder.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace telltale {
namespace {

constexpr size_t kRoomBytes = 64u << 10;

class PlainEncoder final : public BodyEncoder {
 public:
  void Add(std::string_view bytes, std::string& out) override { out += bytes; }
  void Finish(std::string&) override {}
};

// gzip, and what HTTP calls deflate: zlib.
class ZlibEncoder final : public BodyEncoder {
 public:
  explicit ZlibEncoder(bool gzip) {
    constexpr int kLevel = 3;
    constexpr int kWindowBits = 15;
    constexpr int kMemoryLevel = 8;
    const int status = deflateInit2(&stream_, kLevel, Z_DEFLATED, kWindowBits + (gzip ? 16 : 0), kMemoryLevel,
                                    Z_DEFAULT_STRATEGY);
    TELLTALE_CHECK(status == Z_OK, "zlib cannot start");
  }
  ~ZlibEncoder() override { deflateEnd(&stream_); }

  void Add(std::string_view bytes, std::string& out) override { Run(bytes, Z_NO_FLUSH, out); }
  void Finish(std::string& out) override { Run({}, Z_FINISH, out); }

 private:
  void Run(std::string_view bytes, int flush, std::string& out) {
    // zlib reads what it is given and does not change it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const size_t begin = out.size();
      out.resize(begin + kRoomBytes);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + begin);
      stream_.avail_out = static_cast<uInt>(kRoomBytes);
      deflate(&stream_, flush);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
};

class ZstdEncoder final : public BodyEncoder {
 public:
  ZstdEncoder() : context_(ZSTD_createCCtx()) {
    TELLTALE_CHECK(context_ != nullptr, "zstd cannot start");
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, 1);
  }
  ~ZstdEncoder() override { ZSTD_freeCCtx(context_); }

  void Add(std::string_view bytes, std::string& out) override { Run(bytes, ZSTD_e_continue, out); }
  void Finish(std::string& out) override { Run({}, ZSTD_e_end, out); }

 private:
  void Run(std::string_view bytes, ZSTD_EndDirective directive, std::string& out) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (true) {
      const size_t begin = out.size();
      out.resize(begin + kRoomBytes);
      ZSTD_outBuffer room{out.data() + begin, kRoomBytes, 0};
      const size_t left = ZSTD_compressStream2(context_, &room, &in, directive);
      out.resize(begin + room.pos);
      TELLTALE_CHECK(ZSTD_isError(left) == 0, "zstd cannot go on");
      if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return;
    }
  }

  ZSTD_CCtx* const context_;
};

class Lz4Encoder final : public BodyEncoder {
 public:
  Lz4Encoder() {
    const size_t status = LZ4F_createCompressionContext(&context_, LZ4F_VERSION);
    TELLTALE_CHECK(LZ4F_isError(status) == 0, "lz4 cannot start");
  }
  ~Lz4Encoder() override { LZ4F_freeCompressionContext(context_); }

  void Add(std::string_view bytes, std::string& out) override {
    Begin(out);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(kRoomBytes, bytes.size()))) {
      const std::string_view part = bytes.substr(0, kRoomBytes);
      Append(LZ4F_compressBound(part.size(), nullptr), out, [&](char* to, size_t size) {
        return LZ4F_compressUpdate(context_, to, size, part.data(), part.size(), nullptr);
      });
    }
  }
  void Finish(std::string& out) override {
    Begin(out);
    Append(LZ4F_compressBound(0, nullptr), out,
           [&](char* to, size_t size) { return LZ4F_compressEnd(context_, to, size, nullptr); });
  }

 private:
  void Begin(std::string& out) {
    if (std::exchange(begun_, true)) return;
    Append(LZ4F_HEADER_SIZE_MAX, out,
           [&](char* to, size_t size) { return LZ4F_compressBegin(context_, to, size, nullptr); });
  }

  template <typename Function>
  static void Append(size_t room, std::string& out, Function write) {
    const size_t begin = out.size();
    out.resize(begin + room);
    const size_t size = write(out.data() + begin, room);
    TELLTALE_CHECK(LZ4F_isError(size) == 0, "lz4 cannot go on");
    out.resize(begin + size);
  }

  LZ4F_cctx* context_ = nullptr;
  bool begun_ = false;
};

}  // namespace

BodyCoding ChooseBodyCoding(std::string_view accept_encoding) {
  constexpr std::pair<std::string_view, BodyCoding> kCodings[] = {{"zstd", BodyCoding::kZstd},
                                                                  {"lz4", BodyCoding::kLz4},
                                                                  {"gzip", BodyCoding::kGzip},
                                                                  {"deflate", BodyCoding::kDeflate}};
  BodyCoding best = BodyCoding::kNone;
  size_t best_place = std::size(kCodings);
  while (!accept_encoding.empty()) {
    std::string_view one = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(one.size() + 1, accept_encoding.size()));
    const size_t weight = one.find(";q=");
    const bool is_refused =
        weight != one.npos && one.substr(weight + 3).find_first_not_of("0. ") == std::string_view::npos;
    one = one.substr(0, one.find(';'));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    for (size_t place = 0; place < best_place; ++place) {
      if (one != kCodings[place].first || is_refused) continue;
      best = kCodings[place].second;
      best_place = place;
    }
  }
  return best;
}

std::string_view NameOf(BodyCoding coding) {
  switch (coding) {
    case BodyCoding::kGzip:
      return "gzip";
    case BodyCoding::kDeflate:
      return "deflate";
    case BodyCoding::kZstd:
      return "zstd";
    case BodyCoding::kLz4:
      return "lz4";
    case BodyCoding::kNone:
      break;
  }
  return "";
}

std::unique_ptr<BodyEncoder> MakeBodyEncoder(BodyCoding coding) {
  switch (coding) {
    case BodyCoding::kGzip:
      return std::make_unique<ZlibEncoder>(true);
    case BodyCoding::kDeflate:
      return std::make_unique<ZlibEncoder>(false);
    case BodyCoding::kZstd:
      return std::make_unique<ZstdEncoder>();
    case BodyCoding::kLz4:
      return std::make_unique<Lz4Encoder>();
    case BodyCoding::kNone:
      break;
  }
  return std::make_unique<PlainEncoder>();
}

}  // namespace telltale
