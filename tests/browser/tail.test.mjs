import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTelltale, until } from './harness.mjs';
import { ago, newTraceId, request, span } from './spans.mjs';

let telltale;

before(async () => {
  telltale = await startTelltale();
});

after(() => telltale.stop());

const send = (name) => telltale.send(request({ shop: [span({ trace_id: newTraceId(), name, at: ago(1_000), ms: 20 })] }));

test('EventSource gets spans as they are stored', async () => {
  const page = await telltale.openPage('/traces');
  await page.evaluate(() => {
    globalThis.tail = new EventSource('/api/v1/tail?of=spans');
    globalThis.names = [];
    globalThis.tail.addEventListener('span', (event) => {
      globalThis.names.push(JSON.parse(event.data).name);
      globalThis.last_id = event.lastEventId;
    });
  });
  await until('the stream is open', () => page.evaluate(() => globalThis.tail.readyState === 1));
  await send('first');
  await until('the first span', () => page.evaluate(() => globalThis.names.length === 1));
  await send('second');
  await until('the second span', () => page.evaluate(() => globalThis.names.length === 2));
  assert.deepEqual(await page.evaluate(() => globalThis.names), ['first', 'second']);
  assert.match(await page.evaluate(() => globalThis.last_id), /^\d+-[0-9a-f]{32}-[0-9a-f]{16}$/);
  await page.evaluate(() => globalThis.tail.close());
});
