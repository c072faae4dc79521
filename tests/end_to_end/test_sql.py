"""SQL of users: every way out of the views is closed, and what is in them is right."""

import json
import re
import socket
import subprocess
import threading
import time

import pytest
import requests
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

from end_to_end.test_calls import chat, stored
from support import otlp, signals
from support.api import eventually
from support.process import BINARY, environment, run

SECRET = "open-sesame-5281"


def post(server, query, session=requests, timeout=60, **more):
    """The answer, once the engine has given back what statements before this one took."""
    return eventually(
        lambda: session.post(f"http://{server.http}/api/v1/sql", json={"query": query, **more}, timeout=timeout),
        lambda answer: "(total) memory" not in answer.text,
    )


def ask(server, query, **more):
    """The rows, as objects."""
    answer = post(server, query, **more)
    assert answer.status_code == 200, f"{query}: {answer.status_code} {answer.text[:1000]}"
    body = answer.json()
    return [dict(zip((c["name"] for c in body["columns"]), row, strict=True)) for row in body["rows"]]


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "secret.csv"
    path.write_text(f"{SECRET}\n")
    return path


# --- what must not work ----------------------------------------------------------------

# {path}: a file that the server may read; {out}: one that it could write.
TABLE_FUNCTIONS = {
    "url": "url('http://127.0.0.1:{port}/x', 'LineAsString')",
    "urlCluster": "urlCluster('default', 'http://127.0.0.1:{port}/x', 'LineAsString')",
    "remote": "remote('127.0.0.1:{port}', system.one)",
    "remoteSecure": "remoteSecure('127.0.0.1:{port}', system.one)",
    "cluster": "cluster('default', system.one)",
    "clusterAllReplicas": "clusterAllReplicas('default', system.one)",
    "s3": "s3('http://127.0.0.1:{port}/b/x.csv', 'CSV')",
    "s3Cluster": "s3Cluster('default', 'http://127.0.0.1:{port}/b/x.csv', 'CSV')",
    "gcs": "gcs('http://127.0.0.1:{port}/b/x.csv', 'CSV')",
    "executable": "executable('x.sh', 'TSV', 'a String')",
    "mysql": "mysql('127.0.0.1:{port}', 'd', 't', 'u', 'p')",
    "postgresql": "postgresql('127.0.0.1:{port}', 'd', 't', 'u', 'p')",
    "sqlite": "sqlite('{path}', 't')",
    "mongodb": "mongodb('127.0.0.1:{port}', 'd', 'c', 'u', 'p', 'a String')",
    "redis": "redis('127.0.0.1:{port}', 'k', 'k String, v String')",
    "odbc": "odbc('DSN=x', 'd', 't')",
    "jdbc": "jdbc('jdbc:x', 'd', 't')",
    "hdfs": "hdfs('hdfs://127.0.0.1:{port}/x', 'CSV')",
    "hdfsCluster": "hdfsCluster('default', 'hdfs://127.0.0.1:{port}/x', 'CSV')",
    "iceberg": "iceberg('http://127.0.0.1:{port}/b/t')",
    "icebergLocal": "icebergLocal('{path}')",
    "deltaLake": "deltaLake('http://127.0.0.1:{port}/b/t')",
    "deltaLakeLocal": "deltaLakeLocal('{path}')",
    "hudi": "hudi('http://127.0.0.1:{port}/b/t')",
    "paimon": "paimon('http://127.0.0.1:{port}/b/t')",
    "azureBlobStorage": "azureBlobStorage('DefaultEndpointsProtocol=http', 'c', 'b')",
    "file": "file('{path}', 'LineAsString')",
    "fileCluster": "fileCluster('default', '{path}', 'LineAsString')",
    "filesystem": "filesystem('/etc')",
    "dictionary": "dictionary('d')",
    "merge": "merge('system', '.*')",
    "loop": "loop(system.one)",
    "input": "input('a String')",
    "view of file": "view(SELECT * FROM file('{path}', 'LineAsString'))",
    "view": "view(SELECT 1)",
    "viewIfPermitted": "viewIfPermitted(SELECT 1 ELSE null('a Int8'))",
    "viewExplain": "viewExplain('EXPLAIN', '', (SELECT 1))",
    "generateRandom": "generateRandom('a String')",
    "values": "values('a String', ('x'))",
    "null": "null('a String')",
    "zeros": "zeros(1)",
    "format": "format(CSV, 'a String', 'x')",
    "mergeTreeIndex": "mergeTreeIndex('telltale', 'spans')",
    "mergeTreeProjection": "mergeTreeProjection('telltale', 'spans', 'operations')",
    "timeSeriesSelector": "timeSeriesSelector('telltale', 'x', 'y', 0, 1)",
    "fuzzQuery": "fuzzQuery('SELECT 1')",
    "fuzzJSON": "fuzzJSON('c', json_str='1')",
    "python": "python('x')",
    "ytsaurus": "ytsaurus('http://127.0.0.1:{port}', '//t', 'x', 'a String')",
    "arrowFlight": "arrowFlight('127.0.0.1:{port}', 'd')",
}

