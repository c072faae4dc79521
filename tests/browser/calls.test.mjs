import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, sendCalls } from './calls_of_models.mjs';
import { accessibilityFaults, expectTexts, spokenTexts, startTelltale, until } from './harness.mjs';
import { ago, kFailed, newTraceId, request, span } from './spans.mjs';

// Five calls, newest first:
//
//   quick    web      gpt-4o-mini     100 ms     1,000 in, 100 out    ann   talk-1
//   dear     web      gpt-4o        2,000 ms   100,000 in, 10 out     ben
//   broken   worker   gpt-4o          500 ms   (no usage)                    failed
//   house    worker   house-model   3,000 ms       500 in, 50 out             unpriced
//   search   worker   a tool           20 ms
let telltale;
const calls = {};

before(async () => {
  telltale = await startTelltale();
  const trace_id = newTraceId();
  const tool = span({
    trace_id,
    name: 'search',
    at: ago(50_000),
    ms: 20,
    attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'find' },
  });
  Object.assign(calls, {
    quick: call({
      name: 'quick',
      model: 'gpt-4o-mini',
      at: ago(10_000),
      ms: 100,
      tokens: [1_000, 100],
      attributes: { 'user.id': 'ann', 'gen_ai.conversation.id': 'talk-1' },
    }),
    dear: call({
      name: 'dear',
      model: 'gpt-4o',
      at: ago(20_000),
      ms: 2_000,
      tokens: [100_000, 10],
      attributes: { 'user.id': 'ben' },
    }),
    broken: call({ name: 'broken', service: 'worker', model: 'gpt-4o', at: ago(30_000), ...kFailed }),
    house: call({
      name: 'house',
      service: 'worker',
      provider: 'house',
      model: 'house-model',
      at: ago(40_000),
      ms: 3_000,
      tokens: [500, 50],
    }),
  });
  await telltale.send(request({ worker: [tool] }));
  await sendCalls(telltale, Object.values(calls), until);
  calls.search = { trace_id, span_id: tool.spanId };
});
after(() => telltale.stop());

const rows = (page) => page.locator('[data-call]');
const names = (page) => rows(page).locator('[data-part="name"]');
const kAll = ['quick', 'dear', 'broken', 'house', 'search'];

test('the list shows calls newest first, with what a row promises', async () => {
  const page = await telltale.openPage('/calls');
  await expectTexts(names(page), kAll);
  const spoken = await spokenTexts(rows(page));
  assert.match(spoken[1], /^dear llm, gpt-4o, web, 100,010 tokens, \$0\.25, 2\.00 s, /);
  assert.match(spoken[2], /^broken llm, gpt-4o, worker, no usage, 500 ms, failed, /);
  assert.match(spoken[3], /^house llm, house-model, worker, 550 tokens, unpriced, 3\.00 s, /);
  assert.match(spoken[4], /^search tool, find, worker, 20\.0 ms, /);
});

for (const [query, wanted] of [
  ['?service=worker', ['broken', 'house', 'search']],
  ['?model=gpt-4o', ['dear', 'broken']],
  ['?provider=house', ['house']],
  ['?kind=tool', ['search']],
  ['?user=ann', ['quick']],
  ['?conversation=talk-1', ['quick']],
  ['?status=error', ['broken']],
  ['?cost_status=unpriced', ['house']],
  ['?cost_status=no_usage', ['broken']],
  ['?sort=cost&cost_status=computed', ['dear', 'quick']],
  ['?sort=tokens&kind=llm', ['dear', 'quick', 'house', 'broken']],
  ['?sort=duration', ['house', 'dear', 'broken', 'quick', 'search']],
]) {
  test(`a link asks for ${query}`, async () => {
    const page = await telltale.openPage(`/calls${query}`);
    await expectTexts(names(page), wanted);
  });
}

test('the calls of a trace are listed whatever their age', async () => {
  const page = await telltale.openPage(`/calls?trace_id=${calls.house.trace_id}`);
  await expectTexts(names(page), ['house']);
  assert.equal(await page.getByRole('button', { name: /^Time range/ }).count(), 0);
  await page.getByRole('button', { name: 'Calls of all traces' }).click();
  await expectTexts(names(page), kAll);
});

