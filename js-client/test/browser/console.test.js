/** The console's page: its key, what it shows, and when its buttons work. */

import assert from 'node:assert/strict';
import { createSuite } from './suite.js';
import { FakeConsole, GRANTS, KEY, REQUEST } from './fake-console.js';

const suite = createSuite();

/**
 * A test with a console of its own, on which time passes only when the test says so.
 *
 * @param {string} name
 * @param {(things: { gateway: FakeConsole, open: (fragment?: string) => Promise<import('playwright-core').Page>, scene: import('./suite.js').Scene }) => Promise<void>} body
 */
function test(name, body) {
  suite.test(name, async (scene) => {
    const gateway = new FakeConsole();
    await gateway.start();
    const page = await scene.open('about:blank');
    try {
      await page.clock.install();
      await page.clock.pauseAt(Date.now() + 1000);
      const open = async (fragment = `key=${KEY}`) => {
        await page.goto('about:blank');
        await page.goto(`${gateway.origin}/#${fragment}`);
        return page;
      };
      await body({ gateway, open, scene });
    } finally {
      await page.close();
      await gateway.stop();
    }
  });
}

/** @param {import('playwright-core').Page} page */
const state = (page) => page.locator('#state');

test('the key leaves the address at once and opens the console from then on', async ({ open }) => {
  const page = await open();
  await page.getByText('No page is asking').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.evaluate(() => history.length), 2, 'it is not in the history either');
  await open('');
  await page.getByText('No page is asking').waitFor();
});

test('without a key nothing is shown until it is put in', async ({ gateway, open }) => {
  gateway.show({ requests: [REQUEST] });
  const page = await open('');
  await page.getByRole('heading', { name: 'This console needs its key' }).waitFor();
  assert.equal(await page.locator('.request').count(), 0);
  await page.getByLabel('Key', { exact: true }).fill(KEY);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.locator('.request').waitFor();
  assert.equal(await page.locator('#locked').isVisible(), false);
});

test('a wrong key is refused, and does not replace one that works', async ({ open, scene }) => {
  const page = await open('key=wrong');
  await page.getByText('The gateway does not take this key.').waitFor();
  await page.getByLabel('Key', { exact: true }).fill('with ümlauts');
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByText('The gateway does not take this key.').waitFor();

  await open();
  await page.getByText('No page is asking').waitFor();
  await open('key=wrong');
  await page.getByText('No page is asking').waitFor();
  for (const error of await scene.takeErrors(2)) assert.match(error, /401/);
});

test('a request shows who asks for what', async ({ gateway, open }) => {
  gateway.show({ requests: [REQUEST] });
  const page = await open();
  const card = page.locator('.request');
  await card.waitFor();
  assert.equal(await card.locator('.origin').textContent(), REQUEST.origin);
  assert.equal(await card.locator('.origin strong').textContent(), 'example.co.uk');
  assert.equal(await card.locator('.code').textContent(), 'Code K7QM-2XRD');
  assert.equal(await card.locator('.name').textContent(), 'It calls itself “Device Workbench”.');
  assert.deepEqual(await card.locator('.permissions li').allTextContents(), [
    'Accept connections on this computer, port 8000this computer',
    'Accept connections from your network, any portyour network',
    'Connect to devices on your networkyour devices',
    'Connect to any hostinternet',
    'Use a port below 1024system ports',
  ]);
  assert.equal(await card.locator('.countdown').textContent(), '1:52');
  assert.equal(await page.title(), '(1) socketgate console');
});

test('a user is warned of a name that is not what it looks like', async ({ gateway, open }) => {
  gateway.show({ requests: [{ ...REQUEST, origin: 'http://xn--pple-43d.example' }] });
  const page = await open();
  await page.locator('.request').waitFor();
  assert.deepEqual(await page.locator('.warning').allTextContents(), [
    'This name stands for one with letters of other alphabets. It may look like a name you know.',
    'This page came over http. Anybody on the way may have changed it.',
  ]);
});

test('what a page calls itself is text, whatever it is', async ({ gateway, open }) => {
  const name = '<img src=x onerror=alert(1)>\u202egpj.exe';
  gateway.show({ requests: [{ ...REQUEST, name }] });
  const page = await open();
  await page.locator('.request').waitFor();
  assert.equal(await page.locator('.name bdi').textContent(), `“${name}”`);
  assert.equal(await page.locator('.request img').count(), 0);
});

for (const { button, choice, want } of [
  { button: 'Approve', want: ['/v1/approve', { code: REQUEST.code, duration: '30d' }] },
  {
    button: 'Approve',
    choice: 'This session',
    want: ['/v1/approve', { code: REQUEST.code, duration: 'session' }],
  },
  {
    button: 'Approve',
    choice: 'Until revoked',
    want: ['/v1/approve', { code: REQUEST.code, duration: 'always' }],
  },
  { button: 'Deny', want: ['/v1/deny', { code: REQUEST.code }] },
  { button: 'Deny and block', want: ['/v1/deny', { code: REQUEST.code, block: true }] },
]) {
  test(`${button}${choice ? `: ${choice}` : ''}`, async ({ gateway, open }) => {
    gateway.show({ requests: [REQUEST] });
    const page = await open();
    await page.locator('.request').waitFor();
    if (choice) await page.getByText(choice).click();
    await page.clock.runFor(1000);
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.getByText('No page is asking').waitFor();
    assert.deepEqual(gateway.decisions, [want]);
  });
}

