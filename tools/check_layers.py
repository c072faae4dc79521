#!/usr/bin/env python3
"""Holds the C++ modules to what they declare.

Each folder under src/ names the modules it may include in DEPENDS of its
CMakeLists.txt. This checks that includes obey that, that the graph has no cycle, that
others include only a module's top-level headers, that public headers need no heavy
library, and that no source file is outside of every target.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
HEAVY = re.compile(r'#include [<"](boost/|grpc|spdlog/|CLI/|nlohmann/|simdjson|google/protobuf)')
# May be included from below the module's top level: (user, folder).
INNER_ALLOWED = {("cmd", "ingest/receivers"), ("cmd", "store/schema"), ("api", "store/schema"), ("query", "store/schema"),
                 ("api", "query/traceql")}


def declared(module: str) -> set[str]:
    text = (SRC / module / "CMakeLists.txt").read_text()
    if module == "trace":
        return {"base"}
    match = re.search(r"DEPENDS ([a-z_ \n]*?)\n\s*(?:[A-Z_]+\b)", text)
    return set(match.group(1).split()) if match else set()


def closure(module: str, graph: dict[str, set[str]], path: tuple[str, ...] = ()) -> set[str]:
    if module in path:
        sys.exit(f"cycle: {' -> '.join(path + (module,))}")
    reached = set()
    for dependency in graph[module]:
        reached |= {dependency} | closure(dependency, graph, path + (module,))
    return reached


def main() -> None:
    modules = sorted(path.parent.name for path in SRC.glob("*/CMakeLists.txt"))
    graph = {module: declared(module) for module in modules}
    problems = []
    for module in modules:
        closure(module, graph)
    listed = "".join(path.read_text() for path in ROOT.glob("src/**/CMakeLists.txt"))
    listed += "".join(path.read_text() for path in ROOT.glob("cmd/**/CMakeLists.txt"))
    listed += "".join(path.read_text() for path in ROOT.glob("bench/**/CMakeLists.txt"))
    for path in sorted([*SRC.rglob("*.cc"), *SRC.rglob("*.h"), *ROOT.glob("cmd/**/*.cc"), *ROOT.glob("cmd/**/*.h")]):
        relative = path.relative_to(ROOT)
        module = relative.parts[1] if relative.parts[0] == "src" else "cmd"
        text = path.read_text()
        for included in re.findall(r'#include "([a-z_]+)/([^"]+)"', text):
            target = included[0]
            if target not in modules or target == module:
                continue
            if module != "cmd" and target not in graph[module]:
                problems.append(f"{relative}: includes {target}/, which {module} does not name in DEPENDS")
            inner = "/".join([target, *included[1].split("/")[:-1]])
            if "/" in included[1] and (module, inner) not in INNER_ALLOWED and not inner.endswith("/testing"):
                problems.append(f"{relative}: includes {target}/{included[1]}: only top-level headers are for others")
        if path.suffix == ".h" and (heavy := HEAVY.search(text)):
            problems.append(f"{relative}: a header includes {heavy.group(1)}: keep that in a .cc")
        if path.suffix == ".cc" and path.name not in listed:
            problems.append(f"{relative}: no CMakeLists.txt names it")
    if problems:
        sys.exit("\n".join(problems))
    print(f"layers: {len(modules)} modules obey their DEPENDS")


if __name__ == "__main__":
    main()
