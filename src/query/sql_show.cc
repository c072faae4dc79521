#include "query/sql_show.h"

#include <algorithm>
#include <vector>

#include "query/sql_dialect.h"
#include "query/sql_system.h"
#include "query/sql_token.h"
#include "query/sql_views.h"

namespace telltale {
namespace {

using Kind = SqlToken::Kind;

struct Object {
  std::string database;
  std::string table;
};

// Takes tokens from the front.
class Taker {
 public:
  explicit Taker(std::string_view sql) : sql_(sql), tokens_(ReadSqlTokensUntrusted(sql)) {}

  bool Take(std::string_view word) {
    if (at_ >= tokens_.size() || tokens_[at_].kind != Kind::kWord || tokens_[at_].text != word) return false;
    ++at_;
    return true;
  }
  bool done() const { return at_ == tokens_.size(); }

  std::optional<std::string> TakeName() {
    if (at_ >= tokens_.size()) return std::nullopt;
    const SqlToken& token = tokens_[at_];
    if (token.kind != Kind::kWord && token.kind != Kind::kName) return std::nullopt;
    ++at_;
    return token.Name();
  }

  // `table` or `database.table`
  std::optional<Object> TakeObject() {
    auto first = TakeName();
    if (!first) return std::nullopt;
    if (at_ >= tokens_.size() || tokens_[at_].text != ".")
      return Object{.database = std::string(kPublicDatabase), .table = std::move(*first)};
    ++at_;
    auto second = TakeName();
    if (!second) return std::nullopt;
    if (IsPublicDatabase(*first)) *first = kPublicDatabase;
    return Object{.database = std::move(*first), .table = std::move(*second)};
  }

  std::string Rest() {
    const std::string rest(done() ? std::string_view() : sql_.substr(tokens_[at_].at));
    at_ = tokens_.size();
    return rest;
  }

  // [NOT] LIKE | ILIKE 'text', or WHERE: a condition on `name`; then LIMIT.
  std::string TakeConditions(std::string_view name) {
    std::string sql;
    const bool is_not = Take("NOT");
    for (const std::string_view like : {"LIKE", "ILIKE"}) {
      if (!Take(like)) continue;
      if (at_ < tokens_.size() && tokens_[at_].kind == Kind::kText) {
        sql += " AND " + std::string(name) + (is_not ? " NOT " : " ") + std::string(like) + " " +
               std::string(tokens_[at_].text);
        ++at_;
      }
      break;
    }
    if (Take("WHERE")) {
      const size_t begin = at_;
      while (!done() && tokens_[at_].text != "LIMIT") ++at_;
      if (begin < at_) {
        const SqlToken& last = tokens_[at_ - 1];
        sql += " AND (" +
               std::string(sql_.substr(tokens_[begin].at, last.at + last.text.size() - tokens_[begin].at)) +
               ")";
      }
    }
    sql += " ORDER BY " + std::string(name);
    if (Take("LIMIT") && !done() && tokens_[at_].kind == Kind::kNumber) {
      sql += " LIMIT " + std::string(tokens_[at_].text);
      ++at_;
    }
    return sql;
  }

