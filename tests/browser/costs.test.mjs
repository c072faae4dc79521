import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { call, sendCalls } from './calls_of_models.mjs';
import { accessibilityFaults, expectTexts, startTelltale, until } from './harness.mjs';
import { ago, kFailed, newTraceId, request, span } from './spans.mjs';

// Six calls of the last hour:
//
//   web      gpt-4o        1,000,000 in (500,000 from cache), 100,000 out   ann   $2.875
//   web      gpt-4o          100,000 in                        10,000 out   ben   $0.35, failed
//   worker   gpt-4o-mini   1,000,000 in                       100,000 out   ann   $0.21
//   worker   house-model         500 in                            50 out         unpriced
//   worker   house-model         500 in                            50 out         unpriced
//   web      gpt-4o        (no usage)
let telltale;

const kUser = (id) => ({ 'user.id': id });

before(async () => {
  telltale = await startTelltale();
});
after(() => telltale.stop());

const figures = (page) => page.getByTestId('figures');
const figure = (page, name) => figures(page).locator('div').filter({ has: page.getByText(name, { exact: true }) });
const table = (page) => page.getByRole('table');
const rowNames = (page) => table(page).locator('tbody th');

// A figure's text without what only a screen reader hears.
const shown = (locator) =>
  locator.evaluate((element) => {
    const copy = element.cloneNode(true);
    for (const hidden of copy.querySelectorAll('.visually-hidden')) hidden.remove();
    return copy.textContent;
  });

test('an empty store says so and where to begin', async () => {
  const page = await telltale.openPage('/costs');
  await page.getByRole('heading', { name: 'Nothing is stored yet' }).waitFor();
  await page.getByRole('link', { name: 'How to send a first trace' }).click();
  await page.getByText('Send your first trace').waitFor();
});

test('spans that are no calls cost nothing and are said to be none', async () => {
  await telltale.send(request({ web: [span({ trace_id: newTraceId(), name: 'GET /', at: ago(9_000), ms: 5 })] }));
  await until('the span is stored', async () => (await telltale.api('/api/v1/stats')).spans_stored === 1);
  const page = await telltale.openPage('/costs?service=web');
  await page.getByRole('heading', { name: 'No model was called in this range' }).waitFor();
  await page.getByRole('button', { name: 'All services' }).click();
  await until('the service is gone from the URL', () => page.url().endsWith('/costs'));
});

test('one call alone is a whole page', async () => {
  const one = call({ model: 'gpt-4o', at: ago(1_800_000), tokens: [100_000, 10_000], attributes: kUser('ben'), ...kFailed });
  await sendCalls(telltale, [one], until);
  const page = await telltale.openPage('/costs');
  assert.match(await shown(figure(page, 'Cost')), /^Cost\$0\.35/);
  await expectTexts(rowNames(page), ['gpt-4oopenai']);
  await page.getByRole('img', { name: /^Chart: cost over time by model/ }).waitFor();
  assert.equal(await page.getByTestId('unpriced').count(), 0);
});

test('the figures add up, and a sum that leaves calls out says which', async () => {
  await sendCalls(
    telltale,
    [
      call({
        model: 'gpt-4o',
        at: ago(600_000),
        tokens: [1_000_000, 100_000],
        attributes: { ...kUser('ann'), 'gen_ai.usage.cache_read.input_tokens': 500_000n },
      }),
      call({
        service: 'worker',
        model: 'gpt-4o-mini',
        at: ago(500_000),
        tokens: [1_000_000, 100_000],
        attributes: kUser('ann'),
      }),
      call({ service: 'worker', provider: 'house', model: 'house-model', at: ago(400_000), tokens: [500, 50] }),
      call({ service: 'worker', provider: 'house', model: 'house-model', at: ago(300_000), tokens: [500, 50] }),
      call({ model: 'gpt-4o', at: ago(200_000) }),
    ],
    until,
  );
  const page = await telltale.openPage('/costs');
  await figures(page).getByText('without 2 unpriced calls and 1 call without usage').waitFor();
  // 500,000 x 2.50 + 500,000 x 1.25 + 100,000 x 10, then 0.35, then 1,000,000 x 0.15 + 100,000 x 0.60.
  assert.match(await shown(figure(page, 'Cost')), /^Cost\$3\.44\+by the price table/);
  assert.match(await shown(figure(page, 'Model calls')), /^Model calls6median 500 ms/);
  assert.match(await shown(figure(page, 'Tokens')), /^Tokens2\.3M\+2\.1M in \(24 % from cache\), 210k out$/);
  assert.match(await shown(figure(page, 'Unpriced calls')), /^Unpriced calls21 more told no usage$/);
  assert.match(await shown(figure(page, 'Failed calls')), /^Failed calls117 % of all calls$/);
});

test('unpriced models are named, with the commands that give them a price', async () => {
  const page = await telltale.openPage('/costs');
  const note = page.getByTestId('unpriced');
  await note.getByText('2 calls have no price and are in no sum of cost.').click();
  await note.getByRole('button', { name: 'Copy commands' }).click();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    'telltale prices add --prices prices.toml --provider house --model house-model --input DOLLARS --output DOLLARS\n' +
      'telltale serve --prices prices.toml',
  );
  await note.getByRole('link', { name: '2 calls, 1.1k tokens' }).click();
  await expectTexts(page.locator('[data-call] [data-part="name"]'), ['chat house-model', 'chat house-model']);
});

