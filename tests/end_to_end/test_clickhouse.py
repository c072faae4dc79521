"""Port 8123: ClickHouse's HTTP protocol, asked by hand. test_clickhouse_clients.py asks it with real clients."""

import csv
import gzip
import io
import json
import re
import socket
import struct
import threading
import time
import xml.etree.ElementTree
import zlib

import backports.zstd
import lz4.block
import lz4.frame
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
import pytest
import requests

from end_to_end import test_sql as sql
from end_to_end.test_sql import Told, listener, running, secret  # noqa: F401: fixtures
from support.api import eventually


def post(server, query, session=requests, timeout=60, headers=None, **parameters):
    """The answer, once the engine has given back what statements before this one took."""
    return eventually(
        lambda: session.post(
            f"http://{server.clickhouse}/", params=parameters, data=query.encode(), timeout=timeout, headers=headers
        ),
        lambda answer: "(total) memory" not in answer.text[:500],
    )


def ask(server, query, **parameters):
    answer = post(server, query, **parameters)
    assert answer.status_code == 200, f"{query}: {answer.status_code} {answer.text[:1000]}"
    return answer.text


@pytest.fixture(scope="module")
def told(server):
    return Told(server)


# --- what must not work: the list of test_sql.py, at this door ----------------------------

# Means something here; what, is tested below.
SPOKEN_HERE = {
    "FORMAT", "FORMAT Null", "SHOW TABLES", "SHOW DATABASES", "SHOW CREATE", "EXISTS", "DESCRIBE a view",
    "a base table", "a system table in JOIN", "a system table in IN", "a quoted system table in IN",
    "a system table in ARRAY JOIN", "a column of a system table", "a quoted system table", "information_schema", "INFORMATION_SCHEMA",
    "currentUser", "user", "currentDatabase", "version", "hostName", "hostname", "FQDN",
}  # fmt: skip
OUR_SYSTEM_TABLES = {"columns", "databases", "functions", "one", "settings", "tables"}


def refuse(server, query, secret, listener, tmp_path, **parameters):  # noqa: F811
    port, calls = listener
    out = tmp_path / "out"
    for name, value in {"path": secret, "out": out, "port": port}.items():
        query = query.replace("{" + name + "}", str(value))
    begun = time.monotonic()
    answer = post(server, query, **parameters)
    assert answer.status_code >= 400, f"{query}: {answer.text[:1000]}"
    assert re.match(r"Code: \d+\. DB::Exception: .*\. \([A-Z0-9_]+\)\n$", answer.text, re.DOTALL), answer.text
    assert answer.headers["X-ClickHouse-Exception-Code"] == re.match(r"Code: (\d+)", answer.text)[1]
    # The gate that closed, not an error of the engine, which could be chance.
    assert re.match(
        r"Code: \d+\. DB::Exception: (check the statement: |read the statement: syntax error|Unknown table expr)",
        answer.text,
    ), answer.text
    assert sql.SECRET not in answer.text and not out.exists() and not calls
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("name", [n for n in sql.STATEMENTS if n not in SPOKEN_HERE and sql.STATEMENTS[n]])
def test_refuses_the_statement(server, secret, listener, tmp_path, name):  # noqa: F811
    refuse(server, sql.STATEMENTS[name], secret, listener, tmp_path)


@pytest.mark.parametrize("name", [n for n in sql.STATEMENTS if n not in SPOKEN_HERE | {"nothing", "a comment"}])
def test_refuses_the_statement_with_a_format(server, secret, listener, tmp_path, name):  # noqa: F811
    refuse(server, sql.STATEMENTS[name] + "\nFORMAT JSON", secret, listener, tmp_path)


@pytest.mark.parametrize("name", sql.TABLE_FUNCTIONS)
def test_refuses_the_table_function(server, secret, listener, tmp_path, name):  # noqa: F811
    refuse(server, f"SELECT * FROM {sql.TABLE_FUNCTIONS[name]}", secret, listener, tmp_path)
    refuse(server, f"DESCRIBE TABLE {sql.TABLE_FUNCTIONS[name]}", secret, listener, tmp_path)