test('who is approved, since when, and gone when revoked', async ({ gateway, open }) => {
  gateway.show({ grants: GRANTS });
  const page = await open();
  const rows = page.locator('.grants > li');
  await rows.first().waitFor();
  assert.deepEqual(await rows.locator('h3').allTextContents(), [
    'https://chat.example.com',
    'http://localhost:5173',
    'backup',
  ]);
  assert.equal(
    await rows.first().locator('.details').textContent(),
    '“Chat host” · for 30 days · approved 12 days ago · last used 2 hours ago · ends in 18 days',
  );
  assert.deepEqual(await page.locator('.live:visible').allTextContents(), ['2 open', '1 open']);
  await page.clock.runFor(1000);
  await page.getByRole('button', { name: 'Revoke https://chat.example.com' }).click();
  await page.getByText('Revoked https://chat.example.com').waitFor();
  assert.equal(await rows.count(), 2);
  assert.deepEqual(gateway.decisions, [['/v1/revoke', { origin: 'https://chat.example.com' }]]);
});

test('a page that is blocked may ask again when the user says so', async ({ gateway, open }) => {
  gateway.show({ blocked: ['https://ads.example.net'] });
  const page = await open();
  const unblock = page.getByRole('button', { name: 'Unblock https://ads.example.net' });
  await unblock.waitFor();
  await page.clock.runFor(1000);
  await unblock.click();
  await page.getByText('Unblocked https://ads.example.net').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Blocked' }).isVisible(), false);
  assert.deepEqual(gateway.decisions, [['/v1/revoke', { origin: 'https://ads.example.net' }]]);
});

test('buttons are dead for a second after each change of the page', async ({ gateway, open }) => {
  gateway.show({ requests: [REQUEST] });
  const page = await open();
  const approve = page.getByRole('button', { name: 'Approve' }).first();
  await approve.waitFor();
  const works = async (/** @type {string} */ why) => {
    assert.equal(await approve.isEnabled(), false, `dead: ${why}`);
    await page.clock.runFor(999);
    assert.equal(await approve.isEnabled(), false, `dead for a while: ${why}`);
    await page.clock.runFor(1);
    assert.equal(await approve.isEnabled(), true, `alive again: ${why}`);
  };
  await works('the page was opened');

  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await works('it came into focus');

  gateway.show({ requests: [REQUEST, { ...REQUEST, code: 'AAAA-BBBB' }] });
  await page.locator('.request').nth(1).waitFor();
  await works('another request came');

  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await page.clock.runFor(60_000);
  assert.equal(await approve.isEnabled(), false, 'dead while it is hidden');
  await page.evaluate(() => {
    Reflect.deleteProperty(document, 'visibilityState');
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await works('it came into view');
});

test('what pages do by themselves does not keep a user from revoking', async ({
  gateway,
  open,
}) => {
  gateway.show({ grants: GRANTS });
  const page = await open();
  const row = page.locator('.grants > li').first();
  const revoke = row.getByRole('button');
  await revoke.waitFor();
  assert.equal(await revoke.isEnabled(), false, 'dead at first');
  await page.clock.runFor(1000);
  assert.equal(await revoke.isEnabled(), true);

  gateway.show({
    requests: [REQUEST],
    grants: [{ ...GRANTS[0], sessions: 9 }, ...GRANTS.slice(1)],
  });
  await row.getByText('9 open').waitFor();
  assert.equal(await revoke.isEnabled(), true, 'the list is the same');

  gateway.show({ grants: GRANTS.slice(1) });
  await row.getByText('My app').waitFor();
  assert.equal(await revoke.isEnabled(), false, 'the button now stands for another page');
  await page.clock.runFor(1000);
  assert.equal(await revoke.isEnabled(), true);
});

test('what was chosen stays when another request comes', async ({ gateway, open }) => {
  gateway.show({ requests: [REQUEST] });
  const page = await open();
  await page.getByText('Until revoked').click();
  gateway.show({ requests: [{ ...REQUEST, code: 'AAAA-BBBB' }, REQUEST] });
  await page.locator('.request').nth(1).waitFor();
  const chosen = page.locator(`#request-${REQUEST.code} input:checked`);
  assert.equal(await chosen.inputValue(), 'always');
});

test('the request that a page has sent the user to is marked', async ({ gateway, open }) => {
  const other = { ...REQUEST, code: 'AAAA-BBBB' };
  gateway.show({ requests: [other, REQUEST] });
  const page = await open(`key=${KEY}&request=${REQUEST.code}`);
  await page.locator('.wanted').waitFor();
  assert.deepEqual(await page.locator('.wanted .code').allTextContents(), ['Code K7QM-2XRD']);
  await page.evaluate(() => (location.hash = '#request=AAAA-BBBB'));
  await page.locator('#request-AAAA-BBBB.wanted').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.locator('.wanted').count(), 1);
});

test('a gateway that goes and comes back', async ({ gateway, open, scene }) => {
  const page = await open();
  await page.getByText('No page is asking').waitFor();
  await page.route('**/v1/**', (route) => route.abort());
  gateway.show({ requests: [REQUEST] }); // Ends the request that waits; the next one fails.
  await page.getByText('The gateway does not answer').waitFor();
  await page.unroute('**/v1/**');
  gateway.show({ requests: [] });
  await page.clock.runFor(2000);
  await page.getByText('Connected').waitFor();
  assert.equal(await state(page).getAttribute('data-state'), 'open');
  for (const error of await scene.takeErrors(1)) assert.match(error, /ERR_FAILED/);
});
