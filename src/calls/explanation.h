// Where each field of a call came from, and what was left out: for `telltale explain`.
//
// Ownership      Owns its texts.
// Thread safety  One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace telltale {

struct Explanation {
  struct Source {
    std::string field;  // its path in the call's JSON
    std::string key;    // the attribute, event or log record
    std::string rule;
  };
  struct Ignored {
    std::string key;
    std::string why;
    bool is_unmapped = false;  // no rule knows the key
  };

  std::vector<Source> sources;
  std::vector<Ignored> ignored;

  void Told(std::string_view field, std::string_view key, std::string_view rule) {
    sources.push_back({std::string(field), std::string(key), std::string(rule)});
  }
  void LeftOut(std::string_view key, std::string_view why, bool is_unmapped = false) {
    ignored.push_back({std::string(key), std::string(why), is_unmapped});
  }
};

}  // namespace telltale
