#!/usr/bin/env python3
"""spec/attributes/*.toml -> field_list.h, field_members.inc and rule_list.inc of src/calls.

Usage: generate_calls.py SPEC_FOLDER OUT_FOLDER
"""
import json
import pathlib
import re
import sys
import tomllib

TYPES = {"text": "kText", "int": "kInt", "number": "kNumber", "bool": "kBool", "count": "kCount", "special": "kSpecial"}
RULE_KEYS = {"field", "as", "order", "weak", "kind", "convention", "aggregate", "ignore"}
KINDS = ["llm", "completion", "embedding", "agent", "tool", "retriever", "reranker", "chain", "guardrail", "evaluator",
         "memory", "prompt", "unknown"]


def camel(name: str) -> str:
    return "k" + "".join(part[:1].upper() + part[1:] for part in re.split(r"[._]", name) if part)


def write_fields(fields: dict, folder: pathlib.Path) -> None:
    header = ["// Generated from spec/attributes/fields.toml.", "#pragma once", "", "#include <cstddef>",
              "#include <cstdint>", "#include <string_view>", "", "namespace telltale {", "",
              "enum class CallField : uint8_t {"]
    header += [f"  {camel(name)}," for name in fields]
    header += ["  kIgnored,", "};", "", f"inline constexpr size_t kCallFieldCount = {len(fields)};", "",
               "enum class FieldType : uint8_t { kText, kInt, kNumber, kBool, kCount, kSpecial };", "",
               "struct FieldInfo {", "  std::string_view path;", "  FieldType type;",
               "  bool positive;  // a smaller number is not told", "  bool json;      // arrays and maps are welcome",
               "};", "inline constexpr FieldInfo kFieldInfos[] = {"]
    for name, entry in fields.items():
        header.append(f"    {{{json.dumps(name)}, FieldType::{TYPES[entry['type']]}, "
                      f"{str(entry.get('positive', False)).lower()}, {str(entry.get('json', False)).lower()}}},")
    header += ["};", "", "}  // namespace telltale", ""]
    (folder / "field_list.h").write_text("\n".join(header))

    lines = []
    for name, entry in fields.items():
        member = entry.get("member", name)
        macro = {"text": "TEXT", "int": "INT", "number": "NUMBER", "bool": "BOOL"}.get(entry["type"])
        if entry["type"] == "count":
            lines.append(f"TELLTALE_COUNT_FIELD({camel(name)}, {name.removeprefix('usage.')})")
        elif macro:
            lines.append(f"TELLTALE_{macro}_FIELD({camel(name)}, {member})")
    (folder / "field_members.inc").write_text("\n".join(lines) + "\n")


def check(condition: bool, where: str, what: str) -> None:
    if not condition:
        sys.exit(f"{where}: {what}")


def read_rules(path: pathlib.Path, fields: dict, seen: dict) -> list[str]:
    lines = []
    for dialect in tomllib.loads(path.read_text()).get("dialect", []):
        kinds = dialect.get("kinds", {})
        for key, rule in dialect["attributes"].items():
            where = f"{path}: {key}"
            rule = {"field": rule} if isinstance(rule, str) else rule
            check(set(rule) <= RULE_KEYS, where, f"knows only {', '.join(sorted(RULE_KEYS))}")
            check(key not in seen, where, f"is in {seen.get(key)} already")
            check("ignore" in rule or rule.get("field") in fields, where, f"no such field: {rule.get('field')}")
            check(rule.get("kind", "llm") in KINDS, where, f"no such kind: {rule.get('kind')}")
            seen[key] = path.name
            names = kinds.get(key, {})
            check(all(kind in KINDS for kind in names.values()), where, "a kind that does not exist")
            values = ";".join(f"{value.lower()}={kind}" for value, kind in names.items())
            lines.append("{" + ", ".join([
                json.dumps(key), json.dumps(dialect["name"]),
                "CallField::" + (camel(rule["field"]) if "field" in rule else "kIgnored"),
                json.dumps(rule.get("as", "")), str(rule.get("order", dialect["order"])), json.dumps(rule.get("kind", "")),
                str(rule.get("weak", "field" not in rule and "kind" not in rule)).lower(),
                str(rule.get("convention") == "exclusive").lower(),
                str(rule.get("aggregate", False)).lower(), json.dumps(rule.get("ignore", "")), json.dumps(values),
            ]) + "},")
        unknown = set(kinds) - set(dialect["attributes"])
        check(not unknown, str(path), f"kinds of keys that are not there: {unknown}")
    return lines


def main(spec_folder: str, out_folder: str) -> None:
    spec, folder = pathlib.Path(spec_folder), pathlib.Path(out_folder)
    folder.mkdir(parents=True, exist_ok=True)
    fields = tomllib.loads((spec / "fields.toml").read_text())
    write_fields(fields, folder)
    seen, lines = {}, []
    for path in sorted(spec.glob("*.toml")):
        if path.name != "fields.toml":
            lines += read_rules(path, fields, seen)
    (folder / "rule_list.inc").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