FUNCTIONS = {
    "file": "file('{path}')",
    "FILE": "FILE('{path}')",
    "file by name": "arrayMap(file, ['{path}'])",
    "file by quoted name": "arrayMap(`file`, ['{path}'])",
    "file in a lambda": "arrayMap(x -> file(x), ['{path}'])",
    "file in mapApply": "mapApply((k, v) -> (k, file(v)), map('k', '{path}'))",
    "file in a condition": "if(1, file('{path}'), '')",
    "file in CASE": "CASE WHEN 1 THEN file('{path}') ELSE '' END",
    "file in an aggregate": "any(file('{path}'))",
    "file in OVER": "count() OVER (PARTITION BY file('{path}'))",
    "catboostEvaluate": "catboostEvaluate('{path}', 1)",
    "addressToLine": "addressToLine(1)",
    "addressToLineWithInlines": "addressToLineWithInlines(1)",
    "addressToSymbol": "addressToSymbol(1)",
    "sleep": "sleep(3)",
    "sleepEachRow": "sleepEachRow(3)",
    "hostName": "hostName()",
    "hostname": "hostname()",
    "FQDN": "FQDN()",
    "dictGet": "dictGet('d', 'a', 1)",
    "joinGet": "joinGet('system.one', 'a', 1)",
    "getSetting": "getSetting('max_threads')",
    "getServerSetting": "getServerSetting('max_concurrent_queries')",
    "getMacro": "getMacro('x')",
    "currentUser": "currentUser()",
    "user": "user()",
    "currentDatabase": "currentDatabase()",
    "currentRoles": "currentRoles()",
    "version": "version()",
    "buildId": "buildId()",
    "uptime": "uptime()",
    "tcpPort": "tcpPort()",
    "serverUUID": "serverUUID()",
    "filesystemAvailable": "filesystemAvailable()",
    "filesystemCapacity": "filesystemCapacity()",
    "getOSKernelVersion": "getOSKernelVersion()",
    "showCertificate": "showCertificate()",
    "hasColumnInTable": "hasColumnInTable('system', 'one', 'dummy')",
    "evalMLMethod": "evalMLMethod(1, 1)",
    "aiGenerate": "aiGenerate('x')",
    "aiEmbed": "aiEmbed('x')",
    "globalVariable": "@@version",
    "initialQueryID": "initialQueryID()",
    "logTrace": "logTrace('x')",
    "arrayReduce by text": "arrayReduce('sum', [1])",
    "initializeAggregation by text": "initializeAggregation('sum', 1)",
    "regionToName": "regionToName(1)",
    "zookeeperSessionUptime": "zookeeperSessionUptime()",
    "getClientHTTPHeader": "getClientHTTPHeader('x')",
    "chdb": "chdb('x')",
    "a state from a text": "CAST('x' AS AggregateFunction(uniq, String))",
    "a state from a type that is computed": "CAST('x', concat('Aggregate', 'Function(uniq, String)'))",
    "a state from a type with another name": "(WITH concat('Aggregate', 'Function(uniq, String)') AS t SELECT CAST('x', t))",
    "a state by accurateCastOrNull": "accurateCastOrNull('x', 'AggregateFunction(uniq, String)')",
    "a parameter": "{x:String}",
}

