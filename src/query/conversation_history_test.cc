#include "query/conversation_history.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace telltale {
namespace {

// "u:hi a:hello" as messages: u user, a assistant, s system, t tool.
void AddMessages(std::string_view text, Call& call, std::vector<Message>& messages) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view role = word[0] == 'u'   ? "user"
                                  : word[0] == 'a' ? "assistant"
                                  : word[0] == 's' ? "system"
                                                   : "tool";
    messages.push_back({.role = role,
                        .name = {},
                        .finish_reason = {},
                        .parts = {.begin = static_cast<uint32_t>(call.parts.size()), .count = 1}});
    call.parts.push_back({.type = PartType::kText, .text = word.substr(2)});
  }
}

AddedMessages Add(ConversationHistory& history, std::string_view input, std::string_view output) {
  Call call;
  AddMessages(input, call, call.input.messages);
  AddMessages(output, call, call.output.messages);
  return history.Add(call);
}

TEST(ConversationHistory, WhatWasSaidBeforeIsNotAdded) {
  ConversationHistory history;
  EXPECT_EQ(Add(history, "u:one", "a:1").first, 0u);
  EXPECT_EQ(Add(history, "u:one a:1 u:two", "a:2").first, 2u);
  EXPECT_EQ(Add(history, "u:one a:1 u:two a:2 u:yes", "a:3").first, 4u);
  EXPECT_EQ(Add(history, "u:one a:1 u:two a:2 u:yes a:3 u:yes", "a:4").first, 6u);
}

TEST(ConversationHistory, TheAnswerIsRecognisedHoweverItIsSpelled) {
  ConversationHistory history;
  Add(history, "u:one", "a:one-way");
  EXPECT_EQ(Add(history, "u:one a:other-way u:two", "a:2").first, 2u);
}

TEST(ConversationHistory, AMessageThatWasChangedIsAddedWithAllBehindIt) {
  ConversationHistory history;
  Add(history, "u:one a:1 u:two a:2 u:three", "a:3");
  EXPECT_EQ(Add(history, "u:one a:1 u:TWO", "a:2").first, 2u);
}

TEST(ConversationHistory, AWindowThatSlidesIsFollowed) {
  ConversationHistory history;
  Add(history, "s:be u:one a:1 u:two", "a:2");
  EXPECT_EQ(Add(history, "s:be u:two a:2 u:three", "a:3").first, 3u);
}

TEST(ConversationHistory, TwoHistoriesRunBesideOneAnother) {
  ConversationHistory history;
  Add(history, "u:main", "a:1");
  EXPECT_EQ(Add(history, "u:helper", "a:h").first, 0u);
  EXPECT_EQ(Add(history, "u:main a:1 u:more", "a:2").first, 2u);
  EXPECT_EQ(Add(history, "u:helper a:h t:result", "a:i").first, 2u);
}

TEST(ConversationHistory, InstructionsAreToldOnceUntilTheyChange) {
  ConversationHistory history;
  EXPECT_EQ(Add(history, "s:be u:one", "a:1").system, 1u);
  EXPECT_EQ(Add(history, "s:be u:one a:1 u:two", "a:2").system, 0u);
  EXPECT_EQ(Add(history, "s:see u:one a:1 u:two a:2 u:three", "a:3").system, 1u);
  EXPECT_EQ(Add(history, "u:new", "a:4").system, 0u);
}

TEST(ConversationHistory, ACallWithoutMessagesAddsNone) {
  ConversationHistory history;
  EXPECT_EQ(Add(history, "", "").first, 0u);
}

}  // namespace
}  // namespace telltale
