// What one request may hold: far above any real one, and what keeps a request of empty
// attributes, two bytes each, from becoming gigabytes of memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace telltale {

// Levels of AnyValue in one attribute: deep enough for any tool call's arguments,
// shallow enough for every reader's stack.
inline constexpr int kValueDepthMax = 32;

inline constexpr size_t kAttributesMax = 2'000'000;
inline constexpr size_t kEventsMax = 500'000;
inline constexpr size_t kLogRecordsMax = 1'000'000;
inline constexpr size_t kMetricPointsMax = 1'000'000;
inline constexpr size_t kExemplarsMax = 500'000;
// One data point on the wire, and what all of them keep as JSON: buckets, quantiles,
// exemplars.
inline constexpr size_t kPointBytesMax = 1 << 20;
inline constexpr size_t kPointTextBytesMax = 64 << 20;

// Times are kept as 63-bit nanoseconds.
inline constexpr uint64_t kTimeUnixNanoMax = INT64_MAX;

}  // namespace telltale
