import type { Browser } from 'playwright-core';
import { checkpointTexts } from '../../../src/protocol/texts';
import { reduction, withLayers } from '../support/checkpointStates';
import { openWebview } from '../support/webviewPage';

const layers = 5000;
const slow = 32;

/**
 * Tells how smoothly the table of many layers scrolls: the share of frames that took longer than two of a screen with
 * 60 of them a second, from the timestamps of the frames while the wheel is turned through the whole table.
 */
export async function measureFrames(browser: Browser): Promise<void> {
  const names = Array.from({ length: layers }, (_, i) => `blocks.${i}.kernel`);
  const { page } = await openWebview(browser, {
    ...{ bundle: 'checkpoint', texts: checkpointTexts },
    state: withLayers(names, { reductions: [reduction] }),
    answers: { layerFigures: [] },
  });
  const grid = page.locator('#layers [role="grid"]');
  await grid.locator('.row').nth(10).waitFor();
  await grid.hover();
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  const session = await page.context().newCDPSession(page);
  const box = await grid.boundingBox();
  if (box === null) throw new Error('the table has no place');
  for (const speed of [2000, 8000, 32_000]) {
    await grid.evaluate((table) => {
      table.scrollTop = 0;
      const times: number[] = [];
      Object.assign(window, { times, goesOn: true });
      const tick = (now: number): void => {
        times.push(now);
        if (Reflect.get(window, 'goesOn') === true) requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    await session.send('Input.synthesizeScrollGesture', {
      ...{ x: box.x + box.width / 2, y: box.y + box.height / 2 },
      ...{ yDistance: -Math.min(24 * layers, 3 * speed), speed, gestureSourceType: 'mouse' },
    });
    const { frames, over, worst, rows } = await grid.evaluate((table, limit) => {
      Object.assign(window, { goesOn: false });
      const times = Reflect.get(window, 'times') as number[];
      const spans = times.slice(1).map((time, i) => time - times[i]);
      return {
        frames: spans.length,
        over: spans.filter((span) => span > limit).length,
        worst: Math.max(...spans),
        rows: table.querySelectorAll('.rows .row').length,
      };
    }, slow);
    const share = ((100 * over) / frames).toFixed(1);
    process.stdout.write(
      `${layers} layers at ${speed} pixels a second: ${frames} frames, ${over} (${share} %) over ${slow} ms, ` +
        `the longest ${worst.toFixed(0)} ms; ${rows} rows in the page\n`,
    );
  }
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Traced[] };
  const tasks = computingTimes(trace.traceEvents);
  const long = tasks.filter((time) => time > slow).length;
  process.stdout.write(
    `Computing, whatever else the machine did: ${tasks.length} tasks of the page, ${long} over ${slow} ms, ` +
      `the longest ${Math.max(...tasks).toFixed(1)} ms\n`,
  );
  await page.close();
}

interface Traced {
  readonly name: string;
  readonly tid: number;
  /** Microseconds of computing. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds that the tasks of the page's main thread computed. */
function computingTimes(events: readonly Traced[]): number[] {
  const main = new Set(
    events.flatMap(({ name, tid, args }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' ? [tid] : [],
    ),
  );
  return events.flatMap(({ name, tid, tdur = 0 }) =>
    main.has(tid) && name.endsWith('RunTask') ? [tdur / 1000] : [],
  );
}