@pytest.mark.parametrize("name", [n for n in sql.FUNCTIONS if n not in SPOKEN_HERE])
def test_refuses_the_function(server, secret, listener, tmp_path, name):  # noqa: F811
    refuse(server, f"SELECT {sql.FUNCTIONS[name]}", secret, listener, tmp_path)
    refuse(server, f"SELECT service FROM spans WHERE toString({sql.FUNCTIONS[name]}) = 'x'", secret, listener, tmp_path)


@pytest.mark.parametrize("table", [t for t in sql.SYSTEM_TABLES if t not in OUR_SYSTEM_TABLES])
def test_refuses_the_system_table(server, secret, listener, tmp_path, table):  # noqa: F811
    refuse(server, f"SELECT * FROM system.{table}", secret, listener, tmp_path)


@pytest.mark.parametrize(
    "query, parameters",
    [
        ("SELECT * FROM {t:Identifier}", {"param_t": "/etc/passwd"}),
        ("SELECT * FROM {t:Identifier}", {"param_t": "x`y"}),
        ("SELECT * FROM {t:Identifier}", {"param_t": "x\n    Literal 1"}),
        ("SELECT * FROM {d:Identifier}.{t:Identifier}", {"param_d": "system", "param_t": "processes"}),
        ("SELECT * FROM {d:Identifier}.{t:Identifier}", {"param_d": "telltale", "param_t": "content"}),
        ("SELECT arrayMap({f:Identifier}, ['{path}'])", {"param_f": "file"}),
        ("SELECT {f:Identifier}('{path}')", {"param_f": "file"}),
        ("SELECT {x:AggregateFunction(uniq, String)}", {"param_x": "x"}),
        ("SELECT _CAST('x', 'AggregateFunction(uniq, String)')", {}),
        ("SELECT _CAST('x', concat('Aggregate', 'Function(uniq, String)'))", {}),
        ("SELECT {x:String}", {}),
    ],
)
def test_parameters_are_values_and_open_nothing(server, secret, listener, tmp_path, query, parameters):  # noqa: F811
    refuse(server, query, secret, listener, tmp_path, **parameters)


def test_the_server_goes_on_after_all_of_that(server):
    assert server.alive() and ask(server, "SELECT 1") == "1\n"


# --- what it says of itself --------------------------------------------------------------


def test_it_is_there(server):
    for path in ("/", "/ping", "/replicas_status"):
        answer = requests.get(f"http://{server.clickhouse}{path}")
        assert (answer.status_code, answer.text) == (200, "Ok.\n")
    assert requests.get(f"http://{server.clickhouse}/nothing").status_code == 404
    assert requests.put(f"http://{server.clickhouse}/", data="SELECT 1").status_code == 405


def test_it_tells_its_version_and_no_more_of_the_machine(server):
    version, zone, database, user, host = ask(
        server, "SELECT version(), timezone(), currentDatabase(), currentUser(), hostName()"
    ).split()
    assert re.match(r"\d+\.\d+", version)
    assert (zone, database, user, host) == ("UTC", "default", "default", "telltale")
    assert socket.gethostname() not in (host, user)


def test_show_describe_and_exists(server):
    tables = ["calls", "conversations", "logs", "metrics", "spans", "traces"]
    assert ask(server, "SHOW TABLES").split() == tables
    assert ask(server, "SHOW TABLES FROM telltale LIKE '%s' LIMIT 2").split() == tables[:2]
    assert ask(server, "SHOW TABLES FROM other") == ""
    assert ask(server, "SHOW DATABASES") == "default\n"
    assert ask(server, "DESCRIBE spans").startswith("trace_id\tString\t\t\t32 hex digits.\t\t\n")
    assert ask(server, "DESC TABLE default.spans FORMAT CSV").startswith('"trace_id","String",')
    assert [ask(server, f"EXISTS {what}") for what in ("spans", "TABLE default.spans", "nothing", "DATABASE default")] == [
        "1\n", "1\n", "0\n", "1\n",
    ]  # fmt: skip
    assert "CREATE TABLE default.spans" in ask(server, "SHOW CREATE TABLE spans FORMAT TSVRaw")
    missing = post(server, "DESCRIBE nothing")
    assert missing.status_code == 404 and missing.headers["X-ClickHouse-Exception-Code"] == "60"


