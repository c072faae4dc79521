#!/usr/bin/env python3
"""spec/settings.toml -> settings_list.inc, or the reference page.

Usage: generate_settings.py SPEC inc OUT_FILE
       generate_settings.py SPEC docs OUT_FILE
"""
import json
import pathlib
import sys
import tomllib

TYPES = {"text", "address", "int", "bytes", "flag"}


def read(spec_path: str) -> dict:
    settings = tomllib.loads(pathlib.Path(spec_path).read_text())
    for name, entry in settings.items():
        if set(entry) != {"type", "default", "help"} or entry["type"] not in TYPES:
            sys.exit(f"{spec_path}: {name}: needs exactly type ({', '.join(sorted(TYPES))}), default and help")
    return settings


def inc(settings: dict) -> str:
    lines = []
    for name, entry in settings.items():
        identifier = name.replace("-", "_")
        lines.append(
            f"TELLTALE_SETTING_{entry['type'].upper()}({identifier}, {json.dumps(name)}, "
            f"{json.dumps(entry['default'])}, {json.dumps(entry['help'])})"
        )
    return "\n".join(lines) + "\n"


def docs(settings: dict) -> str:
    rows = ["# Settings of `telltale serve`", "",
            "Made from spec/settings.toml by `./dev generate`. A flag wins over its variable, the variable over",
            "`telltale.toml` (in the working folder, or named by `--config`).", "",
            "| flag | variable | default | what it does |", "|---|---|---|---|"]
    for name, entry in settings.items():
        variable = "TELLTALE_" + name.upper().replace("-", "_")
        default = f"`{entry['default']}`" if entry["default"] else ""
        rows.append(f"| `--{name}` | `{variable}` | {default} | {entry['help']} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    spec, kind, out = sys.argv[1:]
    text = {"inc": inc, "docs": docs}[kind](read(spec))
    path = pathlib.Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
