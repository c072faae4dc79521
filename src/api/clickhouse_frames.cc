#include "api/clickhouse_frames.h"

#include <lz4.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/check.h"

namespace telltale {
namespace {

constexpr size_t kBlockBytes = 256u << 10;
constexpr size_t kChecksumBytes = 16;
constexpr size_t kHeadBytes = 9;
constexpr char kLz4 = static_cast<char>(0x82);

constexpr uint64_t kK0 = 0xc3a5c85c97cb3127;
constexpr uint64_t kK1 = 0xb492b66fbe98f273;
constexpr uint64_t kK2 = 0x9ae16a3b2f90404f;
constexpr uint64_t kK3 = 0xc949d7c7509e6557;

struct Pair {
  uint64_t first = 0;
  uint64_t second = 0;
};

template <typename T>
T Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

uint64_t Load64(const char* at) {
  return Load<uint64_t>(at);
}

uint64_t Rotate(uint64_t value, int bits) {
  return std::rotr(value, bits);
}

uint64_t Mix(uint64_t value) {
  return value ^ (value >> 47);
}

uint64_t HashOfTwo(uint64_t low, uint64_t high) {
  constexpr uint64_t kMultiplier = 0x9ddfea08eb382d69;
  const uint64_t a = Mix((low ^ high) * kMultiplier);
  return Mix((high ^ a) * kMultiplier) * kMultiplier;
}

uint64_t HashOfShort(const char* bytes, size_t size) {
  if (size > 8) {
    const uint64_t a = Load64(bytes);
    const uint64_t b = Load64(bytes + size - 8);
    return HashOfTwo(a, Rotate(b + size, static_cast<int>(size))) ^ b;
  }
  if (size >= 4) {
    const uint64_t a = Load<uint32_t>(bytes);
    return HashOfTwo(size + (a << 3), Load<uint32_t>(bytes + size - 4));
  }
  if (size > 0) {
    const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])); };
    const uint32_t y = at(0) + (at(size >> 1) << 8);
    const uint32_t z = static_cast<uint32_t>(size) + (at(size - 1) << 2);
    return Mix(y * kK2 ^ z * kK3) * kK2;
  }
  return kK2;
}

// Of 32 bytes and two seeds.
Pair WeakHash(const char* bytes, uint64_t a, uint64_t b) {
  a += Load64(bytes);
  b = Rotate(b + a + Load64(bytes + 24), 21);
  const uint64_t c = a;
  a += Load64(bytes + 8);
  a += Load64(bytes + 16);
  b += Rotate(a, 44);
  return {a + Load64(bytes + 24), b + c};
}

Pair HashOfMedium(const char* bytes, size_t size, Pair seed) {
  uint64_t a = seed.first;
  uint64_t b = seed.second;
  uint64_t c = 0;
  uint64_t d = 0;
  if (size <= 16) {
    a = Mix(a * kK1) * kK1;
    c = b * kK1 + HashOfShort(bytes, size);
    d = Mix(a + (size >= 8 ? Load64(bytes) : c));
  } else {
    c = HashOfTwo(Load64(bytes + size - 8) + kK1, a);
    d = HashOfTwo(b + size, c + Load64(bytes + size - 16));
    a += d;
    for (auto left = static_cast<int64_t>(size) - 16; left > 0; left -= 16, bytes += 16) {
      a = (a ^ Mix(Load64(bytes) * kK1) * kK1) * kK1;
      b ^= a;
      c = (c ^ Mix(Load64(bytes + 8) * kK1) * kK1) * kK1;
      d ^= c;
    }
  }
  a = HashOfTwo(a, c);
  b = HashOfTwo(d, b);
  return {a ^ b, HashOfTwo(b, a)};
}

// The state that long inputs are folded into, 64 bytes at a time.
struct State {
  uint64_t x, y, z;
  Pair v, w;

  void Fold(const char* bytes) {
    x = Rotate(x + y + v.first + Load64(bytes + 16), 37) * kK1;
    y = Rotate(y + v.second + Load64(bytes + 48), 42) * kK1;
    x ^= w.second;
    y ^= v.first;
    z = Rotate(z ^ w.first, 33);
    v = WeakHash(bytes, v.second * kK1, x + w.first);
    w = WeakHash(bytes + 32, z + w.second, y);
    std::swap(z, x);
  }
};