def test_system_tables_name_the_views_and_nothing_else(server):
    views = sql.schema(server)
    tables = ask(server, "SELECT database, name, comment FROM system.tables WHERE database = currentDatabase() FORMAT JSONCompact")
    assert json.loads(tables)["data"] == [["default", name, view["about"]] for name, view in views.items()]
    columns = json.loads(
        ask(server, "SELECT table, name, type, position FROM system.columns ORDER BY table, position FORMAT JSONCompact")
    )
    assert columns["data"] == [
        [name, column["name"], column["type"], str(i + 1) if isinstance(columns["data"][0][3], str) else i + 1]
        for name, view in sorted(views.items())
        for i, column in enumerate(view["columns"])
    ]
    assert ask(server, "SELECT * FROM system.one") == "0\n"
    assert ask(server, "SELECT name FROM system.databases") == "default\n"
    assert int(ask(server, "SELECT count() FROM system.functions WHERE name = 'file'")) == 0
    assert "telltale_sql" not in ask(server, "SELECT * FROM system.tables") + ask(server, "SELECT * FROM system.columns")
    assert ask(server, "SELECT table_name FROM information_schema.tables AS t WHERE t.table_schema = 'default'").split() == list(views)
    assert ask(server, "SELECT tables.name FROM system.tables ORDER BY tables.name LIMIT 1") == "calls\n"
    assert int(ask(server, "SELECT count() FROM spans, system.one AS o")) == int(ask(server, "SELECT count() FROM spans"))


def test_views_are_found_by_every_name_of_their_database(told):
    server = told.server
    for name in ("spans", "default.spans", "telltale.spans", "`default`.`spans`", '"telltale"."spans"'):
        assert ask(server, f"SELECT count() FROM {name}") == "2\n"
        assert ask(server, f"SELECT count() FROM {name}", database="telltale") == "2\n"
    assert post(server, "SELECT 1", database="other").headers["X-ClickHouse-Exception-Code"] == "81"


# --- statements, parameters, settings ------------------------------------------------------


def test_the_statement_is_in_the_address_in_the_body_or_in_both(server):
    url = f"http://{server.clickhouse}/"
    assert requests.get(url, params={"query": "SELECT 1 + 1"}).text == "2\n"
    assert requests.post(url, data="SELECT 2").text == "2\n"
    assert requests.post(url, params={"query": "SELECT 3"}, data="FORMAT JSONEachRow").text == '{"3":3}\n'
    assert requests.head(url, params={"query": "SELECT 1"}).status_code == 200
    assert requests.get(url, params={"query": ""}).status_code == 400
    packed = requests.post(url, data=gzip.compress(b"SELECT 4"), headers={"Content-Encoding": "gzip"})
    assert packed.text == "4\n"
    assert requests.post(url, data=b"x", headers={"Content-Encoding": "br"}).status_code == 501


def test_the_format_comes_from_the_statement_else_the_address_else_a_header(server):
    assert ask(server, "SELECT 1 AS a") == "1\n"
    assert ask(server, "SELECT 1 AS a", default_format="CSVWithNames") == '"a"\n1\n'
    assert ask(server, "SELECT 1 AS a format TSVWithNames", default_format="CSV") == "a\n1\n"
    assert ask(server, "SELECT 1 AS a", headers={"X-ClickHouse-Format": "JSONEachRow"}) == '{"a":1}\n'
    assert ask(server, "SELECT 'FORMAT CSV' AS format ORDER BY format") == "FORMAT CSV\n"
    assert ask(server, "SELECT 1 AS a -- FORMAT CSV\n FORMAT Values;") == "(1)"
    unknown = post(server, "SELECT 1 FORMAT Nothing")
    assert unknown.status_code == 404 and unknown.headers["X-ClickHouse-Exception-Code"] == "73"
    assert post(server, "SELECT 1 FORMAT SQLInsert").headers["X-ClickHouse-Exception-Code"] == "73"


