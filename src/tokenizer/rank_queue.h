// Which pair of a piece is merged next: of the smallest rank, the leftmost.
//
//   queue.Clear(vocabulary->ids_end());
//   queue.Push(rank, position);
//   while (queue.Pop(rank, position)) { ... queue.Push(...) ... }
//
//   ranks   [ 257 | 300 | 1041 ]                a heap of the ranks that have positions
//   bucket  [ 4, 9, 17, 40 ] late [ 11 ]        the positions of one rank
//
// Positions of one rank are mostly pushed from left to right, as the text is gone through;
// such a one costs nothing but its place. Those that come late wait in a heap of their own.
//
// Thread safety  One thread at a time.
// Cost           A push or pop takes constant time, but for the first of a rank (a logarithm
//                in the ranks that wait) and for late ones (in those of their rank).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace telltale {

class RankQueue {
 public:
  // Empties the queue, for ranks below `ranks_end`.
  void Clear(uint32_t ranks_end) {
    for (size_t i = 0; i < buckets_used_; ++i) bucket_of_[buckets_[i].rank] = kNoBucket;
    buckets_used_ = 0;
    ranks_.clear();
    if (bucket_of_.size() < ranks_end) bucket_of_.resize(ranks_end, kNoBucket);
  }

  void Push(uint32_t rank, uint32_t position) {
    Bucket& bucket = BucketOf(rank);
    if (!bucket.waits) {
      bucket.waits = true;
      bucket.ordered.clear();
      bucket.next = 0;
      ranks_.push_back(rank);
      std::ranges::push_heap(ranks_, std::greater());
    }
    if (bucket.ordered.empty() || bucket.ordered.back() < position) {
      bucket.ordered.push_back(position);
    } else {
      bucket.late.push_back(position);
      std::ranges::push_heap(bucket.late, std::greater());
    }
  }

  // False where nothing is left.
  bool Pop(uint32_t& rank, uint32_t& position) {
    while (!ranks_.empty()) {
      rank = ranks_.front();
      Bucket& bucket = buckets_[bucket_of_[rank]];
      const bool ordered = bucket.next < bucket.ordered.size();
      if (ordered && (bucket.late.empty() || bucket.ordered[bucket.next] < bucket.late.front())) {
        position = bucket.ordered[bucket.next++];
        return true;
      }
      if (!bucket.late.empty()) {
        position = bucket.late.front();
        std::ranges::pop_heap(bucket.late, std::greater());
        bucket.late.pop_back();
        return true;
      }
      bucket.waits = false;
      std::ranges::pop_heap(ranks_, std::greater());
      ranks_.pop_back();
    }
    return false;
  }

 private:
  static constexpr uint32_t kNoBucket = UINT32_MAX;

  struct Bucket {
    uint32_t rank = 0;
    bool waits = false;  // its rank is in ranks_
    size_t next = 0;     // of `ordered`; those before it have left
    std::vector<uint32_t> ordered;
    std::vector<uint32_t> late;
  };

  Bucket& BucketOf(uint32_t rank) {
    if (bucket_of_[rank] == kNoBucket) {
      if (buckets_used_ == buckets_.size()) buckets_.emplace_back();
      bucket_of_[rank] = static_cast<uint32_t>(buckets_used_++);
      Bucket& bucket = buckets_[bucket_of_[rank]];
      bucket.rank = rank;
      bucket.waits = false;
      bucket.late.clear();
    }
    return buckets_[bucket_of_[rank]];
  }

  std::vector<uint32_t> bucket_of_;  // by rank
  std::vector<Bucket> buckets_;      // those from buckets_used_ on only keep their memory
  size_t buckets_used_ = 0;
  std::vector<uint32_t> ranks_;
};

}  // namespace telltale
