#!/usr/bin/env python3
"""spec/sql_views.toml and spec/sql_functions.txt -> sql_views.inc and sql_functions.inc, or the
reference page.

Usage: generate_sql.py VIEWS FUNCTIONS inc OUT_FOLDER
       generate_sql.py VIEWS FUNCTIONS docs OUT_FILE
"""
import json
import pathlib
import re
import sys
import tomllib


def read_views(path: str) -> dict:
    views = tomllib.loads(pathlib.Path(path).read_text())
    expressions = views.pop("expressions")
    for name, view in views.items():
        if not {"about", "from", "columns"} <= set(view) <= {"about", "from", "where", "group_by", "columns"}:
            sys.exit(f"{path}: {name}: needs about, from and columns; may have where and group_by")
        for column, entry in view["columns"].items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", column) or len(entry) != 3:
                sys.exit(f"{path}: {name}.{column}: a name in snake_case is a type, an expression and a sentence")
            if entry[1].startswith("@"):
                entry[1] = expressions[entry[1][1:]]
    return views


def read_functions(path: str) -> list[tuple[str, list[str]]]:
    """Sections: what the line before it says, and its names."""
    sections: list[tuple[str, list[str]]] = []
    text = pathlib.Path(path).read_text()
    for block in text.split("\n\n")[1:]:
        title, *lines = block.strip().splitlines()
        names = " ".join(lines).split()
        if not title.startswith("# ") or not names or not all(re.fullmatch(r"[A-Za-z0-9_]+", n) for n in names):
            sys.exit(f"{path}: {title}: a section is a line that begins with # and names below it")
        sections.append((title[2:], names))
    return sections


def select(view: dict) -> str:
    columns = ", ".join(f"{expression} AS {name}" for name, (_, expression, _) in view["columns"].items())
    sql = f"SELECT {columns} FROM {view['from']}"
    if "where" in view:
        sql += f" WHERE {view['where']}"
    if "group_by" in view:
        sql += f" GROUP BY {view['group_by']}"
    return sql


def views_inc(views: dict) -> str:
    lines = []
    for name, view in views.items():
        lines.append(f"TELLTALE_SQL_VIEW({json.dumps(name)}, {json.dumps(view['about'])},")
        lines.append(f"  {json.dumps(select(view))})")
        for column, (kind, _, about) in view["columns"].items():
            lines.append(f"TELLTALE_SQL_COLUMN({json.dumps(column)}, {json.dumps(kind)}, {json.dumps(about)})")
    return "\n".join(lines) + "\n"


def functions_inc(sections: list) -> str:
    """In lower case and in order, each once."""
    names = sorted({name.lower() for _, section in sections for name in section})
    aggregates = sorted({name.lower() for title, section in sections if "aggregates" in title for name in section})
    return "\n".join(
        [f"TELLTALE_SQL_FUNCTION({json.dumps(name)})" for name in names]
        + [f"TELLTALE_SQL_AGGREGATE({json.dumps(name)})" for name in aggregates]
    ) + "\n"


HEAD = """# SQL: tables, columns and functions

Made from spec/sql_views.toml and spec/sql_functions.txt by `./dev generate`. How to ask: docs/concepts/sql.md.

Times are UTC. Ids are lower-case hex, empty where there is none. Attributes of 512 bytes or more are kept once, in
pieces (docs/formats/content.md): SQL sees `<large value>` in their place; the REST API and the UI show them. There is
no table of messages for the same reason.
"""


def docs(views: dict, sections: list) -> str:
    rows = [HEAD]
    for name, view in views.items():
        rows += [f"## {name}", "", view["about"], "", "| column | type | |", "|---|---|---|"]
        rows += [f"| `{column}` | {kind} | {about} |" for column, (kind, _, about) in view["columns"].items()]
        rows.append("")
    rows += ["## Functions", "", "ClickHouse's, in any case. The table function `numbers` may stand behind FROM.", ""]
    for title, names in sections:
        rows += [f"**{title}**: {' '.join(names)}", ""]
    return "\n".join(rows).rstrip("\n") + "\n"


if __name__ == "__main__":
    views_path, functions_path, kind, out = sys.argv[1:]
    views, sections = read_views(views_path), read_functions(functions_path)
    path = pathlib.Path(out)
    if kind == "docs":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(docs(views, sections))
    else:
        path.mkdir(parents=True, exist_ok=True)
        (path / "sql_views.inc").write_text(views_inc(views))
        (path / "sql_functions.inc").write_text(functions_inc(sections))
