#!/usr/bin/env python3
"""spec/counters.toml -> counter_list.h and counter_list.inc.

Usage: generate_counters.py SPEC OUT_FOLDER
"""
import json
import pathlib
import re
import sys
import tomllib

SEVERITIES = {"info": "kInfo", "odd": "kOdd", "loss": "kLoss"}


def main(spec_path: str, out_folder: str) -> None:
    counters = tomllib.loads(pathlib.Path(spec_path).read_text())
    ids, lines = [], []
    for name, entry in counters.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            sys.exit(f"{spec_path}: {name}: a counter's name is snake_case")
        if set(entry) != {"severity", "meaning"} or entry["severity"] not in SEVERITIES:
            sys.exit(f"{spec_path}: {name}: needs exactly severity ({', '.join(SEVERITIES)}) and meaning")
        identifier = "k" + "".join(part.capitalize() for part in name.split("_"))
        ids.append(identifier)
        lines.append(
            f"TELLTALE_COUNTER({identifier}, {json.dumps(name)}, "
            f"{SEVERITIES[entry['severity']]}, {json.dumps(entry['meaning'])})"
        )
    header = "\n".join(
        ["// Generated from spec/counters.toml.", "#pragma once", "", "#include <cstddef>", "",
         "namespace telltale {", "", "enum class Counter : size_t {"]
        + [f"  {identifier}," for identifier in ids]
        + ["};", "", f"inline constexpr size_t kCounterCount = {len(ids)};", "", "}  // namespace telltale", ""]
    )
    folder = pathlib.Path(out_folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "counter_list.h").write_text(header)
    (folder / "counter_list.inc").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