def test_parameters_have_their_types(server):
    values = {
        "param_n": "5", "param_s": "it's\\n\\t\\\\", "param_l": "['a','b\\'c']", "param_m": "{'k':1}",
        "param_d": "2026-01-02 03:04:05", "param_z": "\\N", "param_t": "spans",
    }  # fmt: skip
    query = (
        "SELECT {n:UInt8} + 1 AS n, {s:String} AS s, {l:Array(String)} AS l, {m:Map(String, UInt8)} AS m,"
        " {d:DateTime} AS d, {z:Nullable(String)} AS z FROM (SELECT count() FROM {t:Identifier}) FORMAT JSONEachRow"
    )
    assert json.loads(ask(server, query, **values)) == {
        "n": 6, "s": "it's\n\t\\", "l": ["a", "b'c"], "m": {"k": 1}, "d": "2026-01-02 03:04:05", "z": None,
    }  # fmt: skip
    wrong = post(server, "SELECT {n:UInt8}", param_n="many")
    assert wrong.status_code == 400 and "UInt8" in wrong.text
    assert ask(server, "SELECT {s:String}", param_s="') OR file(\\'/etc/passwd\\') --") == "\\') OR file(\\'/etc/passwd\\') --\n"


def test_settings_make_limits_tighter(server):
    many = "SELECT number FROM numbers(1000)"
    over = post(server, many, max_result_rows=10)
    assert over.headers["X-ClickHouse-Exception-Code"] == "396" and over.status_code == 500
    assert len(ask(server, many, limit=10).split()) == 10
    slow = post(server, "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)", max_execution_time=0.5)
    assert slow.status_code == 408 and slow.headers["X-ClickHouse-Exception-Code"] == "159"
    big = post(server, "SELECT groupArray(number) FROM numbers(100000000)", max_memory_usage=20_000_000)
    assert big.headers["X-ClickHouse-Exception-Code"] == "241"
    assert post(server, "SELECT groupArray(number) FROM numbers(1000000000)", max_memory_usage=0).headers[
        "X-ClickHouse-Exception-Code"
    ] in ("241", "159")
    assert post(server, "SELECT count() FROM numbers(1000)", max_rows_to_read=10).headers["X-ClickHouse-Exception-Code"] == "158"


def test_settings_that_say_how_to_write_are_honoured(server):
    query = "SELECT 9007199254740993 AS n, toDateTime('2026-01-02 03:04:05', 'UTC') AS t, 'a/b' AS s FORMAT JSONEachRow"
    assert json.loads(ask(server, query))["n"] == 9007199254740993
    assert json.loads(ask(server, query, output_format_json_quote_64bit_integers=1))["n"] == "9007199254740993"
    assert json.loads(ask(server, query, date_time_output_format="iso"))["t"] == "2026-01-02T03:04:05Z"
    zone = post(server, "SELECT toDateTime('2026-01-02 03:04:05')::UInt32", session_timezone="Asia/Tokyo")
    assert zone.text == str(1767323045 - 9 * 3600) + "\n" and zone.headers["X-ClickHouse-Timezone"] == "Asia/Tokyo"
    assert post(server, "SELECT 1", session_timezone="Nowhere/Land").status_code >= 400


def test_what_clients_send_by_habit_is_let_pass(server):
    habits = {
        "session_id": "s", "session_timeout": "60", "client_protocol_version": "54460", "quota_key": "q", "role": "r",
        "send_progress_in_http_headers": "1", "wait_end_of_query": "1", "readonly": "0", "user": "u", "password": "p",
        "http_headers_progress_interval_ms": "1000", "add_http_cors_header": "1", "max_block_size": "100", "extremes": "0",
    }  # fmt: skip
    answer = post(server, "SELECT 1", **habits)
    assert answer.text == "1\n" and json.loads(answer.headers["X-ClickHouse-Progress"])["read_rows"] == "1"
    assert requests.get(f"http://any:thing@{server.clickhouse}/?query=SELECT+1").text == "1\n"


@pytest.mark.parametrize(
    "name, value, code",
    [("allow_ddl", "1", "164"), ("join_use_nulls", "1", "164"), ("allow_introspection_functions", "1", "164"),
     ("format_schema", "/etc/passwd", "164"), ("additional_table_filters", "{}", "164"), ("max_result_rows", "x", "6"),
     ("output_format_bool_as_number", "yes please", "6"), ("decompress", "1", "48"), ("extremes", "1", "48")],
)  # fmt: skip
def test_settings_that_would_change_the_meaning_are_refused(server, name, value, code):
    answer = post(server, "SELECT 1", **{name: value})
    assert answer.headers["X-ClickHouse-Exception-Code"] == code, answer.text


