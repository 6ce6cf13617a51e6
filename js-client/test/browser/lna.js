/**
 * The browser's own permission to reach this computer, which a headless browser asks nobody about; and a way to
 * look at a client that the browser does not take for an act of the user.
 */

/**
 * Decides for the user what the browser would ask. It holds as long as the session with the browser does.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page One of the profile that it holds for.
 * @param {'granted' | 'denied' | 'prompt'} setting
 */
export async function answer(browser, page, setting) {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const admin = await browser.newBrowserCDPSession();
  await admin.send('Browser.setPermission', {
    permission: { name: 'loopback-network' },
    setting,
    browserContextId: targetInfo.browserContextId,
  });
}

/**
 * Waits until a client gives a reason. What Playwright evaluates counts as a click in the page; this does not.
 *
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 * @param {string} reason
 * @returns {Promise<{ message: string, help: string }>}
 */
export async function waitForReason(page, reason) {
  const context = 'context' in page ? page.context() : page.page().context();
  const session = await context.newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', {
    expression: `new Promise((resolve) => {
      const { client } = socketgate;
      const check = () => {
        const { reason, message, help } = client;
        if (reason === '${reason}') resolve({ message, help });
      };
      client.onStateChange.addListener(check);
      check();
    })`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return result.value;
}
