"""Completion: what bash itself offers, with the script that the program prints."""

import shutil
import subprocess
import time

import pytest

from support import otlp
from support.api import eventually
from support.process import BINARY, environment, run

COMPLETE = r"""
source <("$1" completion bash)
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_telltale
printf '%s\n' "${COMPREPLY[@]}"
"""


def complete(*words, server="http://127.0.0.1:1", folder=None):
    """What bash offers for the last of these words."""
    done = subprocess.run(
        ["bash", "--norc", "-c", COMPLETE, "bash", str(BINARY), str(BINARY), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(TELLTALE_SERVER=server),
        cwd=folder,
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split("\n")) - {""}


def commands_of_help():
    listed = run("--help").stdout.split("Subcommands:\n")[1]
    return {line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "}


def test_commands_are_those_of_the_help():
    assert complete("c") == {c for c in commands_of_help() if c.startswith("c")} == {
        "calls",
        "completion",
        "conversations",
        "cost",
    }
    assert commands_of_help() <= complete("")
    assert complete("prices", "") >= {"list", "explain", "check", "add"}


@pytest.mark.parametrize("command", ["calls", "traces", "cost", "conversations", "tail", "serve"])
def test_flags_are_those_of_the_commands_help(command):
    help_text = run(command, "--help").stdout
    offered = complete(command, "--")
    assert offered and all(flag in help_text for flag in offered)
    assert complete(command, "--serv") <= {"--server", "--service"}


def test_values_follow_their_flags():
    assert complete("calls", "--kind", "e") == {"embedding", "evaluator"}
    assert complete("traces", "--status", "") == {"error", "ok", "unset"}
    assert complete("calls", "--status", "") == {"error", "ok"}
    assert complete("calls", "--kind", "=", "ll") == {"llm"}
    assert complete("calls", "--kind", "=") >= {"llm", "tool"}
    assert complete("cost", "--by", "mo") == {"model"}
    assert complete("cost", "--by", "service,mo") == {"service,model"}
    assert complete("calls", "--limit", "") == set()
    assert complete("completion", "") == {"bash", "zsh", "fish", "values", "-h", "--help"}


def test_files_are_offered_where_files_are_taken(tmp_path):
    (tmp_path / "prices.toml").write_text("")
    assert complete("serve", "--prices", "pri", folder=tmp_path) == {"prices.toml"}
    assert complete("explain", "pri", folder=tmp_path) == {"prices.toml"}
    assert complete("calls", "pri", folder=tmp_path) == set()


def test_names_are_asked_from_a_server_that_runs(server, http_door):
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.conversation.id": "it's a talk",
        "user.id": "ann",
    }
    span = otlp.span(otlp.new_trace_id(), "chat", attributes=attributes)
    http_door.send(otlp.request([span], service="my service"))
    http_door.send(otlp.request([otlp.span(otlp.new_trace_id(), "x")], service="web"))
    server.api.wait_for_traces(2)
    url = f"http://{server.http}"
    assert complete("traces", "--service", "", server=url) == {"my\\ service", "web"}
    assert complete("traces", "--service", "w", server=url) == {"web"}
    eventually(lambda: complete("calls", "--model", "", server=url), lambda m: m == {"gpt-4o"}, what="the model is there")
    assert complete("calls", "--user", "", server=url) == {"ann"}
    assert complete("calls", "--conversation", "", server=url) == {"it\\'s\\ a\\ talk"}


def test_without_a_server_typing_goes_on_at_once():
    started = time.monotonic()
    assert complete("traces", "--service", "") == set()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_can_read_their_scripts(shell, tmp_path):
    script = run("completion", shell)
    assert script.returncode == 0 and "telltale completion values" in script.stdout.replace('"${typed[1]}"', "telltale")
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here: its script is not run")
    path = tmp_path / "script"
    path.write_text(script.stdout)
    assert subprocess.run([shell, "-n", str(path)], capture_output=True, timeout=60).returncode == 0
    if shell == "fish":
        asked = ["fish", "-N", "-c", f"source {path}; complete -C 'telltale calls --kind e'"]
        offered = subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout
        assert [line.split("\t")[0] for line in offered.splitlines()] == ["embedding", "evaluator"]