for (const [by, names] of [
  ['Provider', ['openai', 'house']],
  ['Service', ['web', 'worker']],
  ['User', ['ann', 'ben', 'no user told']],
  ['Prompt', ['no prompt named']],
]) {
  test(`the sums by ${by.toLowerCase()} stand in the order of their cost`, async () => {
    const page = await telltale.openPage('/costs');
    await page.getByRole('group', { name: 'Sums by' }).getByRole('button', { name: by }).click();
    await expectTexts(rowNames(page), names);
    assert.match(page.url(), new RegExp(`by=${by.toLowerCase()}`));
  });
}

test('a row leads to the calls behind it, and back', async () => {
  const page = await telltale.openPage('/costs?by=user&range=6h');
  await page.getByRole('link', { name: 'ann' }).click();
  await expectTexts(page.locator('[data-call] [data-part="name"]'), ['chat gpt-4o', 'chat gpt-4o-mini']);
  const url = new URL(page.url());
  assert.deepEqual(Object.fromEntries(url.searchParams), { user: 'ann', sort: 'cost', range: '6h' });
  await page.goBack();
  await expectTexts(rowNames(page), ['ann', 'ben', 'no user told']);
});

test('service, order and range are in the URL', async () => {
  const page = await telltale.openPage('/costs');
  await page.getByRole('button', { name: 'Service: any' }).click();
  await page.getByRole('option', { name: /worker/ }).click();
  await expectTexts(rowNames(page), ['gpt-4o-miniopenai', 'house-modelhouse']);
  await page.getByRole('columnheader', { name: 'Calls' }).getByRole('button').click();
  await expectTexts(rowNames(page), ['house-modelhouse', 'gpt-4o-miniopenai']);
  assert.equal(await page.getByRole('columnheader', { name: 'Calls' }).getAttribute('aria-sort'), 'descending');
  assert.match(page.url(), /service=worker&sort=calls$/);
  await page.getByRole('button', { name: /^Time range/ }).click();
  await page.getByRole('button', { name: 'Last 5 minutes' }).click();
  await page.getByRole('heading', { name: 'No model was called in this range' }).waitFor();
  await page.getByText('No span of worker in it is a call of a model.').waitFor();
});

test('a bar tells what it holds and leads to its calls', async () => {
  const page = await telltale.openPage('/costs?range=1h&chart=calls');
  const chart = page.getByRole('img', { name: /^Chart: model calls over time/ });
  await chart.waitFor();
  const { x, y, width, height } = await chart.boundingBox();
  const tip = page.getByText(/^\d calls?$/).first();
  await until('a bar is under the pointer', async () => {
    for (let at = x + width - 20; at > x + 64; at -= 5) {
      await page.mouse.move(at, y + height / 2);
      if ((await tip.count()) > 0) return true;
    }
    return false;
  });
  await page.mouse.down();
  await page.mouse.up();
  await page.locator('[data-call]').first().waitFor();
  assert.match(page.url(), /calls\?start=.*&end=.*sort=cost|calls\?sort=cost&start=.*&end=/);
});

test('the page is accessible in both themes', async () => {
  for (const scheme of ['dark', 'light']) {
    const page = await telltale.openPage('/costs', { scheme });
    await page.getByTestId('unpriced').getByText('2 calls have no price').click();
    await rowNames(page).first().waitFor();
    await page.getByRole('list', { name: 'Models in the chart' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  }
});

test('a server that refuses is quoted, with a way to ask again', async () => {
  const page = await telltale.openPage('/trace/unused');
  let away = true;
  await page.route('**/api/v1/aggregate*', (route) =>
    away
      ? route.fulfill({ status: 503, json: { code: 'unavailable', message: 'the store is away', hint: 'wait' } })
      : route.continue(),
  );
  await page.goto(`${telltale.origin}/costs`);
  await page.getByRole('alert').filter({ hasText: 'the store is away' }).waitFor();
  away = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await figures(page).waitFor();
});

test('a thousand users are a table that begins with the dearest and says what lies beyond', async () => {
  const kUsers = 1_010;
  const many = Array.from({ length: kUsers }, (_, i) =>
    call({
      service: 'many',
      model: 'gpt-4o-mini',
      at: ago(100_000 + i),
      ms: 5,
      tokens: [1_000 * (kUsers - i), 0],
      attributes: kUser(`user-${i}`),
    }),
  );
  await sendCalls(telltale, many, until);
  const page = await telltale.openPage('/costs?service=many&by=user');
  await page.getByRole('link', { name: 'user-0', exact: true }).waitFor();
  assert.equal(await rowNames(page).count(), 100);
  await page.getByRole('button', { name: 'Show 900 more' }).click();
  await page.getByRole('link', { name: 'user-999', exact: true }).waitFor();
  // The last ten: 10,000 + 9,000 + ... + 1,000 tokens at $0.15 a million.
  await page.getByText('Beyond these 1,000 lie 10 calls for $0.0083.').waitFor();
});
