import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, expectTexts, spokenTexts, startTelltale, until } from './harness.mjs';
import { ago, attributesOf, newSpanId, newTraceId, request, span } from './spans.mjs';

// answer        web     1,000 ms
//   retrieve    web       200 ms
//     query     db        100 ms
//   chat        web       600 ms   failed, with an exception, messages and a link
let telltale;
const trace_id = newTraceId();
const linked = { traceId: newTraceId(), spanId: newSpanId() };
const at = ago(60_000);
const after_ms = (ms) => at + BigInt(ms) * 1_000_000n;
const root = span({ trace_id, name: 'answer', at, ms: 1_000, kind: 2 });
const retrieve = span({ trace_id, name: 'retrieve', parent: root.spanId, at: after_ms(50), ms: 200 });
const query = span({ trace_id, name: 'query', parent: retrieve.spanId, at: after_ms(80), ms: 100, kind: 3 });
const kMessages = [
  { role: 'system', parts: [{ type: 'text', content: 'Answer in one sentence.' }] },
  { role: 'user', parts: [{ type: 'text', content: 'Where is my parcel?' }] },
];
const chat = span({
  trace_id,
  name: 'chat',
  parent: root.spanId,
  at: after_ms(300),
  ms: 600,
  attributes: {
    'gen_ai.request.model': 'test-model',
    'gen_ai.usage.input_tokens': 9007199254740993n,
    'gen_ai.input.messages': JSON.stringify(kMessages),
    settings: '{"stop":["a","b"],"nested":{"deep":true}}',
    essay: 'A long line of text. '.repeat(200),
  },
  status: { code: 2, message: 'the provider gave up' },
  events: [
    {
      timeUnixNano: after_ms(850).toString(),
      name: 'exception',
      attributes: attributesOf({
        'exception.type': 'ProviderError',
        'exception.message': 'no more tokens',
        'exception.stacktrace': 'Traceback:\n  line 1\n  line 2',
      }),
    },
    { timeUnixNano: after_ms(400).toString(), name: 'first token', attributes: [] },
  ],
  links: [{ ...linked, attributes: [] }],
});

before(async () => {
  telltale = await startTelltale();
  await telltale.send(request({ web: [root, retrieve, chat], db: [query] }));
  await telltale.stored(trace_id, 4);
});
after(() => telltale.stop());

const spanRows = (page) => page.getByRole('treeitem');
const detail = (page) => page.getByTestId('span-detail');
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

async function open(search = '', options = {}) {
  const page = await telltale.openPage(`/trace/${trace_id}${search}`, options);
  await spanRows(page).first().waitFor();
  return page;
}

const labels = (page) => spokenTexts(spanRows(page));
const labelsOf = (page, wanted) =>
  until(`the waterfall shows ${wanted}`, async () => JSON.stringify(await labels(page)) === JSON.stringify(wanted));

const kLabels = ['answer web, 1.00 s', 'retrieve web, 200 ms', 'query db, 100 ms', 'chat web, 600 ms, error'];

test('the waterfall shows parents before children with service, duration and error', async () => {
  const page = await open();
  await labelsOf(page, kLabels);
  const levels = await spanRows(page).evaluateAll((items) => items.map((item) => item.ariaLevel));
  assert.deepEqual(levels, ['1', '2', '3', '2']);
  await page.getByRole('heading', { name: 'answer', level: 1 }).waitFor();
  await page.getByRole('button', { name: '1 error' }).click();
  await detail(page).getByRole('heading', { name: 'chat' }).waitFor();
});

test('a deep link opens its span: why it failed, messages, JSON, events, links, resource', async () => {
  const page = await open(`?span=${chat.spanId}`);
  const panel = detail(page);
  await panel.getByRole('heading', { name: 'chat', level: 2 }).waitFor();
  const text = await panel.textContent();
  for (const part of [
    'the provider gave up',
    'ProviderError',
    'no more tokens',
    'line 2',
    'test-model',
    '9007199254740993',
    'Where is my parcel?',
    '+100 ms',
    'first token',
    linked.traceId,
    'deployment.environment.name',
    'browser-tests',
  ]) {
    if (part === 'browser-tests') await panel.getByRole('button', { name: /^Scope/ }).click();
    assert.ok((await panel.textContent()).includes(part), `the detail shows ${part}: ${text}`);
  }
  await expectTexts(panel.locator('[data-part="role"]'), ['system', 'user']);
  const essay = 'A long line of text. '.repeat(200);
  assert.ok(!(await panel.textContent()).includes(essay));
  await panel.getByRole('button', { name: /^Show all/ }).click();
  assert.ok((await panel.textContent()).includes(essay));
});

test('copy buttons give the value, the span as JSON, the trace id and a link that works', async () => {
  const page = await open(`?span=${chat.spanId}`);
  const panel = detail(page);
  const copy = async (scope, name) => {
    await scope.getByRole('button', { name }).focus();
    await page.keyboard.press('Enter');
    await until(`${name} copied`, async () => (await clipboard(page)) !== '');
    const text = await clipboard(page);
    await page.evaluate(() => navigator.clipboard.writeText(''));
    return text;
  };
  await page.evaluate(() => navigator.clipboard.writeText(''));
  assert.equal(await copy(panel, 'Copy gen_ai.usage.input_tokens'), '9007199254740993');
  const json = JSON.parse(await copy(panel, 'Copy span as JSON'));
  assert.equal(json.spanId, chat.spanId);
  assert.equal(json.startTimeUnixNano, chat.startTimeUnixNano);
  assert.equal(json.scope.name, 'browser-tests');
  assert.equal(await copy(page, `Copy trace id ${trace_id.slice(0, 8)}`), trace_id);
  const link = await copy(panel, 'Copy link to this span');
  await page.goto(link);
  await detail(page).getByRole('heading', { name: 'chat' }).waitFor();
});

