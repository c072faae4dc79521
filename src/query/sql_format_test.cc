#include "query/sql_format.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace telltale {
namespace {

std::string Join(std::string_view format, std::initializer_list<std::string_view> pieces,
                 const SqlStatistics& statistics = {.rows_read = 5, .bytes_read = 40, .seconds = 0.25}) {
  SqlJoiner joiner(*FindSqlFormat(format));
  std::string out;
  for (const std::string_view piece : pieces) {
    if (const Status added = joiner.Add(piece, out); !added) return added.error().message;
  }
  joiner.Finish(statistics, out);
  return out;
}

std::string JsonPiece(std::string_view rows, int count) {
  return "{\n\t\"meta\":\n\t[\n\t\t{\n\t\t\t\"name\": \"a\",\n\t\t\t\"type\": "
         "\"UInt8\"\n\t\t}\n\t],\n\n\t\"data\":\n\t[\n" +
         std::string(rows) + "\n\t],\n\n\t\"rows\": " + std::to_string(count) +
         ",\n\n\t\"statistics\":\n\t{\n\t\t\"elapsed\": 0.1,\n\t\t\"rows_read\": 0,\n\t\t\"bytes_read\": "
         "0\n\t}\n}\n";
}

TEST(SqlJoiner, KeepsOneHeadOfLines) {
  EXPECT_EQ(Join("CSVWithNames", {"\"a\"\n1\n", "\"a\"\n2\n"}), "\"a\"\n1\n2\n");
  EXPECT_EQ(Join("TSVWithNamesAndTypes", {"a\nUInt8\n1\n", "a\nUInt8\n2\n"}), "a\nUInt8\n1\n2\n");
  EXPECT_EQ(Join("Markdown", {"| a |\n|-:|\n| 1 |\n", "| a |\n|-:|\n| 2 |\n"}),
            "| a |\n|-:|\n| 1 |\n| 2 |\n");
  EXPECT_EQ(Join("CSVWithNames", {}), "");
}

TEST(SqlJoiner, KeepsOneHeadOfBytes) {
  const std::string head("\1\1a\5UInt8", 9);
  EXPECT_EQ(Join("RowBinaryWithNamesAndTypes", {head + "x", head + "y"}), head + "xy");
  EXPECT_EQ(Join("RowBinaryWithNames", {std::string("\1\1ax"), std::string("\1\1ay")}), "\1\1axy");
}

TEST(SqlJoiner, PutsCommasBetweenPieces) {
  EXPECT_EQ(Join("Values", {"(1),(2)", "(3)"}), "(1),(2),(3)");
}

TEST(SqlJoiner, MakesOneJsonDocumentWithTheRowsOfAll) {
  std::string expected = JsonPiece("\t\t[1],\n\t\t[2],\n\t\t[3]", 3);
  const size_t at = expected.find("0.1,");
  expected.replace(at, std::string::npos,
                   "0.250000000,\n\t\t\"rows_read\": 5,\n\t\t\"bytes_read\": 40\n\t}\n}\n");
  EXPECT_EQ(Join("JSONCompact", {JsonPiece("\t\t[1],\n\t\t[2]", 2), JsonPiece("\t\t[3]", 1)}), expected);
}

TEST(SqlJoiner, MakesAJsonDocumentOfNoRows) {
  const std::string joined = Join("JSON", {JsonPiece("", 0)});
  EXPECT_TRUE(joined.contains("\"data\":\n\t[\n\n\t],\n\n\t\"rows\": 0,")) << joined;
}

TEST(SqlJoiner, MakesOneXmlDocument) {
  const auto piece = [](std::string_view rows, int count) {
    return "<result>\n\t<meta/>\n\t<data>\n" + std::string(rows) + "\t</data>\n\t<rows>" +
           std::to_string(count) + "</rows>\n</result>\n";
  };
  EXPECT_EQ(Join("XML", {piece("\t\t<row>1</row>\n", 1), piece("\t\t<row>2</row>\n", 1)}),
            "<result>\n\t<meta/>\n\t<data>\n\t\t<row>1</row>\n\t\t<row>2</row>\n\t</data>\n\t<rows>2</rows>\n"
            "\t<statistics>\n\t\t<elapsed>0.250000000</elapsed>\n\t\t<rows_read>5</rows_read>\n"
            "\t\t<bytes_read>40</bytes_read>\n\t</statistics>\n</result>\n");
}

// [ schema: 8 + 4 bytes ][ batch ][ end mark ]
TEST(SqlJoiner, KeepsOneArrowSchemaAndOneEnd) {
  const std::string schema("\xff\xff\xff\xff\4\0\0\0meta", 12);
  const std::string end("\xff\xff\xff\xff\0\0\0\0", 8);
  EXPECT_EQ(Join("ArrowStream", {schema + "batch1" + end, schema + "batch2" + end}),
            schema + "batch1" + "batch2" + end);
  EXPECT_EQ(Join("ArrowStream", {schema + end}), schema + end);
}

TEST(SqlJoiner, RefusesPiecesThatAreNotOfTheFormat) {
  EXPECT_EQ(Join("CSVWithNames", {"\"a\"\n1\n", "\"b\"\n2\n"}),
            "join the answer: CSVWithNames: a piece has another head");
  EXPECT_EQ(Join("JSON", {"{}"}), "join the answer: JSON: a piece is no document");
  EXPECT_EQ(Join("ArrowStream", {"x"}), "join the answer: ArrowStream: no message");
  EXPECT_EQ(Join("RowBinaryWithNames", {"\5a"}),
            "join the answer: RowBinaryWithNames: a piece ends inside its head");
}

TEST(SqlFormat, IsFoundInAnyCaseAndByItsOtherNames) {
  EXPECT_EQ(FindSqlFormat("tsv")->name, "TabSeparated");
  EXPECT_EQ(FindSqlFormat("jsoneachrow")->name, "JSONEachRow");
  EXPECT_EQ(FindSqlFormat("SQLInsert"), nullptr) << "it names a table";
  EXPECT_EQ(FindSqlFormat("Protobuf"), nullptr) << "it needs a file";
  EXPECT_EQ(FindSqlFormat(""), nullptr);
}

}  // namespace
}  // namespace telltale
