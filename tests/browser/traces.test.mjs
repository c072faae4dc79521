import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessibilityFaults, expectTexts, spokenTexts, startTelltale, until } from './harness.mjs';
import { ago, kFailed, newTraceId, request, single, span } from './spans.mjs';

// Five traces, newest first:
//
//   fast     web            80 ms
//   slow     web         3,000 ms   tier=gold
//   broken   web           500 ms   failed
//   job      worker      1,200 ms
//   shared   web, worker   900 ms   tier=silver
let telltale;
const ids = {};

const kNames = ['fast', 'slow', 'broken', 'job', 'shared'];

before(async () => {
  telltale = await startTelltale();
  const traces = {
    fast: single({ service: 'web', name: 'fast', at: ago(10_000), ms: 80 }),
    slow: single({ service: 'web', name: 'slow', at: ago(20_000), ms: 3_000, attributes: { tier: 'gold' } }),
    broken: single({ service: 'web', name: 'broken', at: ago(30_000), ms: 500, ...kFailed }),
    job: single({ service: 'worker', name: 'job', at: ago(40_000), ms: 1_200 }),
  };
  const trace_id = newTraceId();
  const root = span({ trace_id, name: 'shared', at: ago(50_000), ms: 900, attributes: { tier: 'silver' } });
  const child = span({ trace_id, name: 'part', parent: root.spanId, at: ago(49_900), ms: 700 });
  traces.shared = { trace_id, request: request({ web: [root], worker: [child] }) };
  for (const [name, trace] of Object.entries(traces)) {
    ids[name] = trace.trace_id;
    await telltale.send(trace.request);
    await telltale.stored(trace.trace_id, name === 'shared' ? 2 : 1);
  }
});
after(() => telltale.stop());

const rows = (page) => page.locator('[data-trace-id]');

// The ids in the list become those of these traces, in this order.
async function expectRows(page, names) {
  const wanted = names.map((name) => ids[name]);
  let seen = [];
  await until(`the list shows ${names.join(', ')}`, async () => {
    seen = await rows(page).evaluateAll((links) => links.map((link) => link.dataset.traceId));
    return JSON.stringify(seen) === JSON.stringify(wanted);
  }).catch((error) => {
    const known = Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]));
    throw new Error(`${error.message}; it shows ${seen.map((id) => known[id] ?? id).join(', ')}`);
  });
}

test('the list shows traces newest first, with what a row promises', async () => {
  const page = await telltale.openPage('/traces');
  await expectRows(page, kNames);
  const label = (await spokenTexts(rows(page)))[2];
  assert.match(label, /^broken web, 500 ms, 1 span, 1 error, /);
  assert.equal(await page.getByRole('img', { name: /durations of 5 traces/ }).count(), 1);
});

for (const [what, query, names] of [
  ['service', '?service=worker', ['job', 'shared']],
  ['service and operation', '?service=web&operation=slow', ['slow']],
  ['status', '?status=error', ['broken']],
  ['least duration', '?min_duration=1s', ['slow', 'job']],
  ['most duration', '?max_duration=500ms', ['fast', 'broken']],
  ['attribute', '?attribute=tier%3Dgold', ['slow']],
  ['presence of an attribute', '?attribute=tier', ['slow', 'shared']],
]) {
  test(`a link filters by ${what}`, async () => {
    const page = await telltale.openPage(`/traces${query}`);
    await expectRows(page, names);
  });
}

test('what is chosen in the query bar goes to the URL, and the way back is the browser’s', async () => {
  const page = await telltale.openPage('/traces');
  await expectRows(page, kNames);
  await page.getByRole('button', { name: 'Service: any' }).click();
  await page.getByRole('option', { name: /worker/ }).click();
  await expectRows(page, ['job', 'shared']);
  assert.match(page.url(), /\?service=worker$/);

  await page.getByRole('button', { name: 'Duration: any' }).click();
  await page.getByLabel('At least').fill('1s');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expectRows(page, ['job']);
  assert.match(page.url(), /min_duration=1s/);

  await page.goBack();
  await expectRows(page, ['job', 'shared']);
  await page.getByRole('button', { name: 'Clear Service' }).click();
  await expectRows(page, kNames);
});

