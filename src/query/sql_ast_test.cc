#include "query/sql_ast.h"

#include <gtest/gtest.h>

#include <string>

#include "query/sql_views.h"

namespace telltale {
namespace {

using Names = std::set<std::string, std::less<>>;

// Some of the functions that the engine has, in lower case.
const Names kFunctions = {"file", "lower", "user", "version", "hostname"};

std::string Check(const std::string& tree) {
  const Status status = CheckSyntaxTreeUntrusted(tree, kFunctions);
  return status ? "fine" : status.error().message;
}

// What the engine says of `SELECT <columns> FROM spans`, for a list of one column.
std::string Select(const std::string& column) {
  std::string indented;
  size_t begin = 0;
  while (begin < column.size()) {
    const size_t end = std::min(column.find('\n', begin), column.size());
    indented += "    " + column.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return "SelectWithUnionQuery (children 1)\n"
         " ExpressionList (children 1)\n"
         "  SelectQuery (children 2)\n"
         "   ExpressionList (children 1)\n" +
         indented +
         "   TablesInSelectQuery (children 1)\n"
         "    TablesInSelectQueryElement (children 1)\n"
         "     TableExpression (children 1)\n"
         "      TableIdentifier spans\n";
}

std::string From(const std::string& table) {
  return "SelectWithUnionQuery (children 1)\n"
         " ExpressionList (children 1)\n"
         "  SelectQuery (children 2)\n"
         "   ExpressionList (children 1)\n"
         "    Asterisk\n"
         "   TablesInSelectQuery (children 1)\n"
         "    TablesInSelectQueryElement (children 1)\n"
         "     TableExpression (children 1)\n" +
         table;
}

TEST(SqlAst, TakesWhatTheEngineSaysOfOrdinaryStatements) {
  EXPECT_EQ(Check(Select("Function count (children 1)\n ExpressionList")), "fine");
  // quantile(0.5)(duration_ns) AS half
  EXPECT_EQ(Check(Select("Function quantile (alias half) (children 2)\n"
                         " ExpressionList (children 1)\n"
                         "  Identifier duration_ns\n"
                         " ExpressionList (children 1)\n"
                         "  Literal Float64_0.5")),
            "fine");
  // arrayMap(x -> lower(x), ['A'])
  EXPECT_EQ(Check(Select("Function arrayMap (children 1)\n"
                         " ExpressionList (children 2)\n"
                         "  Function lambda (children 1)\n"
                         "   ExpressionList (children 2)\n"
                         "    Function tuple (children 1)\n"
                         "     ExpressionList (children 1)\n"
                         "      Identifier x\n"
                         "    Function lower (children 1)\n"
                         "     ExpressionList (children 1)\n"
                         "      Identifier x\n"
                         "  Literal Array_['A']")),
            "fine");
  EXPECT_EQ(Check(From("      Function numbers (children 1)\n"
                       "       ExpressionList (children 1)\n"
                       "        Literal UInt64_10\n")),
            "fine");
  EXPECT_EQ(Check(From("      TableIdentifier a_common_table (alias t)\n")), "fine");
}

TEST(SqlAst, RefusesAFunctionThatIsNotOnTheListWhereverItStands) {
  EXPECT_EQ(
      Check(Select("Function file (children 1)\n ExpressionList (children 1)\n  Literal '/etc/passwd'")),
      "check the statement: the function 'file' is not available");
  EXPECT_EQ(Check(Select("Function lower (children 1)\n"
                         " ExpressionList (children 1)\n"
                         "  Function FILE (alias x) (children 1)\n"
                         "   ExpressionList (children 1)\n"
                         "    Literal '/etc/passwd'")),
            "check the statement: the function 'FILE' is not available");
  EXPECT_EQ(Check(From("      Function file (children 1)\n"
                       "       ExpressionList (children 1)\n"
                       "        Literal '/etc/passwd'\n")),
            "check the statement: the table function 'file' is not available");
  // A function that may be called is no table, and the table numbers is no function.
  EXPECT_EQ(Check(From("      Function format (children 1)\n"
                       "       ExpressionList (children 1)\n"
                       "        Literal 'CSV'\n")),
            "check the statement: the table function 'format' is not available");
  EXPECT_EQ(Check(Select("Function numbers (children 1)\n ExpressionList (children 1)\n  Literal UInt64_1")),
            "check the statement: the function 'numbers' is not available");
}

// The engine takes a bare name as a function where one is asked for.
TEST(SqlAst, RefusesTheNameOfAFunctionThatIsNotOnTheList) {
  EXPECT_EQ(Check(Select("Function arrayMap (children 1)\n"
                         " ExpressionList (children 2)\n"
                         "  Identifier file\n"
                         "  Literal Array_['/etc/passwd']")),
            "check the statement: the function 'file' is not available");
  EXPECT_EQ(Check(Select("Identifier hostName")),
            "check the statement: the function 'hostName' is not available");
  EXPECT_EQ(Check(Select("Identifier lower")), "fine");
  EXPECT_EQ(Check(Select("Identifier user")), "fine") << "a column of calls";
  EXPECT_EQ(Check(Select("Identifier t.file")), "fine") << "a function has no table before it";
}

TEST(SqlAst, RefusesTablesOfOtherDatabases) {
  for (const std::string table :
       {"system.one", "telltale.spans", "/etc/passwd", "telltale_sql./etc/passwd", "a b"}) {
    EXPECT_EQ(Check(From("      TableIdentifier " + table + "\n")),
              "check the statement: the table '" + table + "' is not available");
  }
  const auto in = [](const std::string& function, const std::string& name) {
    return Check(Select("Function " + function +
                        " (children 1)\n ExpressionList (children 2)\n  Identifier name\n  Identifier " +
                        name));
  };
  for (const std::string function : {"in", "notIn", "globalIn", "nullIn", "globalNotNullIn"}) {
    EXPECT_NE(in(function, "system.one"), "fine") << function;
    EXPECT_NE(in(function, "other.table"), "fine") << function;
    EXPECT_EQ(in(function, "spans"), "fine") << function;
  }
  EXPECT_EQ(in("argMin", "s.start"), "fine");
  EXPECT_EQ(Check(Select("Identifier System.one.dummy")),
            "check the statement: the name 'System.one.dummy' is not available");
}

TEST(SqlAst, RefusesNodesThatHideSomething) {
  EXPECT_EQ(Check(Select("Asterisk (children 1)\n"
                         " ColumnsTransformerList (children 1)\n"
                         "  ColumnsApplyTransformer")),
            "check the statement: APPLY may not stand in it");
  EXPECT_EQ(Check("SelectWithUnionQuery (children 1)\n"
                  " ExpressionList (children 1)\n"
                  "  SelectQuery (children 2)\n"
                  "   ExpressionList (children 1)\n"
                  "    Literal UInt64_1\n"
                  "   Set\n"),
            "check the statement: SETTINGS may not stand in it");
  EXPECT_EQ(Check("SelectWithUnionQuery (children 2)\n ExpressionList\n Identifier TSV\n"),
            "check the statement: 'SelectWithUnionQuery' may not stand in it")
      << "FORMAT";
  EXPECT_EQ(Check("DropQuery telltale spans (children 2)\n Identifier telltale\n Identifier spans\n"),
            "check the statement: 'DropQuery' may not stand in it");
  EXPECT_EQ(Check(Select("SomethingNew")), "check the statement: 'SomethingNew' may not stand in it");
}

TEST(SqlAst, RefusesStatesThatAreMadeFromTexts) {
  const auto cast = [](const std::string& function, const std::string& type) {
    return Check(Select("Function " + function +
                        " (children 1)\n ExpressionList (children 2)\n  Literal 'x'\n" + type));
  };
  EXPECT_EQ(cast("CAST", "  Literal 'String'"), "fine");
  EXPECT_EQ(cast("CAST", "  Literal 'AggregateFunction(uniq, String)'"),
            "check the statement: the type AggregateFunction is not available");
  EXPECT_EQ(cast("accurateCastOrNull", "  Literal 'Array(aggregateFunction(uniq, String))' (alias t)"),
            "check the statement: the type AggregateFunction is not available");
  EXPECT_NE(cast("CAST", "  Identifier t"), "fine");
  EXPECT_NE(cast("cast", "  Function concat (children 1)\n   ExpressionList"), "fine");
}

TEST(SqlAst, RefusesTreesThatDoNotAddUp) {
  for (const std::string tree : {
           "",
           "\n",
           " SelectWithUnionQuery (children 1)\n",
           "SelectWithUnionQuery (children 1)\n",
           "SelectWithUnionQuery (children 1)\n ExpressionList\n ExpressionList\n",
           "SelectWithUnionQuery (children 1)\n   ExpressionList\n",
           "SelectWithUnionQuery (children 1)\n ExpressionList\nSelectQuery (children 1)\n ExpressionList\n",
           "SelectWithUnionQuery (children 1)\n ExpressionList (children 1)\n",
       }) {
    EXPECT_NE(Check(tree), "fine") << tree;
  }
  EXPECT_NE(Check("SelectWithUnionQuery (children 1)\n ExpressionList Set\n"), "fine");
  // A name that tries to be a line of its own, or to have children.
  EXPECT_NE(Check(Select("Identifier x (children 1)")), "fine");
  EXPECT_NE(Check(Select("Identifier x\n    Literal 'y'")), "fine");
}

TEST(SqlAst, KnowsFunctionsInAnyCaseAndAggregatesWithCombinators) {
  for (const char* name :
       {"count", "COUNT", "sumIf", "quantilesTDigestIf", "uniqExactIf", "avgOrNull", "sumMap",
        "groupArrayDistinct", "countDistinct", "argMaxIf", "sumIfOrNull", "uniqState"}) {
    EXPECT_TRUE(IsSqlFunction(name)) << name;
  }
  for (const char* name :
       {"", "fileIf", "file", "lowerIf", "sleepDistinct", "sumFile", "sum If", "count\n"}) {
    EXPECT_FALSE(IsSqlFunction(name)) << name;
  }
}

TEST(SqlNames, MayNotNeedAnEscape) {
  const auto check = [](const std::string& canonical) { return CheckNamesUntrusted(canonical).has_value(); };
  EXPECT_TRUE(check("SELECT `a b`, 'it\\'s \\n `x` \\\\', x FROM spans"));
  EXPECT_FALSE(check("SELECT `a\\nb` FROM spans"));
  EXPECT_FALSE(check("SELECT `a\nb` FROM spans"));
  EXPECT_FALSE(check("SELECT 'x\\\\', `a\\tb`"));
  EXPECT_FALSE(check("SELECT 'x"));
}

}  // namespace
}  // namespace telltale
