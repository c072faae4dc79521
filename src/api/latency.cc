#include "api/latency.h"

#include "json/writer.h"

namespace telltale {
namespace {

constexpr std::array<std::string_view, 4> kKindNames = {"rest", "jaeger", "jaeger_v3", "tempo"};

struct Sample {
  std::string_view name;
  std::string_view suffix;
  std::string_view face;
  std::string_view bound;  // empty: no `le` label
};

void AppendSample(const Sample& sample, std::string_view value, std::string& out) {
  out.append(sample.name).append(sample.suffix).append("{face=\"").append(sample.face).append("\"");
  if (!sample.bound.empty()) out.append(",le=\"").append(sample.bound).append("\"");
  out.append("} ").append(value).append("\n");
}

std::string NumberText(double number) {
  std::string text;
  AppendJsonDouble(number, text);
  return text;
}

}  // namespace

void QueryLatency::Add(Kind kind, double seconds) {
  size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  Histogram& histogram = histograms_[static_cast<size_t>(kind)];
  histogram.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  histogram.nanos.fetch_add(static_cast<uint64_t>(seconds * 1e9), std::memory_order_relaxed);
}

void QueryLatency::AppendPrometheus(std::string_view name, std::string& out) const {
  for (size_t kind = 0; kind < histograms_.size(); ++kind) {
    const Histogram& histogram = histograms_[kind];
    uint64_t count = 0;
    for (size_t i = 0; i <= kBounds.size(); ++i) {
      count += histogram.buckets[i].load(std::memory_order_relaxed);
      const std::string bound = i < kBounds.size() ? NumberText(kBounds[i]) : "+Inf";
      AppendSample({.name = name, .suffix = "_bucket", .face = kKindNames[kind], .bound = bound},
                   std::to_string(count), out);
    }
    const double seconds = static_cast<double>(histogram.nanos.load(std::memory_order_relaxed)) / 1e9;
    AppendSample({.name = name, .suffix = "_sum", .face = kKindNames[kind], .bound = {}}, NumberText(seconds),
                 out);
    AppendSample({.name = name, .suffix = "_count", .face = kKindNames[kind], .bound = {}},
                 std::to_string(count), out);
  }
}

}  // namespace telltale
