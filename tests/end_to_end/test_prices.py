"""`telltale prices`: what a person or a script sees, without any server."""

import json
from decimal import Decimal

import pytest

from support.process import ROOT, run


def explain(*arguments, **more):
    result = run("prices", "explain", *arguments, "--json", **more)
    return result.returncode, json.loads(result.stdout, parse_float=Decimal)


def test_list_filters_by_model_and_provider():
    result = run("prices", "list", "--provider", "anthropic", "--model", "sonnet-4-5")
    assert result.returncode == 0
    header, *rows = result.stdout.splitlines()
    assert header.split()[:3] == ["PROVIDER", "MODEL", "INPUT"]
    assert rows and all(row.startswith("anthropic ") and "sonnet-4-5" in row for row in rows)


def test_list_as_json_is_every_rule_with_source_and_date():
    rules = json.loads(run("prices", "list", "--json").stdout)
    assert len(rules) > 1000
    assert all(rule["source"].startswith("https://") and rule["as_of"] for rule in rules)
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_list_of_nothing_says_so_on_stderr_only():
    result = run("prices", "list", "--model", "no-such-model")
    assert (result.returncode, result.stdout) == (0, "")
    assert "hint:" in result.stderr


def test_explain_prints_the_arithmetic_the_rule_and_why_it_matched():
    result = run("prices", "explain", "--model", "gpt-4o", "--provider", "openai", "--input-tokens", 1000,
                 "--output-tokens", 200, "--cache-read-tokens", 400)
    assert result.returncode == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["input", "600", "x", "$2.50", "per", "million", "=", "$0.0015"]
    assert lines[1] == ["cache_read", "400", "x", "$1.25", "per", "million", "=", "$0.0005"]
    assert lines[2] == ["output", "200", "x", "$10.00", "per", "million", "=", "$0.002"]
    assert lines[3] == ["total", "$0.004"]
    assert "rule    openai/gpt-4o (openai.toml, line" in result.stdout
    assert "match   exact" in result.stdout
    assert "as of 2026-07-24" in result.stdout


def test_explain_adds_up():
    code, told = explain("--model", "claude-sonnet-4-5", "--provider", "anthropic", "--input-tokens", 9000,
                         "--output-tokens", 500, "--cache-read-tokens", 5000, "--cache-write-tokens", 3000,
                         "--cache-write-1h-tokens", 1000)
    cost = told["cost"]
    assert code == 0
    assert cost["total"] == Decimal("0.0255") == sum(part["amount"] for part in cost["parts"])


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (["--model", "gpt-99", "--provider", "openai"], "unpriced", "model_unknown"),
        (["--model", "gpt-4o", "--provider", "nobody"], "unpriced", "provider_unknown"),
        (["--model", "ft:gpt-99:org::1", "--provider", "openai"], "unpriced", "fine_tune_unknown"),
        (["--model", "gpt-4o", "--provider", "openai", "--service-tier", "scale"], "unpriced", "service_tier_unknown"),
    ],
)
def test_an_unknown_price_has_no_total(arguments, status, reason):
    code, told = explain(*arguments, "--input-tokens", 10, "--output-tokens", 1)
    assert code == 3
    assert (told["cost"]["status"], told["cost"]["reason"], told["cost"]["total"]) == (status, reason, None)


def test_no_usage_is_not_zero():
    code, told = explain("--model", "gpt-4o", "--provider", "openai")
    assert (code, told["cost"]["status"], told["cost"]["total"]) == (3, "no_usage", None)


def test_what_is_added_is_used_from_its_first_day_on(tmp_path):
    file = tmp_path / "prices.toml"
    added = run("prices", "add", "--prices", file, "--model", "gpt-4o", "--provider", "OpenAI", "--input", "1",
                "--output", "2", "--from", "2026-03-01", "--note", 'our "deal"')
    assert added.returncode == 0, added.stderr
    assert run("prices", "check", file).returncode == 0
    tokens = ["--model", "gpt-4o", "--provider", "openai", "--input-tokens", 1000, "--output-tokens", 100]
    _, before = explain(*tokens, "--at", "2026-02-28", TELLTALE_PRICES=file)
    _, after = explain(*tokens, "--at", "2026-03-01", TELLTALE_PRICES=file)
    assert (before["cost"]["rule"], before["cost"]["total"]) == ("openai/gpt-4o", Decimal("0.0035"))
    assert (after["cost"]["rule"], after["cost"]["total"]) == ("user:openai/gpt-4o@2026-03-01", Decimal("0.0012"))
    assert after["rule"]["note"] == 'our "deal"'


def test_add_replaces_only_when_asked_and_keeps_the_rest(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text('# Ours.\nprovider = "openai"\n[[rule]]\nmodel = "a"\ninput = 1\n[rule.batch]\ninput = 0.5\n\n[[rule]]\nmodel = "b"\ninput = 2\n')
    change = ["prices", "add", "--prices", file, "--model", "a", "--provider", "openai", "--input", "9"]
    before = file.read_text()
    refused = run(*change)
    assert refused.returncode == 2 and "line 3" in refused.stderr and "hint: --replace" in refused.stderr
    assert file.read_text() == before
    assert run(*change, "--replace").returncode == 0
    rules = {r["model"]: r["prices"]["input"] for r in json.loads(run("prices", "list", "--prices", file, "--json").stdout)
             if r["id"].startswith("user:")}
    assert rules == {"a": 9, "b": 2}
    assert file.read_text().startswith("# Ours.\n")


def test_add_leaves_a_file_alone_that_it_cannot_add_to(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text('provider = "p"\nrule = [{ model = "a", input = 1 }]\n')
    for model in ("a", "b"):
        result = run("prices", "add", "--prices", file, "--model", model, "--provider", "p", "--input", "1", "--replace")
        assert result.returncode == 2 and "hint:" in result.stderr
    assert file.read_text() == 'provider = "p"\nrule = [{ model = "a", input = 1 }]\n'


def test_a_mistake_is_told_with_file_line_and_field(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text('provider = "p"\n[[rule]]\nmodel = "m"\ninptu = 1\n')
    for arguments in (["check", file], ["list", "--prices", file]):
        result = run("prices", *arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert f"error: read prices: {file}: line 4: inptu: no such field" in result.stderr


def test_a_server_does_not_start_on_a_price_file_with_a_mistake(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text("rule = 7\n")
    result = run("serve", "--ports", "0", "--data", tmp_path / "data", "--prices", file)
    assert result.returncode == 1
    assert "line 1: rule: must be a list of tables" in result.stderr


def test_every_committed_file_passes_check():
    files = sorted((ROOT / "spec/prices").glob("*.toml"))
    assert len(files) > 30
    for file in files:
        result = run("prices", "check", file)
        assert result.returncode == 0, result.stderr


def test_help_tells_every_kind_of_token():
    text = run("prices", "explain", "--help").stdout
    for flag in ("--cache-write-1h-tokens", "--reasoning-tokens", "--audio-output-tokens", "--web-searches", "--at"):
        assert flag in text