test('what is chosen in the filter bar goes to the URL, and the way back is the browser’s', async () => {
  const page = await telltale.openPage('/calls');
  await expectTexts(names(page), kAll);
  await page.getByRole('button', { name: 'Model: any' }).click();
  await page.getByRole('option', { name: /house-model/ }).click();
  await expectTexts(names(page), ['house']);
  assert.match(page.url(), /\?model=house-model$/);
  await page.getByRole('button', { name: 'Clear Model' }).click();
  await page.getByRole('button', { name: 'Cost: any' }).click();
  await page.getByRole('option', { name: 'no usage' }).click();
  await expectTexts(names(page), ['broken']);
  await page.goBack();
  await expectTexts(names(page), kAll);
});

test('a column head sorts, and says that it does', async () => {
  const page = await telltale.openPage('/calls');
  await page.getByRole('button', { name: 'Duration: the slowest first' }).click();
  await expectTexts(names(page), ['house', 'dear', 'broken', 'quick', 'search']);
  assert.match(page.url(), /sort=duration/);
  await page.getByRole('button', { name: 'Duration: the slowest first', pressed: true }).waitFor();
  await page.getByRole('list', { name: 'Calls, the slowest first' }).waitFor();
});

test('the keys walk the list, open the trace at the span and come back to the same row', async () => {
  const page = await telltale.openPage('/calls');
  await expectTexts(names(page), kAll);
  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
  const dear = page.locator('[data-call][aria-current="true"]').filter({ hasText: 'dear' });
  await dear.waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('span-detail').getByRole('heading', { name: 'dear' }).waitFor();
  assert.match(page.url(), new RegExp(`/trace/${calls.dear.trace_id}\\?span=${calls.dear.span_id}$`));
  await page.keyboard.press('Escape');
  await page.goBack();
  await dear.waitFor();
});

test('a click on a row opens the trace at the span', async () => {
  const page = await telltale.openPage('/calls');
  await names(page).filter({ hasText: 'house' }).click();
  await page.getByTestId('span-detail').getByRole('heading', { name: 'house' }).waitFor();
});

test('a filter that nothing matches says so and can be cleared', async () => {
  const page = await telltale.openPage('/calls?user=nobody&sort=cost');
  await page.getByRole('heading', { name: 'No call matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await rows(page).first().waitFor();
  assert.match(page.url(), /\/calls\?sort=cost$/);
});

test('the list is accessible in both themes', async () => {
  for (const scheme of ['dark', 'light']) {
    const page = await telltale.openPage('/calls', { scheme });
    await expectTexts(names(page), kAll);
    assert.deepEqual(await accessibilityFaults(page), []);
  }
});

test('traces say what their calls took and cost, and nothing where there are none', async () => {
  await telltale.send(request({ web: [span({ trace_id: newTraceId(), name: 'plain', at: ago(5_000), ms: 5 })] }));
  const page = await telltale.openPage('/traces');
  const row = (name) => page.locator('[data-trace-id]').filter({ hasText: name });
  await row('plain').waitFor();
  assert.match((await spokenTexts(row('dear')))[0], /, 100,010 tokens, \$0\.25, /);
  assert.match((await spokenTexts(row('house')))[0], /, 550 tokens, unpriced, /);
  assert.match((await spokenTexts(row('broken')))[0], /, 1 span, 1 error, no usage, /);
  assert.doesNotMatch((await spokenTexts(row('plain')))[0], /token|\$|usage/);
});

test('new calls come in by themselves, and scrolling pages through many', async () => {
  const page = await telltale.openPage('/calls?service=many');
  await page.getByRole('heading', { name: 'No call matches' }).waitFor();
  const kCount = 450;
  const many = Array.from({ length: kCount }, (_, i) =>
    call({ service: 'many', name: `n${i}`, model: 'gpt-4o-mini', at: ago(60_000 + i * 10), ms: 5, tokens: [10, 1] }),
  );
  await sendCalls(telltale, many, until);
  await rows(page).first().waitFor();
  await rows(page).first().hover();
  const last = page.getByRole('link', { name: /^n449 llm,/ });
  await until('the last call is reached', async () => {
    await page.mouse.wheel(0, 4_000);
    return (await last.count()) > 0;
  });
  const count = await rows(page).count();
  assert.ok(count < 80, `${count} rows are in the page`);
});
