"""Queries over HTTP: one kept connection, the time until the last byte, answers checked."""

import http.client
import json
import threading
import time
from urllib.parse import urlencode


class Client:
    def __init__(self, address: str):
        self._connection = http.client.HTTPConnection(address, timeout=120)

    def get(self, path):
        """(milliseconds, decoded answer); raises where the answer is not 200. A path and a body are posted."""
        start = time.perf_counter()
        if isinstance(path, str):
            self._connection.request("GET", path)
        else:
            path, body = path
            self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        body = response.read()
        took_ms = (time.perf_counter() - start) * 1000
        if response.status != 200:
            raise RuntimeError(f"GET {path}: {response.status}: {body[:200]!r}")
        return took_ms, json.loads(body)


class NativeApi:
    """Telltale's /api/v1."""

    label = "/api/v1"

    def trace(self, trace_id):
        return f"/api/v1/traces/{trace_id}"

    def last_traces(self, service):
        return "/api/v1/traces?" + urlencode({"service": service, "limit": 20})

    def by_attribute(self, service, key, value):
        return "/api/v1/traces?" + urlencode({"attribute": f"{key}={value}", "limit": 20})

    def services(self):
        return "/api/v1/services"

    def traceql(self, query, seconds):
        return "/api/v1/traces?" + urlencode({"q": query, "limit": 20, "start": self._ago(seconds)})

    def series(self, query, seconds, step):
        return "/api/v1/series?" + urlencode({"q": query, "start": self._ago(seconds), "step": step})

    def aggregate(self, seconds, **more):
        return "/api/v1/aggregate?" + urlencode({"start": self._ago(seconds), **more})

    @staticmethod
    def _ago(seconds):
        return int((time.time() - seconds) * 1e9)

    @staticmethod
    def found(answer):
        """How many traces, spans, series, rows or services an answer holds."""
        for name in ("spans", "series", "rows"):
            if name in answer:
                return len(answer[name])
        return len(answer["items"])


class JaegerApi:
    """The Jaeger query API, which Jaeger and Telltale both answer. A search names a service and brings whole traces."""

    label = "Jaeger API"

    def trace(self, trace_id):
        return f"/api/traces/{trace_id}"

    def last_traces(self, service):
        return "/api/traces?" + urlencode({"service": service, "limit": 20, "lookback": "24h", **self._range()})

    def by_attribute(self, service, key, value):
        tags = json.dumps({key: value})
        return "/api/traces?" + urlencode({"service": service, "tags": tags, "limit": 20, **self._range()})

    def services(self):
        return "/api/services"

    @staticmethod
    def _range():
        now_us = int(time.time() * 1e6)
        return {"start": now_us - 86_400_000_000, "end": now_us}

    @staticmethod
    def found(answer):
        return len(answer["data"] or [])


class QueryLoop:
    """Asks in turn, one at a time, for as long as the `with` lasts, with a pause between."""

    PAUSE_S = 0.05

    def __init__(self, address: str, paths):
        self._client, self._paths = Client(address), paths
        self._end = threading.Event()
        self.took_ms, self.errors, self.last_error = [], 0, ""

    def __enter__(self):
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _run(self):
        turn = 0
        while not self._end.wait(self.PAUSE_S):
            try:
                self.took_ms.append(self._client.get(self._paths[turn % len(self._paths)])[0])
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                self.errors, self.last_error = self.errors + 1, str(error)
            turn += 1
