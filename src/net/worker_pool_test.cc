#include "net/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

namespace telltale {
namespace {

TEST(WorkerPool, RunsWhatItTookAlsoWhenItIsDestroyed) {
  std::atomic<int> ran = 0;
  {
    WorkerPool pool({.threads = 3, .queue_max = 1000});
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 500);
}

TEST(WorkerPool, RefusesAJobWhenTheQueueIsFull) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<int> ran = 0;
  {
    WorkerPool pool({.threads = 1, .queue_max = 2});
    EXPECT_TRUE(pool.TryPost([&] {
      started.count_down();
      release.wait();
    }));
    started.wait();
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_FALSE(pool.TryPost([&] { ++ran; }));
    EXPECT_EQ(pool.queued(), 2u);
    release.count_down();
  }
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPool, AJobThatThrowsDoesNotEndItsThread) {
  std::atomic<bool> ran = false;
  {
    WorkerPool pool({.threads = 1});
    EXPECT_TRUE(pool.TryPost([] { throw std::runtime_error("meant to"); }));
    EXPECT_TRUE(pool.TryPost([&] { ran = true; }));
  }
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace telltale