test('an attribute is completed from what was seen', async () => {
  const page = await telltale.openPage('/traces');
  await expectRows(page, kNames);
  await page.keyboard.press('/');
  await page.keyboard.type('ti');
  await page.getByRole('option', { name: 'tier' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('silver');
  await page.keyboard.press('Enter');
  await expectRows(page, ['shared']);
  await page.getByRole('button', { name: 'Remove filter tier=silver' }).click();
  await expectRows(page, kNames);
});

test('a filter that nothing matches says so and can be cleared', async () => {
  const page = await telltale.openPage('/traces?service=web&min_duration=1h');
  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expectRows(page, kNames);
});

test('a time range in the past holds only what lay in it', async () => {
  const range = new URLSearchParams({
    start: new Date(Date.now() - 7_200_000).toISOString(),
    end: new Date(Date.now() - 3_600_000).toISOString(),
  });
  const page = await telltale.openPage(`/traces?${range}`);
  await page.getByRole('heading', { name: 'Nothing in this time range' }).waitFor();
  await page.getByRole('button', { name: /^Time range/ }).click();
  await page.getByRole('button', { name: 'Last hour' }).click();
  await expectRows(page, kNames);
  assert.match(page.url(), /range=1h/);
});

test('the keys walk the list, open a trace and come back to the same row', async () => {
  const page = await telltale.openPage('/traces');
  await expectRows(page, kNames);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.locator(`[data-trace-id="${ids.slow}"][aria-current="true"]`).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'slow', level: 1 }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator(`[data-trace-id="${ids.slow}"][aria-current="true"]`).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await until('the dialog is gone', async () => (await page.getByRole('dialog').count()) === 0);
});

test('pasting a trace id opens the trace', async () => {
  const page = await telltale.openPage('/traces');
  await expectRows(page, kNames);
  await page.keyboard.press('/');
  await page.keyboard.insertText(ids.job);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'job', level: 1 }).waitFor();
});

test('dark and light follow the system, and the choice of the reader lasts', async () => {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await telltale.openPage('/traces', { scheme: 'dark' });
  const light = await telltale.openPage('/traces', { scheme: 'light' });
  await expectRows(dark, kNames);
  await expectRows(light, kNames);
  assert.notEqual(await background(dark), await background(light));
  assert.deepEqual(await accessibilityFaults(dark), []);
  assert.deepEqual(await accessibilityFaults(light), []);

  await dark.getByRole('button', { name: 'Theme: as the system' }).click();
  await dark.getByRole('button', { name: 'Theme: light' }).waitFor();
  assert.equal(await background(dark), await background(light));
  await dark.reload();
  await expectRows(dark, kNames);
  assert.equal(await background(dark), await background(light));
});

test('a server that does not answer is said so, and the list comes by itself once it does', async () => {
  const page = await telltale.openPage('/trace/unused');
  let away = true;
  await page.route('**/api/v1/**', (route) => (away ? route.abort() : route.continue()));
  await page.goto(`${telltale.origin}/traces`);
  await page.getByRole('alert').filter({ hasText: 'Telltale does not answer' }).waitFor();
  away = false;
  await expectRows(page, kNames);
});

test('an answer of the wrong shape is refused with its place', async () => {
  const page = await telltale.openPage('/trace/unused');
  await page.route('**/api/v1/traces?*', (route) => route.fulfill({ json: { items: [{ trace_id: 7 }], next: null } }));
  await page.goto(`${telltale.origin}/traces`);
  await page.getByRole('alert').filter({ hasText: 'items[0].trace_id: expected string' }).waitFor();
});

test('a live list takes new traces in, and holds still while someone points at it', async () => {
  const page = await telltale.openPage('/traces?service=live');
  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  const send = async (name, ms) => {
    const trace = single({ service: 'live', name, at: ago(ms), ms: 5 });
    await telltale.send(trace.request);
  };
  const names = page.locator('[data-trace-id] [data-part="name"]');
  await send('first', 3_000);
  await expectTexts(names, ['first']);
  await send('second', 2_000);
  await expectTexts(names, ['second', 'first']);

  await rows(page).first().hover();
  await send('third', 1_000);
  const fresh = page.getByRole('button', { name: '1 new' });
  await fresh.waitFor();
  await expectTexts(names, ['second', 'first']);
  // By the keyboard: a pointer on its way there lets go of the list, which then takes them in by itself.
  await fresh.press('Enter');
  await expectTexts(names, ['third', 'second', 'first']);
});

test('scrolling pages through a long list while the page stays small', async () => {
  const kCount = 700;
  for (let sent = 0; sent < kCount; sent += 100) {
    const spans = Array.from({ length: 100 }, (_, i) =>
      span({ trace_id: newTraceId(), name: `n${sent + i}`, at: ago(60_000 + (sent + i) * 10), ms: 5 }),
    );
    await telltale.send(request({ many: spans }));
  }
  await until('all are stored', async () => {
    const { items } = await telltale.api('/api/v1/traces?service=many&limit=1000');
    return items.length === kCount;
  });
  const page = await telltale.openPage('/traces?service=many&live=off');
  const last = page.getByRole('link', { name: /^n699 many,/ });
  await rows(page).first().waitFor();
  await rows(page).first().hover();
  await until('the last trace is reached', async () => {
    await page.mouse.wheel(0, 4_000);
    return (await last.count()) > 0;
  });
  const count = await rows(page).count();
  assert.ok(count < 80, `${count} rows are in the page`);
});
