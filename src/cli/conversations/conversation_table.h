// Conversations as a table, and one of them as what was said.
//
//   PrintConversations(page.items, now, terminal);
//   PrintConversation(page.conversation, page.items, terminal);
//
// Thread safety  One thread at a time per terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/api_answers.h"
#include "cli/terminal.h"

namespace telltale {

void PrintConversations(const std::vector<ListedConversation>& conversations, uint64_t now_unix_nanos,
                        Terminal& terminal);
// RFC 4180; several models, users or services stand with spaces.
std::string ConversationsCsv(const std::vector<ListedConversation>& conversations);

// A line for each part of each message, cut to the terminal, and one for what each call took.
void PrintConversation(const ListedConversation& conversation, const std::vector<ConversationItem>& items,
                       Terminal& terminal);
// A line for each part of each message.
std::string ConversationCsv(const std::vector<ConversationItem>& items);

}  // namespace telltale
