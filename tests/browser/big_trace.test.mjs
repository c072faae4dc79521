import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTelltale, until } from './harness.mjs';
import { ago, newTraceId, request, span } from './spans.mjs';

// A root with 100 steps of 99 parts each: 10,000 spans with their root and steps.
const kSteps = 99;
const kParts = 100;
const kSpans = 1 + kSteps + kSteps * kParts;
// A row is about ten elements; a window of 900 px shows some 25 of them.
const kRowsMax = 70;
const kElementsMax = 1_500;

let telltale;
let page;
const trace_id = newTraceId();

before(async () => {
  telltale = await startTelltale();
  const at = ago(120_000);
  const root = span({ trace_id, name: 'root', at, ms: 60_000 });
  await telltale.send(request({ web: [root] }));
  for (let s = 0; s < kSteps; s++) {
    const from = at + BigInt(s) * 600_000_000n;
    const step = span({ trace_id, name: `step ${s}`, parent: root.spanId, at: from, ms: 590 });
    const parts = Array.from({ length: kParts }, (_, p) =>
      span({ trace_id, name: `part ${s}.${p}`, parent: step.spanId, at: from + BigInt(p) * 5_000_000n, ms: 4 }),
    );
    await telltale.send(request({ web: [step], worker: parts }));
  }
  await telltale.stored(trace_id, kSpans);
  page = await telltale.openPage(`/trace/${trace_id}`);
  await page.getByRole('treeitem').first().waitFor();
});
after(() => telltale.stop());

const counts = () =>
  page.evaluate(() => ({
    rows: document.querySelectorAll('[role="treeitem"]').length,
    elements: document.querySelectorAll('*').length,
  }));

async function expectSmallPage(when) {
  const { rows, elements } = await counts();
  assert.ok(rows > 0 && rows < kRowsMax, `${rows} rows ${when}`);
  assert.ok(elements < kElementsMax, `${elements} elements ${when}`);
}

const rowOf = (name) => page.getByRole('treeitem', { name: new RegExp(`^${name} (web|worker), `) });

test('a trace of 10,000 spans keeps the page small, however far it is scrolled', async () => {
  await expectSmallPage('at the top');
  const tree = page.getByRole('tree');
  for (const part of [0.25, 0.5, 0.75, 1]) {
    await tree.evaluate((element, to) => element.scrollTo({ top: element.scrollHeight * to }), part);
    await until('rows are shown', async () => (await counts()).rows > 0);
    await expectSmallPage(`at ${part * 100} %`);
  }
  await rowOf('part 98.99').waitFor();
});

test('the last span is one key away, and its parent the next', async () => {
  await page.keyboard.press('Home');
  await rowOf('root').waitFor();
  await page.keyboard.press('End');
  await page.getByTestId('span-detail').getByRole('heading', { name: 'part 98.99' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.getByTestId('span-detail').getByRole('heading', { name: 'step 98' }).waitFor();
  await expectSmallPage('with the detail open');
});

test('collapsing all leaves the steps, and a search opens the way to what it finds', async () => {
  await page.keyboard.press('c');
  await rowOf('step 97').waitFor();
  assert.equal(await page.getByRole('treeitem', { name: /^part / }).count(), 0);
  await page.keyboard.press('/');
  await page.keyboard.type('part 57.3');
  await page.getByRole('status').filter({ hasText: '11' }).waitFor();
  await page.keyboard.press('Enter');
  await rowOf('part 57.3').waitFor();
  await expectSmallPage('after the search');
});
