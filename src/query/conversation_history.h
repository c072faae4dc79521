// What each call of a conversation added: a model is told everything again with every call, a
// reader is not.
//
//   ConversationHistory history;
//   for (const Call& call : calls) {                   // in order
//     const AddedMessages added = history.Add(call);
//     Show(call.input.messages from added.first on, call.output);
//   }
//
// Several histories may run beside one another (an agent and those that it asks), and a
// history may lose its beginning (a window that slides): an input goes on in the history of
// which it repeats the longest stretch. An answer counts as repeated by the message of the
// assistant that stands in its place, however that is spelled.
//
// Thread safety  One thread at a time.
// Limits         The last kHistoriesMax histories.
// Cost           One hash a message, and a comparison of those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "trace/call.h"

namespace telltale {

struct AddedMessages {
  size_t first = 0;           // of the input's messages: from here on they are new
  size_t system = 0;          // messages at the input's beginning that instruct, where those changed
  bool instructions = false;  // likewise, of the call's own system instructions
};

class ConversationHistory {
 public:
  static constexpr size_t kHistoriesMax = 16;

  AddedMessages Add(const Call& call);

 private:
  struct Said {
    uint64_t hash = 0;
    bool is_answer = false;
  };
  struct History {
    std::vector<Said> said;
    uint64_t instructions = 0;
  };

  std::vector<History> histories_;  // the one that was added to last is the last
};

}  // namespace telltale