def test_a_page_of_another_site_may_not_ask(server):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        assert post(server, "SELECT 1", headers=headers).status_code == 403
    assert post(server, "SELECT 1", headers={"Origin": "http://localhost:3000"}).status_code == 200


# --- answers: one document, whatever their size ----------------------------------------------

ROWS = 200_000
LARGE = f"SELECT number AS n, concat('<\"', toString(number), '\\n&') AS s FROM numbers({ROWS})"


def text_of(n):
    return f'<"{n}\n&'


def large(server, format_name):
    answer = post(server, f"{LARGE} FORMAT {format_name}")
    assert answer.status_code == 200 and answer.headers["Transfer-Encoding"] == "chunked"
    return answer


def test_a_large_json_document_is_one(server):
    for name in ("JSON", "JSONCompact", "JSONStrings"):
        made = large(server, name).json()
        assert [c["name"] for c in made["meta"]] == ["n", "s"] and made["rows"] == ROWS == len(made["data"])
        last = made["data"][-1]
        assert (list(last.values()) if isinstance(last, dict) else last)[1] == text_of(ROWS - 1)
        assert 0 < made["statistics"]["rows_read"] <= ROWS


def test_large_tables_of_text_have_one_head(server):
    rows = list(csv.reader(io.StringIO(large(server, "CSVWithNamesAndTypes").text)))
    assert rows[:3] == [["n", "s"], ["UInt64", "String"], ["0", text_of(0)]] and len(rows) == ROWS + 2
    lines = large(server, "TSVWithNames").text.splitlines()
    assert lines[0] == "n\ts" and len(lines) == ROWS + 1 and lines[-1] == f'{ROWS - 1}\t<"{ROWS - 1}\\n&'
    lines = large(server, "JSONCompactEachRowWithNamesAndTypes").text.splitlines()
    assert len(lines) == ROWS + 2 and json.loads(lines[-1]) == [ROWS - 1, text_of(ROWS - 1)]
    lines = large(server, "Markdown").text.splitlines()
    assert lines.count("| n | s |") == 1 and sum(line.startswith("|-:") for line in lines) == 1


def test_a_large_xml_document_is_one(server):
    root = xml.etree.ElementTree.fromstring(large(server, "XML").text)
    rows = root.findall("data/row")
    assert len(rows) == ROWS == int(root.find("rows").text) and rows[-1].find("s").text == text_of(ROWS - 1)


def test_large_binary_answers_are_one(server):
    body = large(server, "RowBinaryWithNamesAndTypes").content
    head = b"\x02\x01n\x01s\x06UInt64\x06String"
    assert body.startswith(head)
    at = len(head)
    for n in range(ROWS):
        text = text_of(n).encode()
        assert body[at : at + 9 + len(text)] == struct.pack("<QB", n, len(text)) + text
        at += 9 + len(text)
    assert at == len(body)
    values = large(server, "Values").text
    assert values.startswith("(0,'<\"0\\n&'),(1,") and values.count("),(") == ROWS - 1


def test_arrow_and_parquet_are_read_by_pyarrow(server):
    table = pyarrow.ipc.open_stream(large(server, "ArrowStream").content).read_all()
    assert table.num_rows == ROWS and table.column("s")[ROWS - 1].as_py() == text_of(ROWS - 1)
    table = pyarrow.ipc.open_file(io.BytesIO(post(server, f"{LARGE} FORMAT Arrow").content)).read_all()
    assert table.num_rows == ROWS
    table = pyarrow.parquet.read_table(io.BytesIO(post(server, f"{LARGE} FORMAT Parquet").content))
    assert table.num_rows == ROWS and table.column("n")[ROWS - 1].as_py() == ROWS - 1


def test_formats_that_are_made_whole_have_a_limit_and_say_so(server):
    answer = post(server, "SELECT number, number, number FROM numbers(10000000) FORMAT Parquet")
    assert answer.headers["X-ClickHouse-Exception-Code"] == "396", answer.text[:300]


def test_totals_are_told(server):
    grouped = "SELECT number % 2 AS a, count() AS c FROM numbers(5) GROUP BY a WITH TOTALS ORDER BY a"
    made = json.loads(ask(server, f"{grouped} FORMAT JSONCompact", output_format_json_quote_64bit_integers=0))
    assert made["data"] == [[0, 3], [1, 2]] and made["totals"] == [0, 5]
    assert ask(server, grouped) == "0\t3\n1\t2\n\n0\t5\n"