test('the keys select, fold, unfold and close, and the URL follows', async () => {
  const page = await open();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await detail(page).getByRole('heading', { name: 'retrieve' }).waitFor();
  assert.match(page.url(), new RegExp(`span=${retrieve.spanId}`));
  await page.keyboard.press('ArrowLeft');
  await labelsOf(page, [kLabels[0], kLabels[1], kLabels[3]]);
  await page.keyboard.press('ArrowRight');
  await labelsOf(page, kLabels);
  await page.keyboard.press('ArrowRight');
  await detail(page).getByRole('heading', { name: 'query' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await detail(page).getByRole('heading', { name: 'answer' }).waitFor();
  await page.keyboard.press('Escape');
  await until('the detail is closed', async () => (await detail(page).count()) === 0);
  assert.ok(!page.url().includes('span='));
});

test('searching inside finds attributes and steps through what it found', async () => {
  const page = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('parcel');
  await page.getByRole('status').filter({ hasText: '1' }).waitFor();
  await page.keyboard.press('Enter');
  await detail(page).getByRole('heading', { name: 'chat' }).waitFor();
  assert.match(page.url(), /find=parcel/);
});

test('zooming to a span cuts the time axis and can be undone', async () => {
  const page = await open(`?span=${query.spanId}`);
  await detail(page).waitFor();
  await page.keyboard.press('z');
  await until('the URL names the view', () => /from=\d+&to=\d+/.test(page.url()));
  await page.keyboard.press('0');
  await until('the whole is shown', () => !page.url().includes('from='));
});

test('what is missing from a trace is said, and the orphan can be gone to', async () => {
  const id = newTraceId();
  const orphan = span({ trace_id: id, name: 'orphan', parent: newSpanId(), at, ms: 10, droppedAttributesCount: 3 });
  await telltale.send(request({ web: [orphan] }));
  await telltale.stored(id, 1);
  const page = await telltale.openPage(`/trace/${id}`);
  const notes = page.getByRole('list', { name: 'What is missing from this trace' });
  await notes.getByText('The root span has not arrived').waitFor();
  await notes.getByText('dropped 3 attributes').waitFor();
  await notes.getByRole('button', { name: 'Show' }).click();
  await detail(page).getByRole('heading', { name: 'orphan' }).waitFor();
});

test('a model call shows who answered, what it took and what it cost, and its logs', async () => {
  const id = newTraceId();
  const call = span({
    trace_id: id,
    name: 'chat gpt-4o',
    at,
    ms: 10,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.input_tokens': 1200n,
      'gen_ai.usage.cache_read.input_tokens': 1000n,
      'gen_ai.usage.output_tokens': 300n,
      'gen_ai.input.messages': JSON.stringify(kMessages),
    },
  });
  await telltale.send(request({ web: [call] }));
  await telltale.sendLogs({
    resourceLogs: [
      {
        resource: { attributes: attributesOf({ 'service.name': 'web' }) },
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: at.toString(),
                severityNumber: 13,
                body: { stringValue: 'the cache is cold' },
                traceId: id,
                spanId: call.spanId,
              },
            ],
          },
        ],
      },
    ],
  });
  await telltale.stored(id, 1);
  await until('the record is stored', async () => (await telltale.api(`/api/v1/traces/${id}`)).logs.length === 1);
  const page = await telltale.openPage(`/trace/${id}?span=${call.spanId}`);
  await page.getByText('1.2k tokens in, 300 out').waitFor();
  await detail(page).getByText('gpt-4o-2024-08-06 (asked for gpt-4o)').waitFor();
  await detail(page).getByText('1,200, of them 1,000 read from cache').waitFor();
  // 200 x 2.50 + 1,000 x 1.25 + 300 x 10.00 dollars a million.
  await detail(page).getByTestId('call').getByText('$0.0047', { exact: true }).waitFor();
  await detail(page).getByText('rule openai/gpt-4o-2024-08-06, exact match').waitFor();
  await detail(page).getByTestId('call').getByText('Where is my parcel?').waitFor();
  await detail(page).getByText('the cache is cold').waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
});

test('a trace that is still growing grows on the page', async () => {
  const id = newTraceId();
  const first = span({ trace_id: id, name: 'first', at: ago(1_000), ms: 10 });
  await telltale.send(request({ web: [first] }));
  await telltale.stored(id, 1);
  const page = await telltale.openPage(`/trace/${id}`);
  await spanRows(page).first().waitFor();
  await telltale.send(request({ web: [span({ trace_id: id, name: 'second', parent: first.spanId, at: ago(900), ms: 5 })] }));
  await labelsOf(page, ['first web, 10.0 ms', 'second web, 5.00 ms']);
});

test('a trace that is not stored is said so, with a way back', async () => {
  const page = await telltale.openPage(`/trace/${'0'.repeat(31)}1`);
  await page.getByRole('alert').filter({ hasText: 'is stored here' }).waitFor();
  await page.getByRole('link', { name: 'Back to the traces' }).click();
  await until('the list is shown', () => page.url().endsWith('/traces'));
});

test('the page passes axe in both themes, with the detail open', async () => {
  for (const scheme of ['dark', 'light']) {
    const page = await open(`?span=${chat.spanId}`, { scheme });
    await detail(page).waitFor();
    assert.deepEqual(await accessibilityFaults(page), [], scheme);
  }
});

test('nothing is wider than the window, from a phone to a large screen', async () => {
  for (const width of [390, 1024, 1280, 1920, 2560]) {
    const page = await open(`?span=${chat.spanId}`, { width });
    await detail(page).waitFor();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
  }
});
