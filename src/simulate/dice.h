// Numbers that look random and depend on nothing but a seed: the same request gets
// the same answer on every machine and with every standard library.
//
//   Dice dice(HashText(options.seed, request.body));
//   if (dice.Unit() < options.error_rate) ...
//
// Thread safety  One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace telltale {

uint64_t HashText(uint64_t seed, std::string_view text);

class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  double Unit();               // [0, 1)
  size_t Below(size_t count);  // [0, count); 0 when count is 0
  double Gauss();              // mean 0, deviation 1
  std::string Hex(size_t digits);

 private:
  uint64_t state_;
};

}  // namespace telltale