STATEMENTS = {
    "file in WITH": "WITH file('{path}') AS x SELECT x",
    "file in a lambda in WITH": "WITH x -> file(x) AS f SELECT f('{path}')",
    "file in a sub-query": "SELECT (SELECT * FROM file('{path}', 'LineAsString'))",
    "file in a sub-query of FROM": "SELECT * FROM (SELECT * FROM file('{path}', 'LineAsString'))",
    "file in a common table": "WITH t AS (SELECT * FROM file('{path}', 'LineAsString')) SELECT * FROM t",
    "file in IN": "SELECT 1 WHERE 'x' IN (SELECT * FROM file('{path}', 'LineAsString'))",
    "file in EXISTS": "SELECT EXISTS(SELECT * FROM file('{path}', 'LineAsString'))",
    "file in JOIN": "SELECT * FROM spans JOIN file('{path}', 'LineAsString') AS f ON f.line = spans.name",
    "file in UNION": "SELECT '' UNION ALL SELECT file('{path}')",
    "file in INTERSECT": "SELECT '' INTERSECT SELECT file('{path}')",
    "file in ORDER BY": "SELECT 1 ORDER BY file('{path}')",
    "file in LIMIT BY": "SELECT 1 LIMIT 1 BY file('{path}')",
    "file in LIMIT": "SELECT 1 LIMIT length(file('{path}'))",
    "file in GROUP BY": "SELECT 1 GROUP BY file('{path}')",
    "file in HAVING": "SELECT count() HAVING file('{path}') = ''",
    "file in QUALIFY": "SELECT count() OVER () QUALIFY file('{path}') = ''",
    "file in WINDOW": "SELECT count() OVER w FROM spans WINDOW w AS (PARTITION BY file('{path}'))",
    "file in ARRAY JOIN": "SELECT x FROM spans ARRAY JOIN [file('{path}')] AS x",
    "file in REPLACE": "SELECT * REPLACE (file('{path}') AS name) FROM spans",
    "file by APPLY": "SELECT * APPLY file FROM (SELECT '{path}')",
    "file in a lambda of APPLY": "SELECT * APPLY (x -> file(x)) FROM (SELECT '{path}')",
    "file in INTERPOLATE": "SELECT name FROM spans ORDER BY start WITH FILL INTERPOLATE (name AS file('{path}'))",
    "file in a numbers argument": "SELECT * FROM numbers(length(file('{path}')))",
    "a quoted path": "SELECT * FROM '{path}'",
    "a quoted path in backquotes": "SELECT * FROM `{path}`",
    "a path in our database": "SELECT * FROM telltale_sql.`{path}`",
    "a path in the default database": "SELECT * FROM default.`{path}`",
    "a path in a database of files": "SELECT * FROM file.`{path}`",
    "DESCRIBE file": "DESCRIBE file('{path}')",
    "DESCRIBE TABLE file": "DESCRIBE TABLE file('{path}', 'LineAsString')",
    "DESCRIBE url": "DESCRIBE url('http://127.0.0.1:{port}/x')",
    "DESCRIBE s3": "DESCRIBE s3('http://127.0.0.1:{port}/b/x')",
    "DESCRIBE a view": "DESCRIBE spans",
    "INTO OUTFILE": "SELECT 1 INTO OUTFILE '{out}'",
    "INTO OUTFILE with its bracket": "SELECT 1) INTO OUTFILE '{out}' -- ",
    "INTO OUTFILE behind a closed bracket": "SELECT 1) INTO OUTFILE '{out}' FORMAT CSV SETTINGS max_threads = (1",
    "INTO OUTFILE APPEND": "SELECT 1 INTO OUTFILE '{out}' APPEND",
    "INTO OUTFILE AND STDOUT": "SELECT 1 INTO OUTFILE '{out}' AND STDOUT",
    "EXPLAIN INTO OUTFILE": "EXPLAIN SELECT 1 INTO OUTFILE '{out}'",
    "FORMAT": "SELECT 1 FORMAT TSV",
    "FORMAT Null": "SELECT 1 FORMAT Null",
    "INSERT INTO FUNCTION": "INSERT INTO FUNCTION file('{out}', 'CSV', 'a String') SELECT 'x'",
    "INSERT": "INSERT INTO telltale.spans (name) VALUES ('x')",
    "INSERT into a view": "INSERT INTO spans (name) VALUES ('x')",
    "ALTER DELETE": "ALTER TABLE telltale.spans DELETE WHERE 1",
    "DELETE": "DELETE FROM telltale.spans WHERE 1",
    "UPDATE": "UPDATE telltale.spans SET name = 'x' WHERE 1",
    "DROP TABLE": "DROP TABLE telltale.spans",
    "DROP VIEW": "DROP VIEW spans",
    "DROP DATABASE": "DROP DATABASE telltale",
    "TRUNCATE": "TRUNCATE TABLE telltale.spans",
    "OPTIMIZE": "OPTIMIZE TABLE telltale.spans FINAL",
    "RENAME": "RENAME TABLE telltale.spans TO telltale.x",
    "EXCHANGE": "EXCHANGE TABLES telltale.spans AND telltale.logs",
    "DETACH": "DETACH TABLE telltale.spans",
    "BACKUP": "BACKUP DATABASE telltale TO File('{out}')",
    "RESTORE": "RESTORE DATABASE telltale FROM File('{out}')",
    "ATTACH": "ATTACH TABLE telltale.x",
    "ATTACH FROM": "ATTACH TABLE x FROM '{path}' (a String) ENGINE = File(CSV)",
    "CREATE TABLE": "CREATE TABLE telltale.x (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE": "CREATE TEMPORARY TABLE x (a Int8)",
    "CREATE TABLE AS file": "CREATE TABLE x AS file('{path}')",
    "CREATE VIEW": "CREATE VIEW x AS SELECT 1",
    "CREATE MATERIALIZED VIEW": "CREATE MATERIALIZED VIEW x ENGINE = Memory AS SELECT 1",
    "CREATE DATABASE": "CREATE DATABASE x",
    "CREATE DICTIONARY": "CREATE DICTIONARY d (a Int8) PRIMARY KEY a SOURCE(FILE(path '{path}' format 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
    "CREATE FUNCTION": "CREATE FUNCTION f AS x -> file(x)",
    "CREATE NAMED COLLECTION": "CREATE NAMED COLLECTION c AS a = 1",
    "CREATE USER": "CREATE USER u",
    "GRANT": "GRANT ALL ON *.* TO default",
    "EXECUTE AS": "EXECUTE AS default SELECT 1",
    "SYSTEM STOP MERGES": "SYSTEM STOP MERGES",
    "SYSTEM SHUTDOWN": "SYSTEM SHUTDOWN",
    "SYSTEM FLUSH LOGS": "SYSTEM FLUSH LOGS",
    "KILL QUERY": "KILL QUERY WHERE 1",
    "KILL MUTATION": "KILL MUTATION WHERE 1",
    "SET readonly": "SET readonly = 0",
    "SET max_memory_usage": "SET max_memory_usage = 0",
    "SETTINGS": "SELECT 1 SETTINGS max_execution_time = 1000",
    "SETTINGS of the same value": "SELECT 1 SETTINGS max_threads = 2",
    "SETTINGS in a sub-query": "SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)",
    "SETTINGS in a common table": "WITH t AS (SELECT 1 SETTINGS readonly = 0) SELECT * FROM t",
    "SET ROLE": "SET ROLE owner",
    "SET ROLE ALL": "SET ROLE ALL",
    "SET DEFAULT ROLE": "SET DEFAULT ROLE owner TO default",
    "USE": "USE telltale",
    "BEGIN TRANSACTION": "BEGIN TRANSACTION",
    "two statements": "SELECT 1; SELECT 2",
    "a read and a write": "SELECT 1; DROP TABLE telltale.spans",
    "a read and something that is none": "SELECT 1; DROP TABLE telltale.spans; SELEC",
    "two statements in brackets": "SELECT 1); DROP TABLE telltale.spans; SELECT (2",
    "PARALLEL WITH": "SELECT 1 PARALLEL WITH SELECT 2",
    "PARALLEL WITH a write": "INSERT INTO telltale.spans (name) SELECT 'x' PARALLEL WITH INSERT INTO telltale.logs (body) SELECT 'x'",
    "EXPLAIN": "EXPLAIN SELECT 1",
    "EXPLAIN as a table": "SELECT * FROM (EXPLAIN SELECT 1)",
    "SHOW TABLES": "SHOW TABLES",
    "SHOW DATABASES": "SHOW DATABASES",
    "SHOW PROCESSLIST": "SHOW PROCESSLIST",
    "SHOW GRANTS": "SHOW GRANTS",
    "SHOW CREATE": "SHOW CREATE TABLE spans",
    "EXISTS": "EXISTS TABLE telltale.spans",
    "CHECK TABLE": "CHECK TABLE telltale.spans",
    "VALUES": "VALUES (1)",
    "VALUES as a table": "SELECT * FROM (VALUES (1))",
    "a base table": "SELECT * FROM telltale.spans",
    "a base table that no view has": "SELECT * FROM telltale.content",
    "the migrations": "SELECT * FROM telltale.migrations",
    "a base table in IN": "SELECT 1 WHERE 1 IN telltale.migrations",
    "a base table in NOT IN": "SELECT 1 WHERE 1 NOT IN telltale.migrations",
    "a base table in GLOBAL IN": "SELECT 1 WHERE 1 GLOBAL IN telltale.migrations",
    "a system table in IN": "SELECT 1 WHERE 1 IN system.one",
    "a quoted system table in IN": "SELECT 1 WHERE 1 IN `system`.`one`",
    "a quoted system table": 'SELECT * FROM "system"."one"',
    "a system table in JOIN": "SELECT * FROM spans, system.one",
    "a system table in ARRAY JOIN": "SELECT * FROM spans ARRAY JOIN system.one",
    "a column of a system table": "SELECT system.one.dummy FROM spans",
    "information_schema": "SELECT * FROM information_schema.tables",
    "INFORMATION_SCHEMA": "SELECT * FROM INFORMATION_SCHEMA.TABLES",
    "a name that is a line of the tree": "SELECT 1 AS `x\\n     Literal \\'y\\'`",
    "a name with a real line break": "SELECT 1 AS `x\n    Literal 1`",
    "a table's name with a line break": "SELECT * FROM `x\ny`",
    "a sample": "SELECT * FROM spans SAMPLE 1/10",
    "COPY": "COPY (SELECT 1) TO '{out}'",
    "WATCH": "WATCH spans",
    "nothing": "",
    "a semicolon": ";",
    "a comment": "-- hello",
    "an open comment": "SELECT 1 /*",
    "an open text": "SELECT 'x",
}

