import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { pageHtml } from '../../../src/extension/webviews/html';
import type { SavedFile } from '../../../src/protocol/webview';
import themes from './themes.json';
import { root } from './workspace';

/** Themes as the real VS Code hands them to a webview: body classes and CSS variables. */
export const themeNames = Object.keys(themes) as (keyof typeof themes)[];

interface PageOptions {
  readonly bundle: 'checkpoint' | 'report' | 'comparison' | 'curve' | 'evaluation';
  readonly texts: object;
  readonly state: object;
  readonly theme?: keyof typeof themes;
  /** Of the editor, in pixels; 1000 where left out. */
  readonly width?: number;
  /** What an earlier life of the page remembered. */
  readonly remembered?: object;
  /** Answers to what the page asks, by question; others are refused. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What has no answer is not refused but kept waiting, until the page cancels it. */
  readonly unanswered?: boolean;
}

export interface WebviewPage {
  readonly page: Page;
  /** Actions that the page asked the host for. */
  readonly acted: () => Promise<string[]>;
  /** What the page asked, with the parameters. */
  readonly asked: () => Promise<{ question: string; params: unknown }[]>;
  /** Files that the page asked the host to save. */
  readonly saved: () => Promise<SavedFile[]>;
  /** What the page remembers for its next life. */
  readonly remembered: () => Promise<unknown>;
  /** Sends another state. */
  readonly show: (state: object) => Promise<void>;
  /** Violations of the content security policy and errors of the script. */
  readonly problems: string[];
}

const origin = 'http://localhost';

/** Closed pages of a browser, to be used again: to make one takes longer than most tests. */
const closed = new WeakMap<Browser, Page[]>();

async function emptyPage(browser: Browser): Promise<Page> {
  const known = closed.get(browser) ?? [];
  closed.set(browser, known);
  const page = known.pop() ?? (await browser.newPage());
  const close = async (): Promise<void> => {
    page.removeAllListeners('pageerror');
    page.removeAllListeners('console');
    await page.mouse.move(0, 0);
    await page.goto('about:blank');
    await page.unrouteAll();
    known.push(page);
  };
  return Object.assign(page, { close });
}

/** Opens the real bundle under the real page, with the extension host replaced by the answers given here. */
export async function openWebview(browser: Browser, options: PageOptions): Promise<WebviewPage> {
  const page = await emptyPage(browser);
  await page.setViewportSize({ width: options.width ?? 1000, height: 800 });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const nonce = 'c2VsZG9tLXRoZS1zYW1l';
  const html = pageHtml({
    cspSource: origin,
    nonce,
    script: `/${options.bundle}.js`,
    style: `/${options.bundle}.css`,
    language: 'en',
    title: options.bundle,
  });
  const given: FakeHostOptions = {
    texts: options.texts,
    state: options.state,
    remembered: options.remembered ?? null,
    answers: options.answers ?? {},
    unanswered: options.unanswered ?? false,
    theme: themes[options.theme ?? 'Default Dark Modern'],
  };
  const json = JSON.stringify(given).replaceAll('<', String.raw`\u003c`);
  const host = `<script nonce="${nonce}">(${String(fakeHost)})(${json})</script>`;
  await page.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/')
      await route.fulfill({
        contentType: 'text/html',
        body: html.replace('<head>', () => `<head>${host}`),
      });
    else if (pathname === '/favicon.ico') await route.fulfill({ status: 204 });
    else await route.fulfill({ path: path.join(root, 'dist/webview', pathname) });
  });
  await page.goto(`${origin}/`);
  await page.locator('body[data-state]').waitFor();
  return {
    page,
    problems,
    acted: () => page.evaluate(() => Reflect.get(window, 'acted') as string[]),
    asked: () =>
      page.evaluate(() => Reflect.get(window, 'asked') as { question: string; params: unknown }[]),
    saved: () => page.evaluate(() => Reflect.get(window, 'saved') as SavedFile[]),
    remembered: () => page.evaluate(() => Reflect.get(window, 'remembered') as unknown),
    show: (state) =>
      page.evaluate((next) => {
        (Reflect.get(window, 'show') as (state: object) => void)(next);
      }, state),
  };
}

interface FakeHostOptions {
  readonly texts: object;
  readonly state: object;
  readonly remembered: object | null;
  readonly answers: Readonly<Record<string, unknown>>;
  readonly unanswered: boolean;
  readonly theme: { body: string; kind: string; variables: Record<string, string | undefined> };
}

interface Envelope {
  readonly id: number;
  readonly type: string;
  readonly method: string;
  readonly params: unknown;
}

/** Runs in the page before its script: VS Code's part of a webview, and the extension host's answers. */
function fakeHost({ texts, state, remembered, answers, unanswered, theme }: FakeHostOptions): void {
  const acted: string[] = [];
  const asked: unknown[] = [];
  const saved: unknown[] = [];
  let watchId = 0;
  const reply = (message: object): void => {
    setTimeout(() => {
      window.dispatchEvent(new MessageEvent('message', { data: message }));
    });
  };
  const show = (next: object): void => {
    reply({ type: 'event', id: watchId, event: 'state', payload: next });
  };
  Object.assign(window, {
    acted,
    asked,
    saved,
    show,
    remembered,
    acquireVsCodeApi: () => ({
      getState: () => Reflect.get(window, 'remembered') as unknown,
      setState: (value: unknown) => Reflect.set(window, 'remembered', value),
      postMessage: ({ id, type, method, params }: Envelope) => {
        const refuse = (): void => {
          const error = { reason: 'bad-request', message: 'Not answered in this test.' };
          reply({ type: 'error', id, error });
        };
        if (type === 'cancel') refuse();
        if (method === 'start') reply({ type: 'result', id, result: { texts, language: 'en' } });
        if (method === 'watch') {
          watchId = id;
          show(state);
        }
        if (method === 'save') {
          saved.push(params);
          reply({ type: 'result', id, result: null });
        }
        if (method === 'ask') {
          asked.push(params);
          const { question } = params as { question: string };
          if (question in answers) reply({ type: 'result', id, result: answers[question] });
          else if (!unanswered) refuse();
        }
        if (method === 'act') {
          const { action, value } = params as { action: string; value?: number };
          acted.push(value === undefined ? action : `${action} ${value}`);
          reply({ type: 'result', id, result: null });
        }
      },
    }),
  });
  document.addEventListener('DOMContentLoaded', () => {
    document.body.className = theme.body;
    document.body.dataset.vscodeThemeKind = theme.kind;
    for (const [name, value] of Object.entries(theme.variables)) {
      document.documentElement.style.setProperty(name, value ?? null);
    }
  });
}

const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

/**
 * The rules of axe that the page breaks seriously, with what breaks them. In themes other than the dark one only those
 * of colours are tried: themes change nothing else.
 */
export async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    interface Result {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    }
    const isDark = document.body.dataset.vscodeThemeKind === 'vscode-dark';
    const { violations } = await (
      Reflect.get(window, 'axe') as { run: (root: Document, options: object) => Promise<Result> }
    ).run(document, isDark ? {} : { runOnly: ['color-contrast', 'link-in-text-block'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}
