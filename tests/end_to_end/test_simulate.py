"""The simulated provider, asked by the real openai client."""

import openai
import pytest
import requests

from support.process import Simulator


@pytest.fixture(scope="module")
def client(simulator):
    with openai.OpenAI(base_url=simulator.base_url, api_key="sk-simulated", max_retries=0) as made:
        yield made


MESSAGES = [{"role": "user", "content": "Write a short poem about coffee and debugging."}]


def test_a_chat_completion(client):
    answer = client.chat.completions.create(model="gpt-4", messages=MESSAGES)
    assert answer.id.startswith("chatcmpl-")
    assert answer.model.startswith("gpt-4")
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


def test_a_streamed_chat_completion_adds_up_to_the_plain_one(client):
    plain = client.chat.completions.create(model="gpt-4", messages=MESSAGES)
    chunks = list(
        client.chat.completions.create(
            model="gpt-4", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == plain.choices[0].message.content
    assert len(chunks) > 3
    assert chunks[-1].usage.completion_tokens == plain.usage.completion_tokens
    assert {c.id for c in chunks} == {chunks[0].id}


def test_embeddings(client):
    answer = client.embeddings.create(model="text-embedding-3-small", input=["coffee", "debugging", "coffee"])
    assert [d.index for d in answer.data] == [0, 1, 2]
    assert answer.data[0].embedding == answer.data[2].embedding != answer.data[1].embedding
    assert answer.usage.total_tokens > 0


def test_the_same_seed_and_question_give_the_same_answer(client, tmp_path):
    first = client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
    with Simulator(tmp_path, "--latency-ms", "5") as other:
        with openai.OpenAI(base_url=other.base_url, api_key="sk-simulated") as again:
            second = again.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
    assert first.choices[0].message.content == second.choices[0].message.content
    assert first.usage == second.usage


@pytest.mark.parametrize(
    "flags, expected",
    [
        (["--rate-limit-rate", "1"], openai.RateLimitError),
        (["--error-rate", "1"], openai.InternalServerError),
        (["--timeout-rate", "1"], openai.APITimeoutError),
    ],
    ids=lambda v: v[0] if isinstance(v, list) else "",
)
def test_failures_are_those_that_the_client_knows(tmp_path, flags, expected):
    with Simulator(tmp_path, "--latency-ms", "1", *flags) as broken:
        with openai.OpenAI(base_url=broken.base_url, api_key="x", max_retries=0, timeout=2) as made:
            with pytest.raises(expected) as failed:
                made.chat.completions.create(model="gpt-4", messages=MESSAGES)
            if expected is openai.RateLimitError:
                assert int(failed.value.response.headers["retry-after"]) >= 0


@pytest.mark.parametrize(
    "body", [{}, {"model": "gpt-4"}, {"model": "gpt-4", "messages": "hello"}, {"model": 7, "messages": []}], ids=str
)
def test_requests_that_make_no_sense_are_400_in_openais_shape(simulator, body):
    response = requests.post(
        f"{simulator.base_url}/chat/completions", json=body, headers={"Authorization": "Bearer x"}, timeout=60
    )
    assert response.status_code == 400
    assert response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"
