#include "query/sql_dialect.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "query/sql_show.h"
#include "query/sql_system.h"
#include "query/sql_token.h"
#include "query/sql_views.h"

namespace telltale {
namespace {

using Kind = SqlToken::Kind;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::unexpected<Error> Refuse(std::string why, std::string hint = {}) {
  return Fail(ErrorCode::kInvalidInput, "check the statement: " + std::move(why), std::move(hint));
}

// Puts names in the places of {name:Identifier}; all other parameters are the engine's.
Result<std::string> PutIdentifiers(std::string_view canonical, std::span<const SqlParameter> parameters) {
  std::string out;
  size_t done = 0;
  for (const SqlToken& token : ReadSqlTokensUntrusted(canonical)) {
    if (token.kind != Kind::kParameter) continue;
    std::string_view inside = token.text.substr(1, token.text.size() - 2);
    const size_t colon = std::min(inside.find(':'), inside.size());
    std::string_view type = inside.substr(std::min(colon + 1, inside.size()));
    while (type.ends_with(' ')) type.remove_suffix(1);
    while (type.starts_with(' ')) type.remove_prefix(1);
    if (Lower(type) != "identifier") continue;
    const std::string_view name = inside.substr(0, colon);
    const auto given = std::ranges::find(parameters, name, &SqlParameter::name);
    if (given == parameters.end()) return Refuse("the parameter '" + std::string(name) + "' has no value");
    const bool is_plain = !given->value.empty() && std::ranges::all_of(given->value, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
             c == ' ' || c == '-';
    });
    if (!is_plain)
      return Refuse("the value of the parameter '" + std::string(name) + "' is not a plain name");
    out += canonical.substr(done, token.at - done);
    out += '`' + given->value + '`';
    done = token.at + token.text.size();
  }
  out += canonical.substr(done);
  return out;
}

// A text of ours under the name of the function that was asked for.
std::optional<std::string> FactOf(std::string_view function, const ClientFacts& facts) {
  const std::string lower = Lower(function);
  if (lower == "version") return std::string(facts.version);
  if (lower == "currentdatabase" || lower == "current_database" || lower == "database" || lower == "schema")
    return std::string(kPublicDatabase);
  if (lower == "currentuser" || lower == "current_user" || lower == "user") return "default";
  if (lower == "hostname" || lower == "fqdn" || lower == "fullhostname" || lower == "displayname")
    return "telltale";
  if (lower == "servertimezone") return "UTC";
  return std::nullopt;
}

// Names as our views have them.
class Renamer {
 public:
  Renamer(std::string_view sql, const ClientFacts& facts)
      : sql_(sql), facts_(facts), tokens_(ReadSqlTokensUntrusted(sql)) {}

  std::string Rename() {
    for (at_ = 0; at_ < tokens_.size();) {
      const size_t size = ChainSize();
      if (size == 0) {
        ++at_;
        continue;
      }
      RenameChain(size);
      at_ += size;
    }
    out_ += sql_.substr(done_);
    return std::move(out_);
  }

 private:
  bool IsName(size_t i) const {
    return i < tokens_.size() && (tokens_[i].kind == Kind::kWord || tokens_[i].kind == Kind::kName);
  }
  bool IsSymbol(size_t i, char c) const {
    return i < tokens_.size() && tokens_[i].kind == Kind::kSymbol && tokens_[i].text[0] == c;
  }

  // Tokens of `a.b.c` from here, points included; 0: no name begins here.
  size_t ChainSize() const {
    if (!IsName(at_) || (at_ > 0 && IsSymbol(at_ - 1, '.'))) return 0;
    size_t size = 1;
    while (IsSymbol(at_ + size, '.') && IsName(at_ + size + 1)) size += 2;
    return size;
  }

  std::string PartOf(size_t part) const { return tokens_[at_ + 2 * part].Name(); }

  void Replace(size_t first, size_t count, std::string_view text) {
    const SqlToken& last = tokens_[first + count - 1];
    out_ += sql_.substr(done_, tokens_[first].at - done_);
    out_ += text;
    done_ = last.at + last.text.size();
  }

  void RenameChain(size_t size) {
    if (size == 1) {
      if (tokens_[at_].kind != Kind::kWord || !IsSymbol(at_ + 1, '(') || !IsSymbol(at_ + 2, ')')) return;
      const auto fact = FactOf(tokens_[at_].text, facts_);
      if (!fact) return;
      return Replace(at_, 3, "('" + *fact + "' AS `" + std::string(tokens_[at_].text) + "()`)");
    }
    const std::string first = PartOf(0);
    const std::string second = PartOf(1);
    if (IsPublicDatabase(first)) {
      if (IsSqlView(second)) Replace(at_, 2, "");
      return;
    }
    const std::string_view view = FindSqlSystemView(first, second);
    if (view.empty()) return;
    // The name that other parts of the statement know it by.
    if (size > 3) return Replace(at_, 2, "");
    const bool has_alias = at_ + 3 < tokens_.size() && tokens_[at_ + 3].text == "AS";
    Replace(at_, 3, std::string(view) + (has_alias ? "" : " AS `" + second + "`"));
  }

  const std::string_view sql_;
  const ClientFacts& facts_;
  const std::vector<SqlToken> tokens_;
  std::string out_;
  size_t at_ = 0;
  size_t done_ = 0;
};

// In the engine's spelling an alias has AS before it, and an order always its direction: but for these a
// statement whose last words are `FORMAT word` ends in that clause.
void TakeFormat(std::string& sql, std::string& format) {
  const std::vector<SqlToken> tokens = ReadSqlTokensUntrusted(sql);
  if (tokens.size() < 3) return;
  const SqlToken& name = tokens.back();
  const SqlToken& word = tokens[tokens.size() - 2];
  if (word.kind != Kind::kWord || word.text != "FORMAT") return;
  // The engine quotes `Null` and `Values`.
  if (name.kind != Kind::kWord && name.kind != Kind::kName) return;
  const std::string_view before = tokens[tokens.size() - 3].text;
  if (name.text == "ASC" || name.text == "DESC" || before == "AS" || before == ".") return;
  format = name.Name();
  sql.resize(word.at);
  sql.resize(sql.find_last_not_of(" \n") + 1);
}

bool HasTotals(std::string_view sql) {
  const std::vector<SqlToken> tokens = ReadSqlTokensUntrusted(sql);
  return std::ranges::any_of(
      tokens, [](const SqlToken& token) { return token.kind == Kind::kWord && token.text == "TOTALS"; });
}

}  // namespace

bool IsPublicDatabase(std::string_view name) {
  return name == kPublicDatabase || name == "telltale" || name == kSqlDatabase;
}

Result<ClientStatement> ReadClientStatementUntrusted(std::string_view canonical,
                                                     std::span<const SqlParameter> parameters,
                                                     const ClientFacts& facts) {
  ClientStatement statement;
  TELLTALE_ASSIGN_OR_RETURN(std::string sql, PutIdentifiers(canonical, parameters));
  while (sql.ends_with('\n') || sql.ends_with(' ')) sql.pop_back();
  TakeFormat(sql, statement.format);
  TELLTALE_ASSIGN_OR_RETURN(std::optional<std::string> shown, TranslateShowUntrusted(sql));
  statement.sql = shown ? std::move(*shown) : Renamer(sql, facts).Rename();
  statement.has_totals = HasTotals(statement.sql);
  return statement;
}

}  // namespace telltale