SYSTEM_TABLES = """
    aggregate_function_combinators asynchronous_inserts asynchronous_loader asynchronous_metrics
    backups build_options certificates clusters codecs collations columns contributors current_roles
    dashboards data_skipping_indices data_type_families databases detached_parts detached_tables
    dictionaries disks dns_cache dropped_tables dropped_tables_parts enabled_roles error_log errors
    events filesystem_cache filesystem_cache_settings formats functions grants graphite_retentions
    histogram_metrics iceberg_history jemalloc_bins keywords kafka_consumers licenses macros
    merge_tree_settings merges metrics models moves mutations named_collections numbers numbers_mt
    one part_moves_between_shards parts parts_columns primes privileges processes projection_parts
    projections query_cache query_condition_cache query_log quota_limits quota_usage quotas
    quotas_usage remote_data_paths replicas replicated_fetches replicated_merge_tree_settings
    replication_queue resources role_grants roles row_policies scheduler schema_inference_cache
    server_settings session_log settings settings_changes settings_profile_elements
    settings_profiles stack_trace storage_policies symbols table_engines table_functions tables
    text_log time_zones trace_log unicode user_directories user_processes users view_refreshes
    views warnings workloads zeros zeros_mt zookeeper
""".split()


@pytest.fixture(scope="module")
def listener():
    """A port where nobody may call."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        stop = threading.Event()

        def accept():
            while not stop.is_set():
                try:
                    calls.append(listening.accept())
                except TimeoutError:
                    pass

        thread = threading.Thread(target=accept)
        thread.start()
        yield listening.getsockname()[1], calls
        stop.set()
        thread.join()


def refuse(server, query, secret, listener, tmp_path):
    """The message of the gate that closed: not an error of the engine, which could be chance."""
    port, calls = listener
    out = tmp_path / "out"
    for name, value in {"path": secret, "out": out, "port": port}.items():
        query = query.replace("{" + name + "}", str(value))
    begun = time.monotonic()
    answer = post(server, query)
    assert answer.status_code == 400, f"{query}: {answer.status_code} {answer.text[:1000]}"
    error = answer.json()
    assert error["code"] == "invalid_input"
    assert re.match("check the statement: |read the statement: syntax error at ", error["message"]), error
    assert SECRET not in answer.text and not out.exists() and not calls
    assert time.monotonic() - begun < 5
    return error["message"]


@pytest.mark.parametrize("name", STATEMENTS)
def test_refuses_the_statement(server, secret, listener, tmp_path, name):
    refuse(server, STATEMENTS[name], secret, listener, tmp_path)


@pytest.mark.parametrize("name", TABLE_FUNCTIONS)
def test_refuses_the_table_function(server, secret, listener, tmp_path, name):
    refuse(server, f"SELECT * FROM {TABLE_FUNCTIONS[name]}", secret, listener, tmp_path)


@pytest.mark.parametrize("name", TABLE_FUNCTIONS)
def test_refuses_to_describe_the_table_function(server, secret, listener, tmp_path, name):
    refuse(server, f"DESCRIBE TABLE {TABLE_FUNCTIONS[name]}", secret, listener, tmp_path)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_refuses_the_function(server, secret, listener, tmp_path, name):
    refuse(server, f"SELECT {FUNCTIONS[name]}", secret, listener, tmp_path)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_refuses_the_function_over_a_view(server, secret, listener, tmp_path, name):
    refuse(server, f"SELECT service FROM spans WHERE toString({FUNCTIONS[name]}) = 'x'", secret, listener, tmp_path)


@pytest.mark.parametrize("table", SYSTEM_TABLES)
def test_refuses_the_system_table(server, secret, listener, tmp_path, table):
    message = refuse(server, f"SELECT * FROM system.{table}", secret, listener, tmp_path)
    assert f"system.{table}" in message


def test_the_server_goes_on_after_all_of_that(server):
    assert server.alive()
    assert ask(server, "SELECT 1 AS one") == [{"one": 1}]
    assert server.api.get("/api/v1/stats")["spans_stored"] is not None


# --- what must work --------------------------------------------------------------------

LARGE = "a long story " * 100


def logs_request(trace_id, span_id, start):
    made = signals.LogsRequest()
    of = made.resource_logs.add(resource=resource_pb2.Resource(attributes=otlp.key_values({"service.name": "shop"})))
    scope = of.scope_logs.add()
    scope.scope.name = "lib"
    for body, name in (("payment failed", "payment"), (LARGE, "")):
        scope.log_records.append(
            logs_pb2.LogRecord(
                time_unix_nano=start + 5,
                trace_id=trace_id,
                span_id=span_id,
                severity_number=17,
                severity_text="ERROR",
                event_name=name,
                body=otlp.any_value(body),
                attributes=otlp.key_values({"attempt": 2}),
            )
        )
    return made


def metrics_request(start):
    made = signals.MetricsRequest()
    of = made.resource_metrics.add(resource=resource_pb2.Resource(attributes=otlp.key_values({"service.name": "shop"})))
    scope = of.scope_metrics.add()
    scope.metrics.append(
        metrics_pb2.Metric(
            name="queue.length",
            unit="{job}",
            description="Jobs that wait.",
            sum=metrics_pb2.Sum(
                aggregation_temporality=metrics_pb2.AGGREGATION_TEMPORALITY_CUMULATIVE,
                is_monotonic=True,
                data_points=[
                    metrics_pb2.NumberDataPoint(
                        time_unix_nano=start, start_time_unix_nano=start - 10, as_int=2**60 + 1, attributes=otlp.key_values({"q": "a"})
                    )
                ],
            ),
        )
    )
    scope.metrics.append(
        metrics_pb2.Metric(
            name="latency",
            histogram=metrics_pb2.Histogram(
                aggregation_temporality=metrics_pb2.AGGREGATION_TEMPORALITY_DELTA,
                data_points=[
                    metrics_pb2.HistogramDataPoint(
                        time_unix_nano=start, count=3, sum=1.5, min=0.25, bucket_counts=[1, 2], explicit_bounds=[0.5]
                    )
                ],
            ),
        )
    )
    return made


class Told:
    """One trace of two services with a call in it, two log records, two points of metrics."""

    def __init__(self, server):
        self.server = server
        self.start = time.time_ns() - 60 * otlp.SECOND
        trace_id = otlp.new_trace_id()
        root = otlp.span(
            trace_id,
            "request",
            start=self.start,
            duration=3 * otlp.SECOND,
            kind=otlp.Span.SPAN_KIND_SERVER,
            attributes={"text": "hello", "count": 3, "ratio": 0.5, "yes": True, "large": LARGE, "list": [1, "b"]},
            events=[otlp.event("exception", a=1)],
            trace_state="c=d",
        )
        call = chat(trace_id, parent=root.span_id, start=self.start + 1, duration=otlp.SECOND, user="ann", error="429")
        call.attributes.extend(otlp.key_values({"gen_ai.conversation.id": "conv-1"}))
        with otlp.HttpDoor(server.otlp_http) as door:
            resource = {"pid": 7, "on": True, "load": 0.5, "tags": ["a"], "quote": 'say "hi"'}
            door.send(otlp.request([root], service="shop", scope="lib", scope_version="2", resource=resource))
            door.send(otlp.request([call], service="model"))
            for message, path in (
                (logs_request(trace_id, root.span_id, self.start), "/v1/logs"),
                (metrics_request(self.start), "/v1/metrics"),
            ):
                assert door.post(message.SerializeToString(), path=path).status_code == 200
        stored(server.api)
        eventually(lambda: ask(server, "SELECT count() AS n FROM metrics"), lambda rows: rows == [{"n": "2"}])
        self.trace_id, self.root_id, self.call_id = trace_id.hex(), root.span_id.hex(), call.span_id.hex()

    def ask(self, query, **more):
        return ask(self.server, query, **more)


@pytest.fixture(scope="module")
def told(server):
    return Told(server)


def schema(server):
    return {view["name"]: view for view in server.api.get("/api/v1/sql/schema")["items"]}


def test_the_schema_is_what_the_views_have(server):
    views = schema(server)
    assert set(views) == {"spans", "calls", "logs", "metrics", "traces", "conversations"}
    for name, view in views.items():
        answer = post(server, f"SELECT * FROM {name} LIMIT 0")
        assert answer.status_code == 200, answer.text
        assert answer.json()["columns"] == [{"name": c["name"], "type": c["type"]} for c in view["columns"]], name
        assert view["about"].endswith(".") and all(c["about"] for c in view["columns"])


def test_spans(told):
    (root,) = told.ask(f"SELECT *, toUnixTimestamp64Nano(start) AS at FROM spans WHERE span_id = '{told.root_id}'")
    assert root["trace_id"] == told.trace_id and root["parent_id"] == ""
    assert root["at"] == str(told.start), "64 bits are a text: a double would not hold them"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}", root["start"])
    assert root["duration_ns"] == str(3 * otlp.SECOND)
    assert (root["service"], root["name"], root["kind"], root["status"]) == ("shop", "request", "server", "unset")
    assert root["attributes"] == {
        "text": "hello",
        "count": "3",
        "ratio": "0.5",
        "yes": "true",
        "large": "<large value>",
        "list": '{"arrayValue":{"values":[{"intValue":"1"},{"stringValue":"b"}]}}',
    }
    assert root["resource_attributes"] == {
        "service.name": "shop",
        "pid": "7",
        "on": "true",
        "load": "0.5",
        "tags": '{"values":[{"stringValue":"a"}]}',
        "quote": 'say "hi"',
    }
    assert (root["scope_name"], root["scope_version"], root["trace_state"]) == ("lib", "2", "c=d")
    assert json.loads(root["events"])[0]["name"] == "exception" and root["links"] == ""
    (call,) = told.ask(f"SELECT parent_id, kind, status, status_message FROM spans WHERE span_id = '{told.call_id}'")
    assert (call["parent_id"], call["status"], call["status_message"]) == (told.root_id, "error", "429")
    assert told.ask("SELECT name FROM spans WHERE attributes['text'] = 'hello'") == [{"name": "request"}]


def test_calls(told):
    (call,) = told.ask("SELECT * FROM calls")
    assert (call["trace_id"], call["span_id"], call["parent_id"]) == (told.trace_id, told.call_id, told.root_id)
    assert (call["kind"], call["provider"], call["model"], call["user"]) == ("llm", "openai", "gpt-4o", "ann")
    assert (call["input_tokens"], call["output_tokens"]) == ("1000", "100")
    assert call["reasoning_tokens"] is None and call["time_to_first_token"] is None
    assert call["failed"] is True and call["counts"] is True and call["cost_status"] == "computed"
    (item,) = told.server.api.get("/api/v1/calls", trace_id=told.trace_id)["items"]
    assert call["cost"] == pytest.approx(item["call"]["cost"]["total"]) and call["cost"] > 0


def test_logs(told):
    small, large = told.ask("SELECT * FROM logs ORDER BY event_name DESC")
    assert (small["trace_id"], small["span_id"], small["service"]) == (told.trace_id, told.root_id, "shop")
    assert (small["severity"], small["severity_text"], small["body"]) == (17, "ERROR", "payment failed")
    assert small["attributes"] == {"attempt": "2"} and small["scope_name"] == "lib"
    assert large["body"] == "<large value>"


def test_metrics(told):
    latency, queue = told.ask("SELECT * FROM metrics ORDER BY name")
    assert (queue["type"], queue["temporality"], queue["monotonic"]) == ("sum", "cumulative", True)
    assert queue["integer"] == str(2**60 + 1) and queue["value"] == pytest.approx(2**60)
    assert queue["attributes"] == {"q": "a"} and queue["unit"] == "{job}"
    assert (latency["type"], latency["count"], latency["sum"], latency["min"]) == ("histogram", "3", 1.5, 0.25)
    assert latency["value"] is None and latency["max"] is None and latency["integer"] is None
    assert "bucketCounts" in latency["shape"]


def test_traces(told):
    (trace,) = told.ask(f"SELECT * FROM traces WHERE trace_id = '{told.trace_id}'")
    assert (trace["service"], trace["name"], trace["root_missing"]) == ("shop", "request", False)
    assert (trace["spans"], trace["errors"], trace["services"]) == ("2", "1", ["model", "shop"])
    assert trace["duration_ns"] == str(3 * otlp.SECOND)


def test_conversations(told):
    (conversation,) = told.ask("SELECT * FROM conversations")
    assert (conversation["conversation"], conversation["calls"], conversation["errors"]) == ("conv-1", "1", "1")
    assert (conversation["input_tokens"], conversation["output_tokens"]) == ("1000", "100")
    assert conversation["models"] == ["gpt-4o"] and conversation["users"] == ["ann"]
    assert conversation["cost"] == told.ask("SELECT sum(cost) AS c FROM calls")[0]["c"]


ORDINARY = [
    "SELECT model, sum(cost) AS c, quantile(0.95)(duration_ns) FROM calls GROUP BY model ORDER BY c DESC",
    "SELECT toStartOfHour(start) AS h, countIf(failed) / count() FROM calls GROUP BY h ORDER BY h",
    "WITH slow AS (SELECT * FROM spans WHERE duration_ns > 10) SELECT service, count() FROM slow GROUP BY ALL",
    "SELECT s.name, c.model FROM spans AS s JOIN calls AS c ON s.trace_id = c.trace_id AND s.span_id = c.parent_id",
    "SELECT user FROM calls WHERE user != '' GROUP BY user",
    "SELECT name FROM spans WHERE trace_id IN (SELECT trace_id FROM calls WHERE failed)",
    "SELECT name FROM spans WHERE service IN ('shop', 'model')",
    "SELECT arrayJoin(mapKeys(attributes)) AS key, count() FROM spans GROUP BY key",
    "SELECT arrayMap(x -> x * 2, [1, 2]), arrayMap(lower, ['A']), arrayFold((a, x) -> a + x, [1, 2], 0::Int64)",
    "SELECT name, row_number() OVER (PARTITION BY service ORDER BY start) FROM spans",
    "SELECT name, lagInFrame(start) OVER w FROM spans WINDOW w AS (ORDER BY start)",
    "SELECT CASE WHEN status = 'error' THEN 1 ELSE 0 END, service ILIKE 'S%', duration_ns BETWEEN 1 AND 2 FROM spans",
    "SELECT CASE service WHEN 'shop' THEN 1 ELSE 0 END FROM spans",
    "SELECT toDateTime('2026-01-01 00:00:00') + INTERVAL 1 DAY, DATE '2026-01-01', now() - toIntervalHour(1)",
    "SELECT number, number::String FROM numbers(3)",
    "SELECT * EXCEPT (attributes), COLUMNS('^scope') FROM spans LIMIT 1",
    "SELECT * REPLACE (upper(name) AS name) FROM spans LIMIT 1",
    "SELECT service, count() FROM spans GROUP BY ROLLUP(service) WITH TOTALS",
    "SELECT service FROM spans UNION ALL SELECT service FROM logs",
    "SELECT service FROM spans EXCEPT SELECT service FROM logs",
    "SELECT uniqExactIf(trace_id, status = 'error'), sumMap(map('a', 1)), avgOrNull(duration_ns) FROM spans",
    "SELECT topK(3)(name), groupArrayDistinct(service), argMax(name, start), countDistinct(name) FROM spans",
    "SELECT JSONExtractString(events, 1, 'name'), extract(name, 'r.*'), splitByChar('.', name)[1] FROM spans",
    "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t",
    "SELECT 'it''s; -- no comment /* here */ `x` \\n', \"service\" FROM spans -- a comment; here\n",
    "  SELECT /* ; */ 1 ;  \n;",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "FROM spans SELECT count()",
    "SELECT start AS version, name AS hostname FROM spans",
    "SELECT if(count() = 0, NULL, 1) FROM spans WHERE start > now() - INTERVAL 1 HOUR",
    "SELECT name FROM spans ORDER BY start DESC NULLS LAST LIMIT 1 BY service LIMIT 1 OFFSET 0",
    "SELECT toStartOfMinute(start) AS t, count() FROM spans GROUP BY t ORDER BY t WITH FILL STEP toIntervalMinute(1) LIMIT 5",
    "SELECT a FROM (SELECT [1, 2] AS xs) ARRAY JOIN xs AS a",
    "SELECT 1 AS `a b`, 'x' AS \"c-d\"",
    "SELECT '\\n\\t' AS x",
    "SELECT $$it's$$ AS heredoc",
    "SELECT bar(duration_ns, 0, 5000000000, 20), formatReadableTimeDelta(duration_ns / 1e9) FROM spans",
]


@pytest.mark.parametrize("query", ORDINARY)
def test_ordinary_questions_are_answered(told, query):
    told.ask(query)


def test_json_of_every_kind_of_value(server):
    (row,) = ask(
        server,
        "SELECT 1::UInt8 AS u8, 9007199254740993::Int64 AS i64, 0.1 AS f, nan AS n, inf AS i, true AS b, NULL AS z,"
        " [1, 2]::Array(UInt8) AS a, map('k', 1::UInt8) AS m, (1::UInt8, 'x') AS t, '\\xff\\n\"/' AS s,"
        " toDate('2026-01-02') AS d, toDecimal64(1.5, 3) AS c, toUUID('00000000-0000-0000-0000-000000000001') AS u",
    )
    assert row == {
        "u8": 1, "i64": "9007199254740993", "f": 0.1, "n": None, "i": None, "b": True, "z": None,
        "a": [1, 2], "m": {"k": 1}, "t": [1, "x"], "s": '\ufffd\n"/',
        "d": "2026-01-02", "c": 1.5, "u": "00000000-0000-0000-0000-000000000001",
    }  # fmt: skip


def test_nothing_found_still_names_the_columns(server):
    body = post(server, "SELECT name, duration_ns FROM spans WHERE service = 'nobody'").json()
    assert body["rows"] == [] and body["truncated"] is False
    assert body["columns"] == [
        {"name": "name", "type": "LowCardinality(String)"},
        {"name": "duration_ns", "type": "Int64"},
    ]


# --- limits ------------------------------------------------------------------------------


def test_rows_are_cut_at_the_limit_and_it_says_so(server):
    body = post(server, "SELECT number FROM numbers(1000000)", limit=7).json()
    assert [row[0] for row in body["rows"]] == [str(n) for n in range(7)] and body["truncated"] is True
    body = post(server, "SELECT number FROM numbers(7)", limit=7).json()
    assert len(body["rows"]) == 7 and body["truncated"] is False
    body = post(server, "SELECT number FROM numbers(20000)").json()
    assert len(body["rows"]) == 10_000 and body["truncated"] is True
    body = post(server, "SELECT 1 FROM numbers(5) UNION ALL SELECT 2 FROM numbers(5)", limit=7).json()
    assert len(body["rows"]) == 7 and body["truncated"] is True
    body = post(server, "SELECT number % 2 AS x FROM numbers(100) ORDER BY x LIMIT 1 WITH TIES", limit=7).json()
    assert len(body["rows"]) == 7 and body["truncated"] is True


def test_the_newest_rows_come_first_also_where_they_are_cut(server):
    body = post(server, "SELECT number FROM numbers(1000000) ORDER BY number DESC", limit=3).json()
    assert [row[0] for row in body["rows"]] == ["999999", "999998", "999997"]


def test_the_limit_is_of_the_answer_not_of_what_it_is_made_of(server):
    assert ask(server, "SELECT count() AS n FROM (SELECT number FROM numbers(1000))", limit=1) == [{"n": "1000"}]
    assert ask(server, "SELECT count() AS n FROM numbers(1000) WHERE number IN (SELECT number FROM numbers(500))", limit=1) == [
        {"n": "500"}
    ]


def test_bytes_are_cut_too(server):
    body = post(server, "SELECT repeat('x', 100000) FROM numbers(1000)", limit=1000).json()
    assert body["truncated"] is True and 150 < len(body["rows"]) < 170


@pytest.mark.parametrize(
    "query",
    [
        "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)",
        "SELECT number FROM numbers(1000000000000) WHERE sipHash64(number) = 0",
        "SELECT count() FROM numbers(10000000) AS a CROSS JOIN numbers(1000000) AS b WHERE sipHash64(a.number, b.number) = 0",
    ],
)
def test_time_is_limited(server, query):
    begun = time.monotonic()
    answer = post(server, query, timeout_seconds=0.5)
    assert answer.status_code == 422 and answer.json()["code"] == "over_limit", answer.text
    assert "imeout exceeded" in answer.json()["message"] and time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "query",
    [
        "SELECT groupArray(number) FROM numbers(1000000000)",
        "SELECT uniqExact(number) FROM numbers(1000000000)",
        "SELECT range(1000000000)",
        "SELECT repeat('x', 1000000000)",
        "SELECT arraySum(arrayMap(x -> arraySum(arrayMap(y -> sipHash64(x, y), range(100000))), range(100000)))",
        "SELECT number FROM numbers(1000000000) ORDER BY sipHash64(number) LIMIT 100000000",
        "SELECT count() FROM numbers(1000) AS a JOIN numbers(100000000) AS b ON a.number = b.number + 1",
    ],
)
def test_memory_is_limited(server, query):
    answer = post(server, query, timeout_seconds=60)
    assert answer.status_code in (400, 422), answer.text[:1000]
    assert answer.json()["code"] in ("over_limit", "invalid_input"), answer.text[:1000]
    assert server.alive()


def test_a_statement_that_nests_too_deep_is_refused(server):
    for query in ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "SELECT " + "not " * 20000 + "1", "SELECT 1" + "+1" * 20000):
        answer = post(server, query)
        assert answer.status_code in (400, 422), answer.text[:300]
    assert server.alive()


def test_a_long_statement_is_refused_and_a_fairly_long_one_is_not(server):
    assert post(server, f"SELECT '{'x' * 70_000}'").status_code == 400
    assert post(server, f"SELECT length('{'x' * 60_000}') AS n").json()["rows"] == [["60000"]]


def running(server):
    """Statements in the engine cannot be seen from outside; the server's CPU time can."""
    fields = open(f"/proc/{server.pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def test_a_client_that_goes_away_ends_its_statement(server):
    query = json.dumps({"query": "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)", "timeout_seconds": 60})
    head = (
        f"POST /api/v1/sql HTTP/1.1\r\nHost: {server.http}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(query)}\r\n\r\n"
    )
    host, port = server.http.rsplit(":", 1)
    # Three in a row: only two may run at a time, so each must have ended before the next but one.
    for _ in range(3):
        with socket.create_connection((host, int(port))) as client:
            client.sendall((head + query).encode())
            time.sleep(0.3)
    eventually(
        lambda: post(server, "SELECT 1").status_code, lambda status: status == 200, deadline_s=5, what="a free place"
    )
    before = running(server)
    time.sleep(1)
    assert running(server) - before < 50, "nothing works on"


def test_only_two_run_at_a_time(server):
    slow = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"
    threads = [threading.Thread(target=post, args=(server, slow), kwargs={"timeout_seconds": 2}) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    answer = post(server, "SELECT 1")
    assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
    assert server.api.get("/api/v1/services") is not None, "everything else is answered"
    for thread in threads:
        thread.join()
    assert post(server, "SELECT 1").status_code == 200


# --- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, message, hint",
    [
        ("SELECT nme FROM spans", "answer the statement: Unknown expression identifier `nme`. Maybe you meant: ['name']", ""),
        ("SELECT 1 FROM span", "answer the statement: Unknown table expression identifier 'span'", "the tables are those"),
        ("SELECT * FROM spans WHER 1", "read the statement: syntax error at position 26: 1", "expected "),
        ("SELECT *\nFROM spans\nWHERE ORDER BY 1", "read the statement: syntax error at line 3, column 13: BY", "expected "),
        ("SELECT foo(1)", "check the statement: the function 'foo' is not available", "docs/reference/sql.md"),
        ("SELECT 'a' + 1", "answer the statement: Illegal types String and UInt8 of arguments of function plus", ""),
        ("SELECT toUInt8('x')", "answer the statement: Cannot parse string 'x' as UInt8", ""),
        ("SELECT throwIf(1)", "answer the statement: Value passed to 'throwIf' function is non-zero", ""),
    ],
)
def test_an_error_says_what_is_wrong_and_nothing_of_the_engines_own(server, query, message, hint):
    answer = post(server, query)
    assert answer.status_code == 400, answer.text
    error = answer.json()
    assert error["code"] == "invalid_input" and error["message"].startswith(message), error
    assert error["hint"].startswith(hint)
    assert not re.search(r"DB::|Code: |telltale_sql|26\.7|__table|ScopeNode|\([A-Z_]+\)$", answer.text), answer.text


def test_an_error_after_some_rows_is_an_error(server):
    answer = post(server, "SELECT throwIf(number = 100000) FROM numbers(1000000)", limit=1_000_000)
    assert answer.status_code == 400 and "throwIf" in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"query": 1}', '{"query": null}', '{"query": "SELECT 1", "limit": 0}',
        '{"query": "SELECT 1", "limit": 1.5}', '{"query": "SELECT 1", "limit": "5"}',
        '{"query": "SELECT 1", "limit": 1000001}', '{"query": "SELECT 1", "timeout_seconds": 0}',
        '{"query": "SELECT 1", "timeout_seconds": 301}', '{"query": "SELECT 1", "settings": {}}',
    ],
)  # fmt: skip
def test_a_body_that_is_wrong_is_refused(server, body):
    answer = requests.post(f"http://{server.http}/api/v1/sql", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["message"].startswith("read body: "), answer.text


def test_a_form_of_another_site_is_refused(server):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = requests.post(
            f"http://{server.http}/api/v1/sql", data='{"query": "SELECT 1"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 400, kind
    assert requests.get(f"http://{server.http}/api/v1/sql?query=SELECT+1").status_code == 405


# --- telltale sql --------------------------------------------------------------------------


def test_the_command_prints_a_table_csv_and_json(told):
    server = f"http://{told.server.http}"
    query = "SELECT service, count() AS n, NULL AS nothing FROM spans GROUP BY service ORDER BY service"
    table = run("sql", query, "--server", server)
    assert table.returncode == 0, table.stderr
    assert table.stdout == "service  n  nothing\nmodel    1  NULL\nshop     1  NULL\n"
    assert re.match(r"2 rows in .*, 2 rows read\n$", table.stderr), table.stderr
    csv = run("sql", query, "--csv", "--server", server)
    assert csv.stdout == "service,n,nothing\nmodel,1,\nshop,1,\n" or csv.stdout == "service,n,nothing\r\nmodel,1,\r\nshop,1,\r\n"
    assert json.loads(run("sql", query, "--json", "--server", server).stdout)["rows"] == [["model", "1", None], ["shop", "1", None]]


def test_the_command_reads_the_statement_from_its_input(told):
    got = subprocess.run(
        [str(BINARY), "sql", "--server", f"http://{told.server.http}", "--csv"],
        input="SELECT\n  count() AS n -- all of them\nFROM spans;\n",
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
    )
    assert got.stdout.split() == ["n", "2"], got.stderr


def test_the_command_shows_the_schema(server):
    shown = run("sql", "--schema", "--server", f"http://{server.http}")
    assert shown.returncode == 0 and "conversations" in shown.stdout and "duration_ns" in shown.stdout


def test_the_command_says_what_is_refused(server):
    refused = run("sql", "SELECT file('/etc/passwd')", "--server", f"http://{server.http}")
    assert refused.returncode == 2 and refused.stdout == ""
    assert refused.stderr.startswith("error: check the statement: the function 'file' is not available\nhint: ")


def test_a_statement_that_is_cut_says_so(server):
    cut = run("sql", "SELECT number FROM numbers(10)", "--limit", "3", "--server", f"http://{server.http}")
    assert cut.stdout.split() == ["number", "0", "1", "2"] and "there are more rows: --limit shows more" in cut.stderr


# --- the server's life -----------------------------------------------------------------------


def test_times_are_utc_whatever_the_machine_says(server):
    (row,) = ask(server, "SELECT timezone() AS zone, toDateTime('2026-01-02 03:04:05') AS t, toUnixTimestamp(t) AS s")
    assert row == {"zone": "UTC", "t": "2026-01-02 03:04:05", "s": 1767323045}


def test_refused_statements_are_counted(server):
    before = server.api.counters()["sql_statements_refused"]
    assert post(server, "SELECT file('x')").status_code == 400
    assert post(server, "SELECT 1").status_code == 200
    assert server.api.counters()["sql_statements_refused"] == before + 1


def test_a_server_stops_while_a_statement_runs(fresh_server):
    server = fresh_server()
    slow = "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"

    def ask_slowly():
        try:
            post(server, slow, timeout_seconds=100)
        except requests.RequestException:
            pass  # The server closes the connection.

    thread = threading.Thread(target=ask_slowly)
    thread.start()
    time.sleep(0.5)
    begun = time.monotonic()
    server.stop()
    assert time.monotonic() - begun < 15
    thread.join()


def test_views_are_there_after_a_restart(fresh_server):
    server = fresh_server()
    assert ask(server, "SELECT count() AS n FROM spans") == [{"n": "0"}]
    server.restart()
    assert ask(server, "SELECT count() AS n FROM spans") == [{"n": "0"}]
