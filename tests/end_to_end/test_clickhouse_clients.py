"""Port 8123, asked by ClickHouse's own clients."""

import datetime
import json
import subprocess

import clickhouse_connect
import pytest
import sqlalchemy
from clickhouse_connect.driver.exceptions import DatabaseError

from end_to_end.test_other_languages import prepared, tool
from end_to_end.test_sql import Told
from support.process import environment

TABLES = ["calls", "conversations", "logs", "metrics", "spans", "traces"]


@pytest.fixture(scope="module")
def told(server):
    return Told(server)


def connect(server, **more):
    host, port = server.clickhouse.rsplit(":", 1)
    return clickhouse_connect.get_client(host=host, port=int(port), username="anyone", password="anything", **more)


@pytest.fixture(scope="module")
def client(server):
    with connect(server) as made:
        yield made


def test_rows_have_their_types(told, client):
    found = client.query("SELECT trace_id, start, duration_ns, service, attributes FROM spans WHERE service = 'shop'")
    (row,) = found.named_results()
    assert row["trace_id"] == told.trace_id and row["duration_ns"] == 3_000_000_000
    assert row["attributes"]["count"] == "3" and abs(row["start"].timestamp() - told.start / 1e9) < 1e-3
    assert [t.name for t in found.column_types][2] == "Int64"
    assert found.summary["read_rows"] == "2"


def test_values_of_every_kind(client):
    query = "SELECT toUUID('00000000-0000-0000-0000-000000000001'), NULL, [1, NULL], (1, 'a'), true, map('k', 1), 1.5::Decimal64(3)"
    uuid, null, array, pair, flag, mapped, decimal = client.query(query).first_row
    assert (uuid.int, null, array, pair, flag, mapped, float(decimal)) == (1, None, [1, None], (1, "a"), True, {"k": 1}, 1.5)


def test_parameters(client):
    text = "it's\n\t\\ {x:String} \u00e9\U0001f600"
    when = datetime.datetime(2026, 1, 2, 3, 4, 5)
    row = client.query(
        "SELECT {n:Int64}, {s:String}, {l:Array(String)}, {d:DateTime('UTC')}, {z:Nullable(String)}",
        parameters={"n": -5, "s": text, "l": ["a", "b'\\"], "d": when, "z": None},
    ).first_row
    assert row[:3] == (-5, text, ["a", "b'\\"]) and row[4] is None
    assert row[3].replace(tzinfo=None) == when
    assert client.query("SELECT %(s)s", parameters={"s": text}).first_row == (text,)


def test_frames_arrays_and_arrow(client):
    frame = client.query_df("SELECT number, toString(number) AS s, toDateTime64(number, 9) AS t FROM numbers(100000)")
    assert list(frame.columns) == ["number", "s", "t"] and frame["number"].sum() == 4999950000
    assert client.query_np("SELECT number FROM numbers(3)").tolist() == [[0], [1], [2]]
    table = client.query_arrow("SELECT number, toLowCardinality(toString(number % 3)) AS l FROM numbers(100000)")
    assert table.num_rows == 100_000 and table.column("l")[99_999].as_py() == "0"


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", "deflate", False])
def test_streams_in_every_compression(server, compress):
    with connect(server, compress=compress) as client:
        total = 0
        with client.query_row_block_stream("SELECT number, toString(number) AS s FROM numbers(1000000)") as stream:
            for block in stream:
                total += sum(row[0] for row in block)
        assert total == 499999500000


def test_commands_and_raw_answers(client):
    assert client.command("SELECT count() FROM numbers(7)") == 7
    assert client.command("EXISTS TABLE spans") == 1
    assert client.raw_query("SELECT 1 AS a", fmt="JSONEachRow") == b'{"a":1}\n'
    assert client.ping()


def test_settings_of_the_client(client):
    assert client.query("SELECT 1", settings={"max_execution_time": 5, "max_result_rows": 10}).first_row == (1,)
    with pytest.raises(DatabaseError, match="TOO_MANY_ROWS_OR_BYTES"):
        client.query("SELECT number FROM numbers(100)", settings={"max_result_rows": 10})
    with pytest.raises(DatabaseError, match="Cannot modify 'allow_ddl' setting"):
        client.query("SELECT 1", settings={"allow_ddl": 1})


# Without compression this client may take the mark of an error for the end.
@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip"])
def test_errors_reach_the_client(server, compress):
    with connect(server, compress=compress) as client:
        with pytest.raises(DatabaseError, match="UNKNOWN_IDENTIFIER"):
            client.query("SELECT nope")
        with pytest.raises(DatabaseError, match="READONLY"):
            client.command("CREATE TABLE x (a Int8) ENGINE = Memory")
        with pytest.raises(DatabaseError, match="FUNCTION_THROW_IF"):
            client.query("SELECT throwIf(number = 2000000), number FROM numbers(3000000)")


@pytest.mark.parametrize("url", ["clickhousedb://any:thing@{}/default", "clickhouse+http://any:thing@{}/default"])
def test_sqlalchemy_finds_its_way(told, url):
    engine = sqlalchemy.create_engine(url.format(told.server.clickhouse))
    inspector = sqlalchemy.inspect(engine)
    assert inspector.get_schema_names() == ["default"]
    assert sorted(inspector.get_table_names()) == TABLES
    assert inspector.has_table("spans") and not inspector.has_table("nothing")
    assert [column["name"] for column in inspector.get_columns("spans")][:3] == ["trace_id", "span_id", "parent_id"]
    with engine.connect() as connection:
        calls = sqlalchemy.Table("calls", sqlalchemy.MetaData(), autoload_with=engine)
        counted = sqlalchemy.select(calls.c.service, sqlalchemy.func.count()).group_by(calls.c.service)
        assert connection.execute(counted).fetchall() == [("model", 1)]
        rows = connection.execute(sqlalchemy.text("SELECT name FROM spans WHERE service = :s"), {"s": "shop"}).fetchall()
        assert rows == [("request",)]
    engine.dispose()


@pytest.mark.slow
def test_the_client_of_node(told):
    folder = prepared("clickhouse-node", [tool("npm"), "ci", "--silent"])
    done = subprocess.run(
        [tool("node"), str(folder / "client.mjs"), f"http://{told.server.clickhouse}"],
        capture_output=True, text=True, timeout=120, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "ping": True,
        "rows": [{"n": n, "s": "it's\t\\"} for n in range(3)],
        "count": [{"c": 2}],
        "streamed": 500_000,
        "errors": [["47", "UNKNOWN_IDENTIFIER"], ["164", "READONLY"]],
    }
