#include "net/body_encoder.h"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zstd.h>

#include <string>

#include "net/gzip.h"

namespace telltale {
namespace {

std::string Text(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += std::to_string(i * i) + " ";
  return text;
}

std::string Encode(BodyCoding coding, std::string_view text, size_t piece) {
  const auto encoder = MakeBodyEncoder(coding);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    encoder->Add(text.substr(0, piece), out);
  encoder->Finish(out);
  return out;
}

std::string Decode(BodyCoding coding, const std::string& bytes, size_t size) {
  if (coding == BodyCoding::kNone) return bytes;
  if (coding == BodyCoding::kGzip || coding == BodyCoding::kDeflate)
    return *GunzipUntrusted(bytes, 64u << 20);
  std::string out(size, '\0');
  if (coding == BodyCoding::kZstd) {
    // One frame: a decoder for one must not stop in the middle.
    EXPECT_EQ(ZSTD_findFrameCompressedSize(bytes.data(), bytes.size()), bytes.size());
    ZSTD_DCtx* context = ZSTD_createDCtx();
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    ZSTD_outBuffer room{out.data(), out.size(), 0};
    EXPECT_EQ(ZSTD_decompressStream(context, &room, &in), 0u);
    out.resize(room.pos);
    ZSTD_freeDCtx(context);
    return out;
  }
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  size_t done = 0;
  size_t read = 0;
  while (read < bytes.size()) {
    size_t room = out.size() - done;
    size_t left = bytes.size() - read;
    const size_t status =
        LZ4F_decompress(context, out.data() + done, &room, bytes.data() + read, &left, nullptr);
    if (LZ4F_isError(status) != 0 || (room == 0 && left == 0)) break;
    done += room;
    read += left;
  }
  LZ4F_freeDecompressionContext(context);
  out.resize(done);
  return out;
}

TEST(BodyEncoder, GivesBackWhatWentInWhateverTheSizeOfThePieces) {
  for (const BodyCoding coding :
       {BodyCoding::kNone, BodyCoding::kGzip, BodyCoding::kDeflate, BodyCoding::kZstd, BodyCoding::kLz4}) {
    for (const size_t size : {size_t{0}, size_t{1}, size_t{100'000}, size_t{1'000'000}}) {
      const std::string text = size == 0 ? "" : Text(size);
      for (const size_t piece : {size_t{7919}, size_t{200'000}}) {
        const std::string encoded = Encode(coding, text, piece);
        EXPECT_TRUE(Decode(coding, encoded, text.size()) == text) << NameOf(coding) << " " << size;
        if (coding != BodyCoding::kNone && size > 1000) EXPECT_LT(encoded.size(), text.size());
      }
    }
  }
}

TEST(BodyEncoder, ChoosesTheBestThatIsTaken) {
  EXPECT_EQ(ChooseBodyCoding(""), BodyCoding::kNone);
  EXPECT_EQ(ChooseBodyCoding("br"), BodyCoding::kNone);
  EXPECT_EQ(ChooseBodyCoding("gzip, deflate"), BodyCoding::kGzip);
  EXPECT_EQ(ChooseBodyCoding("deflate;q=0.5,gzip;q=0"), BodyCoding::kDeflate);
  EXPECT_EQ(ChooseBodyCoding("gzip,lz4, zstd;q=0.1"), BodyCoding::kZstd);
}

}  // namespace
}  // namespace telltale
