// Lets only a few answers with large values be made at a time: each takes several times its
// value in memory.
//
//   const LargeReads::Place place = face.large_reads.TryTake();
//   if (place == nullptr) return LargeReads::Refusal("show call ...");
//
// Ownership      A place is given back when the last copy of it goes; it may outlive this.
// Thread safety  May be used from any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace telltale {

class LargeReads {
 public:
  // Above this a read is large.
  static constexpr size_t kLargeBytes = 4'000'000;
  static constexpr int kPlaces = 2;

  using Place = std::shared_ptr<const void>;

  // Null: all places are taken.
  Place TryTake() const {
    auto taken = taken_;
    if (++*taken > kPlaces) {
      --*taken;
      return nullptr;
    }
    return {taken.get(), [taken](const void*) { --*taken; }};
  }

  static std::unexpected<Error> Refusal(const std::string& what) {
    return Fail(ErrorCode::kUnavailable, what + ": too many large values are being read",
                "try again in a second");
  }

 private:
  std::shared_ptr<std::atomic<int>> taken_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace telltale