@pytest.mark.parametrize(
    "format_name, kind",
    [("TSV", "text/tab-separated-values; charset=UTF-8"), ("CSV", "text/csv; charset=UTF-8; header=absent"),
     ("CSVWithNames", "text/csv; charset=UTF-8; header=present"), ("JSON", "application/json; charset=UTF-8"),
     ("JSONEachRow", "application/x-ndjson; charset=UTF-8"), ("XML", "application/xml; charset=UTF-8"),
     ("Native", "application/octet-stream"), ("PrettyCompact", "text/plain; charset=UTF-8"),
     ("Vertical", "text/plain; charset=UTF-8"), ("Markdown", "text/markdown; charset=UTF-8"),
     ("JSONColumns", "application/json; charset=UTF-8"), ("Null", "text/plain; charset=UTF-8"),
     ("ORC", "application/octet-stream"), ("MsgPack", "application/msgpack"), ("PrettySpaceNoEscapes", "text/plain; charset=UTF-8")],
)  # fmt: skip
def test_the_content_type_is_the_formats(server, format_name, kind):
    for query in ("SELECT 1 AS a", "SELECT 1 AS a WHERE 0"):
        answer = post(server, f"{query} FORMAT {format_name}")
        assert answer.status_code == 200 and answer.headers["Content-Type"] == kind, answer.text


def test_headers_tell_of_the_question(server):
    answer = post(server, "SELECT number FROM numbers(10)", query_id="my-id")
    assert answer.headers["X-ClickHouse-Query-Id"] == "my-id"
    assert answer.headers["X-ClickHouse-Format"] == "TabSeparated"
    assert answer.headers["X-ClickHouse-Timezone"] == "UTC"
    assert answer.headers["X-ClickHouse-Server-Display-Name"] == "telltale"
    summary = json.loads(answer.headers["X-ClickHouse-Summary"])
    assert (summary["read_rows"], summary["result_rows"], summary["result_bytes"]) == ("10", "10", "20")
    assert int(summary["elapsed_ns"]) > 0
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", post(server, "SELECT 1").headers["X-ClickHouse-Query-Id"])


@pytest.mark.parametrize("coding", ["zstd", "lz4", "gzip", "deflate", "br"])
def test_http_compression_where_it_is_asked_for(server, coding):
    query = "SELECT number FROM numbers(500000)"
    plain = post(server, query, headers={"Accept-Encoding": coding})
    assert "Content-Encoding" not in plain.headers, "the setting says no"
    packed = requests.post(
        f"http://{server.clickhouse}/", params={"enable_http_compression": 1}, data=query,
        headers={"Accept-Encoding": coding}, stream=True,
    )  # fmt: skip
    body = packed.raw.read(decode_content=False)
    if coding == "br":
        assert "Content-Encoding" not in packed.headers and body == plain.content
        return
    assert packed.headers["Content-Encoding"] == coding and len(body) < len(plain.content) * 0.7
    unpack = {
        "zstd": lambda b: backports.zstd.decompress(b), "lz4": lz4.frame.decompress, "gzip": gzip.decompress,
        "deflate": zlib.decompress,
    }  # fmt: skip
    assert unpack[coding](body) == plain.content


