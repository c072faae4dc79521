// Handlers for std::visit, one for each alternative:
//
//   std::visit(Overloaded{[](int number) { ... }, [](const std::string& text) { ... }}, value);
#pragma once

namespace telltale {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

}  // namespace telltale