 private:
  const std::string_view sql_;
  const std::vector<SqlToken> tokens_;
  size_t at_ = 0;
};

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

bool Exists(const Object& object) {
  if (object.database == kPublicDatabase) return IsSqlView(object.table);
  return !FindSqlSystemView(object.database, object.table).empty();
}

std::unexpected<Error> NoTable(const Object& object) {
  return Fail(ErrorCode::kNotFound, "Unknown table expression identifier '" + object.table + "'",
              "the tables are those of docs/reference/sql.md");
}

std::string Describe(const Object& object) {
  return "SELECT name, type, '' AS default_type, '' AS default_expression, comment, '' AS codec_expression, "
         "'' AS ttl_expression FROM system_columns WHERE database = " +
         Quoted(object.database) + " AND table = " + Quoted(object.table) + " ORDER BY position";
}

std::string ShowCreate(const Object& object) {
  std::string statement = "CREATE TABLE " + object.database + "." + object.table + "\n(";
  const auto view = std::ranges::find(SqlViews(), object.table, &SqlView::name);
  std::string_view comma = "\n";
  for (const SqlColumn& column : view->columns) {
    statement += std::string(comma) + "    `" + std::string(column.name) + "` " + std::string(column.type);
    comma = ",\n";
  }
  return "SELECT " + Quoted(statement + "\n)\nENGINE = Memory") + " AS statement";
}

Result<std::optional<std::string>> Show(Taker& taker) {
  if (taker.Take("DATABASES"))
    return "SELECT name FROM system_databases WHERE 1" + taker.TakeConditions("name");
  if (taker.Take("TABLES")) {
    std::string database(kPublicDatabase);
    if (taker.Take("FROM")) database = taker.TakeName().value_or("");
    if (IsPublicDatabase(database)) database = kPublicDatabase;
    return "SELECT name FROM system_tables WHERE database = " + Quoted(database) +
           taker.TakeConditions("name");
  }
  if (taker.Take("COLUMNS") && taker.Take("FROM")) {
    auto object = taker.TakeObject();
    if (!object) return std::nullopt;
    if (taker.Take("FROM")) object->database = taker.TakeName().value_or("");
    if (IsPublicDatabase(object->database)) object->database = kPublicDatabase;
    if (!Exists(*object)) return NoTable(*object);
    return "SELECT name AS field, type, 'NO' AS `null`, '' AS key, NULL AS `default`, '' AS extra "
           "FROM system_columns WHERE database = " +
           Quoted(object->database) + " AND table = " + Quoted(object->table) + taker.TakeConditions("field");
  }
  if (taker.Take("SETTINGS")) {
    return "SELECT name, type, value FROM system_settings WHERE 1" + taker.TakeConditions("name");
  }
  if (taker.Take("FUNCTIONS")) return "SELECT * FROM system_functions WHERE 1" + taker.TakeConditions("name");
  if (taker.Take("CREATE")) {
    if (taker.Take("DATABASE")) {
      const std::string name = taker.TakeName().value_or("");
      if (!IsPublicDatabase(name)) return std::nullopt;
      return std::string("SELECT 'CREATE DATABASE default ENGINE = Memory' AS statement");
    }
    if (!taker.Take("TABLE")) taker.Take("VIEW");
    const auto object = taker.TakeObject();
    if (!object) return std::nullopt;
    if (object->database != kPublicDatabase || !IsSqlView(object->table)) return NoTable(*object);
    return ShowCreate(*object);
  }
  return std::nullopt;
}

Result<std::optional<std::string>> SayWhetherExists(Taker& taker) {
  bool exists = false;
  if (taker.Take("DATABASE")) {
    exists = IsPublicDatabase(taker.TakeName().value_or(""));
  } else if (taker.Take("DICTIONARY")) {
    taker.TakeObject();
  } else {
    if (!taker.Take("TABLE")) taker.Take("VIEW");
    const auto object = taker.TakeObject();
    if (!object) return std::nullopt;
    exists = Exists(*object);
  }
  return std::string("SELECT toUInt8(") + (exists ? "1" : "0") + ") AS result";
}

}  // namespace

Result<std::optional<std::string>> TranslateShowUntrusted(std::string_view sql) {
  Taker taker(sql);
  std::optional<std::string> select;
  if (taker.Take("SHOW")) {
    TELLTALE_ASSIGN_OR_RETURN(select, Show(taker));
  } else if (taker.Take("EXISTS")) {
    TELLTALE_ASSIGN_OR_RETURN(select, SayWhetherExists(taker));
  } else if (taker.Take("DESCRIBE") && taker.Take("TABLE")) {
    const auto object = taker.TakeObject();
    if (!object || !taker.done()) return std::nullopt;
    if (!Exists(*object)) return NoTable(*object);
    select = Describe(*object);
  }
  // More than was understood: not what was meant.
  if (!taker.done()) return std::nullopt;
  return select;
}

}  // namespace telltale