def test_clickhouses_own_blocks(server):
    query = "SELECT number FROM numbers(500000)"
    packed = post(server, query, compress=1)
    assert packed.headers["Content-Type"] == "application/octet-stream"
    rest, unpacked = packed.content, b""
    while rest:
        method, size, size_unpacked = struct.unpack_from("<BII", rest, 16)
        assert method == 0x82
        unpacked += lz4.block.decompress(rest[25 : 16 + size], uncompressed_size=size_unpacked)
        rest = rest[16 + size :]
    assert unpacked == post(server, query).content


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, status, code, name",
    [("SELECT nme FROM spans", 404, 47, "UNKNOWN_IDENTIFIER"), ("SELECT 1 FROM span", 404, 60, "UNKNOWN_TABLE"),
     ("SELEC 1", 400, 62, "SYNTAX_ERROR"), ("DROP TABLE spans", 403, 164, "READONLY"),
     ("INSERT INTO spans VALUES (1)", 403, 164, "READONLY"), ("SELECT file('x')", 403, 497, "ACCESS_DENIED"),
     ("SELECT 1 SETTINGS max_threads = 1", 403, 164, "READONLY"),
     ("SELECT throwIf(1)", 400, 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"), ("SELECT 1; SELECT 2", 400, 62, "SYNTAX_ERROR")],
)  # fmt: skip
def test_errors_have_the_servers_form(server, query, status, code, name):
    answer = post(server, query)
    assert (answer.status_code, answer.headers["X-ClickHouse-Exception-Code"]) == (status, str(code)), answer.text
    assert answer.text.startswith(f"Code: {code}. DB::Exception: ") and answer.text.endswith(f". ({name})\n")
    assert not re.search(r"telltale_sql|26\.7|__table|ScopeNode", answer.text), answer.text


def test_an_error_in_the_middle_is_told_and_breaks_the_answer_off(server):
    query = "SELECT throwIf(number = 1000000), number FROM numbers(10000000)"
    with requests.post(f"http://{server.clickhouse}/", data=query, stream=True) as answer:
        assert answer.status_code == 200
        tag = answer.headers["X-ClickHouse-Exception-Tag"]
        body = b""
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for piece in answer.iter_content(1 << 20):
                body += piece
    end = re.search(rb"\r\n__exception__\r\n(\w+)\r\n(Code: 395\. .*\n)(\d+) (\w+)\r\n__exception__\r\n$", body[-1000:], re.DOTALL)
    assert end and end[1].decode() == end[4].decode() == tag and int(end[3]) == len(end[2])
    whole = post(server, query, wait_end_of_query=1)
    assert whole.status_code == 400 and whole.headers["X-ClickHouse-Exception-Code"] == "395"


# --- its limits ----------------------------------------------------------------------------------


def resident(server):
    for line in open(f"/proc/{server.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024


@pytest.mark.parametrize("format_name", ["JSON", "CSVWithNames", "Native", "ArrowStream"])
def test_memory_does_not_grow_with_the_answer(server, format_name):
    # The engine itself holds on to what it made for Arrow: docs/reference/clickhouse.md.
    rows = 400_000 if format_name == "ArrowStream" else 2_000_000
    query = f"SELECT number, repeat('x', 200) AS s FROM numbers({rows}) FORMAT {format_name}"
    ask(server, "SELECT 1")
    before, size, most = resident(server), 0, 0
    with requests.post(f"http://{server.clickhouse}/", data=query, stream=True, timeout=60) as answer:
        for piece in answer.iter_content(1 << 20):
            if size == 0:
                time.sleep(1)  # a slow client
            size += len(piece)
            most = max(most, resident(server))
    assert size > (1_000_000 if format_name == "ArrowStream" else 400_000_000), "Arrow packs by itself"
    assert most - before < 120_000_000, f"{(most - before) >> 20} MiB more"


def test_a_client_that_goes_away_ends_its_statement(server):
    host, port = server.clickhouse.rsplit(":", 1)
    endless = (
        "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)",
        "SELECT sipHash64(number) FROM numbers(1000000000000)",
    )
    for query in endless * 2:
        with socket.create_connection((host, int(port))) as client:
            client.sendall(
                f"POST / HTTP/1.1\r\nHost: {server.clickhouse}\r\nContent-Length: {len(query)}\r\n\r\n{query}".encode()
            )
            time.sleep(0.3)
    time.sleep(1)
    before = running(server)
    time.sleep(1)
    assert running(server) - before < 50, "nothing works on"


def test_more_statements_than_may_run_wait_for_their_turn(server):
    slow = "SELECT sum(sipHash64(number)) FROM numbers(100000000)"
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(server, slow).status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8


def test_the_server_stops_while_an_answer_is_read_slowly(fresh_server):
    server = fresh_server()
    answer = requests.post(f"http://{server.clickhouse}/", data="SELECT number FROM numbers(1000000000)", stream=True)
    next(answer.iter_content(100))
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 15


def test_the_port_can_be_off(fresh_server):
    server = fresh_server("--clickhouse", "off")
    assert "clickhouse" not in server.ready and server.alive()