Pair HashWithSeed(const char* bytes, size_t size, Pair seed) {
  if (size < 128) return HashOfMedium(bytes, size, seed);
  State s{.x = seed.first, .y = seed.second, .z = size * kK1, .v = {}, .w = {}};
  s.v.first = Rotate(s.y ^ kK1, 49) * kK1 + Load64(bytes);
  s.v.second = Rotate(s.v.first, 42) * kK1 + Load64(bytes + 8);
  s.w.first = Rotate(s.y + s.z, 35) * kK1 + s.x;
  s.w.second = Rotate(s.x + Load64(bytes + 88), 53) * kK1;
  for (; size >= 128; size -= 128, bytes += 128) {
    s.Fold(bytes);
    s.Fold(bytes + 64);
  }
  s.y += Rotate(s.w.first, 37) * kK0 + s.z;
  s.x += Rotate(s.v.first + s.z, 49) * kK0;
  // The end, 32 bytes at a time from behind: the last of them may reach into what was folded.
  for (size_t done = 0; done < size;) {
    done += 32;
    const char* part = bytes + size - done;
    s.y = Rotate(s.y - s.x, 42) * kK0 + s.v.second;
    s.w.first += Load64(part + 16);
    s.x = Rotate(s.x, 49) * kK0 + s.w.first;
    s.w.first += s.v.first;
    s.v = WeakHash(part, s.v.first, s.v.second);
  }
  s.x = HashOfTwo(s.x, s.v.first);
  s.y = HashOfTwo(s.y, s.w.first);
  return {HashOfTwo(s.x + s.v.second, s.w.second) + s.y, HashOfTwo(s.x + s.w.second, s.y + s.v.second)};
}

template <typename T>
void Store(T value, char* to) {
  std::memcpy(to, &value, sizeof value);
}

void AppendBlock(std::string_view bytes, std::string& out) {
  const size_t begin = out.size();
  const int room = LZ4_compressBound(static_cast<int>(bytes.size()));
  out.resize(begin + kChecksumBytes + kHeadBytes + static_cast<size_t>(room));
  char* head = out.data() + begin + kChecksumBytes;
  const int size =
      LZ4_compress_default(bytes.data(), head + kHeadBytes, static_cast<int>(bytes.size()), room);
  TELLTALE_CHECK(size > 0, "lz4 cannot pack a block");
  const size_t packed = kHeadBytes + static_cast<size_t>(size);
  head[0] = kLz4;
  Store(static_cast<uint32_t>(packed), head + 1);
  Store(static_cast<uint32_t>(bytes.size()), head + 5);
  const auto [low, high] = CityHash128({head, packed});
  Store(low, out.data() + begin);
  Store(high, out.data() + begin + 8);
  out.resize(begin + kChecksumBytes + packed);
}

class Frames final : public BodyEncoder {
 public:
  void Add(std::string_view bytes, std::string& out) override {
    while (waiting_.size() + bytes.size() >= kBlockBytes) {
      const size_t part = kBlockBytes - waiting_.size();
      waiting_ += bytes.substr(0, part);
      bytes.remove_prefix(part);
      AppendBlock(waiting_, out);
      waiting_.clear();
    }
    waiting_ += bytes;
  }
  void Finish(std::string& out) override {
    if (!waiting_.empty()) AppendBlock(waiting_, out);
    waiting_.clear();
  }

 private:
  std::string waiting_;
};

}  // namespace

std::pair<uint64_t, uint64_t> CityHash128(std::string_view bytes) {
  const char* at = bytes.data();
  const size_t size = bytes.size();
  Pair hash;
  if (size >= 16) {
    hash = HashWithSeed(at + 16, size - 16, {Load64(at) ^ kK3, Load64(at + 8)});
  } else if (size >= 8) {
    hash = HashWithSeed(nullptr, 0, {Load64(at) ^ (size * kK0), Load64(at + size - 8) ^ kK1});
  } else {
    hash = HashWithSeed(at, size, {kK0, kK1});
  }
  return {hash.first, hash.second};
}

std::unique_ptr<BodyEncoder> MakeClickHouseFrames() {
  return std::make_unique<Frames>();
}

}  // namespace telltale
