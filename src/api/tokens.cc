// POST /api/v1/tokens: what a text or a chat request would count.
#include <string>
#include <utility>
#include <vector>

#include "api/rest_parts.h"
#include "api/tokens_request.h"
#include "json/writer.h"
#include "tokenizer/tokenizer.h"

namespace telltale {
namespace {

uint64_t CountRequest(const Tokenizer& tokenizer, const TokensRequest& request) {
  if (request.text) return tokenizer.Count(*request.text);
  std::vector<ChatMessage> messages;
  for (const TokensRequest::Message& message : *request.messages) {
    messages.push_back({.role = message.role, .content = message.content, .name = message.name});
  }
  return tokenizer.CountChat(messages);
}

}  // namespace

Answer CountTokens(const HttpRequest& request) {
  TELLTALE_RETURN_IF_ERROR(Parameters(request).RefuseUnknown({}));
  TELLTALE_ASSIGN_OR_RETURN(const TokensRequest asked, ReadTokensRequestUntrusted(request.body));
  TELLTALE_ASSIGN_OR_RETURN(const Tokenizer* tokenizer, asked.encoding.empty()
                                                            ? Tokenizer::ForModel(asked.model)
                                                            : Tokenizer::ForEncoding(asked.encoding));
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  json.Key("encoding").String(tokenizer->encoding());
  json.Key("tokens").Uint(CountRequest(*tokenizer, asked));
  json.Key("counted_as").String(asked.text || !tokenizer->knows_chat() ? "text" : "chat");
  json.Key("parts_without_text").Uint(asked.parts_without_text);
  json.EndObject();
  return HttpResponse::Json(200, std::move(body));
}

}  // namespace telltale
