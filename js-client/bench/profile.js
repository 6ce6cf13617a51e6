/** Where the page's main thread spends its time in one trial, by Chromium's profiler. */

/** @import { Page } from 'playwright-core' */

const SHOWN = 14;

/**
 * @param {Page} page
 * @param {string} figure
 * @param {string} subject
 */
export async function startProfile(page, figure, subject) {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 100 });
  await session.send('Profiler.start');
  return {
    /** Prints the functions with the most time of their own. */
    async print() {
      const { profile } = await session.send('Profiler.stop');
      await session.detach();
      const own = new Map();
      const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
      let total = 0;
      profile.samples?.forEach((id, i) => {
        const time = profile.timeDeltas?.[i] ?? 0;
        const frame = nodes.get(id);
        const name = frame ? `${frame.functionName || '(anonymous)'}:${frame.lineNumber + 1}` : '?';
        own.set(name, (own.get(name) ?? 0) + time);
        total += time;
      });
      const rows = [...own].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
      console.log(`  ${figure}, ${subject}`);
      for (const [name, time] of rows) {
        console.log(`  ${((time / total) * 100).toFixed(1).padStart(6)} %  ${name}`);
      }
    },
  };
}
