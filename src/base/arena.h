// An Arena hands out bytes that live exactly as long as it does. Growing one
// never moves what was handed out before, so string_views into it stay valid.
//
// Ownership      Views returned by Copy() and Allocate() die with the Arena; a
//                moved-from Arena is empty and its bytes belong to the new one.
// Thread safety  One thread at a time.
// Cost           An allocation is a pointer bump; chunks double up to 1 MiB.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace telltale {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    chunks_ = std::move(other.chunks_);
    at_ = std::exchange(other.at_, nullptr);
    left_ = std::exchange(other.left_, 0);
    size_bytes_ = std::exchange(other.size_bytes_, 0);
    last_bytes_ = std::exchange(other.last_bytes_, 0);
    other.chunks_.clear();
    return *this;
  }

  // Uninitialised, unaligned bytes.
  char* Allocate(size_t size) {
    if (size > left_) Grow(size);
    char* bytes = at_;
    at_ += size;
    left_ -= size;
    return bytes;
  }

  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* bytes = Allocate(text.size());
    std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }

  // Takes back all that was handed out. The last chunk is kept for what comes next,
  // unless it is larger than kKeptBytesMax.
  void Clear() {
    if (chunks_.empty()) return;
    if (last_bytes_ > kKeptBytesMax) {
      *this = Arena();
      return;
    }
    chunks_.erase(chunks_.begin(), chunks_.end() - 1);
    at_ = chunks_.back().get();
    left_ = last_bytes_;
    size_bytes_ = last_bytes_;
  }

  // Bytes held from the allocator, used or not.
  size_t size_bytes() const { return size_bytes_; }

 private:
  static constexpr size_t kKeptBytesMax = 4 << 20;

  void Grow(size_t size) {
    const size_t chunk_bytes = std::max(size, std::clamp<size_t>(size_bytes_, 4096, 1 << 20));
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_bytes));
    at_ = chunks_.back().get();
    left_ = chunk_bytes;
    size_bytes_ += chunk_bytes;
    last_bytes_ = chunk_bytes;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  size_t left_ = 0;
  size_t size_bytes_ = 0;
  size_t last_bytes_ = 0;  // of the chunk being filled
};

}  // namespace telltale
