#include "simulate/dice.h"

#include <cmath>
#include <numbers>

namespace telltale {
namespace {

// The finaliser of splitmix64: every input bit reaches every output bit.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

uint64_t HashText(uint64_t seed, std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u ^ Mix(seed + 0x9e3779b97f4a7c15u);
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;  // FNV-1a
  return Mix(hash);
}

uint64_t Dice::Next() {
  state_ += 0x9e3779b97f4a7c15u;
  return Mix(state_);
}

double Dice::Unit() {
  return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

size_t Dice::Below(size_t count) {
  return count == 0 ? 0 : static_cast<size_t>(Next() % count);
}

double Dice::Gauss() {
  const double radius = std::sqrt(-2 * std::log(1 - Unit()));
  return radius * std::cos(2 * std::numbers::pi * Unit());
}

std::string Dice::Hex(size_t digits) {
  std::string text;
  while (text.size() < digits) text += "0123456789abcdef"[Next() & 15];
  return text;
}

}  // namespace telltale
