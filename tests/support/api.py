"""Port 16686 as a test asks it. Everything that must become true is polled for, never timed."""

import time

import requests

DEADLINE_S = 60


def eventually(ask, accept, deadline_s=DEADLINE_S, what=""):
    """Asks until `accept` says yes, and gives that answer; fails with the last one."""
    deadline = time.monotonic() + deadline_s
    while True:
        answer = ask()
        if accept(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {deadline_s} s: {what}; last answer: {str(answer)[:2000]}")
        time.sleep(0.05)


def integer(text):
    """JSON's -0 is a number with a sign, as JavaScript reads it; Python would take it away."""
    return -0.0 if text == "-0" else int(text)


class Api:
    def __init__(self, address):
        self.address = address
        self.base = f"http://{address}"
        self._session = requests.Session()
        # A proxy of the machine has no business between a test and its server.
        self._session.trust_env = False

    def raw(self, path, /, headers=None, method="GET", **parameters):
        return self._session.request(method, self.base + path, params=parameters, headers=headers, timeout=DEADLINE_S)

    def get(self, path, /, **parameters):
        response = self.raw(path, **parameters)
        assert response.status_code == 200, f"GET {response.url}: {response.status_code} {response.text[:1000]}"
        return response.json(parse_int=integer)

    def error(self, path, expected, /, **parameters):
        """The body of an answer that must have this status."""
        response = self.raw(path, **parameters)
        assert response.status_code == expected, f"GET {response.url}: {response.status_code} {response.text[:1000]}"
        return response.json()

    # --- /api/v1 ---

    def trace(self, trace_id, **parameters):
        return self.get(f"/api/v1/traces/{trace_id}", **parameters)

    def find_trace(self, trace_id, **parameters):
        """The trace, or None where there is none."""
        response = self.raw(f"/api/v1/traces/{trace_id}", **parameters)
        if response.status_code == 404:
            return None
        assert response.status_code == 200, f"{response.status_code} {response.text[:1000]}"
        return response.json(parse_int=integer)

    def traces(self, **parameters):
        """All pages of a search."""
        items, cursor = [], None
        while True:
            page = self.get("/api/v1/traces", **parameters, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    def counters(self):
        return {c["name"]: c["value"] for c in self.get("/api/v1/counters")["items"]}

    def wait_for_trace(self, trace_id, spans=1, **parameters):
        """The trace, once at least `spans` of its spans can be queried."""
        return eventually(
            lambda: self.find_trace(trace_id, **parameters),
            lambda trace: trace is not None and trace["span_count"] >= spans,
            what=f"trace {trace_id} has {spans} spans",
        )

    def wait_for_traces(self, count, **parameters):
        return eventually(
            lambda: self.traces(**parameters),
            lambda items: len(items) >= count,
            what=f"{count} traces for {parameters}",
        )

    def wait_until_drained(self):
        """The counters, once the store has every span that was acknowledged in this run."""
        return eventually(
            self.counters,
            lambda c: c["spans_stored"] >= c["spans_acknowledged"],
            what="spans_stored reaches spans_acknowledged",
        )
