import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

interface Step {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly media: { readonly svg: string; readonly altText: string };
  readonly completionEvents: readonly string[];
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly walkthroughs: readonly [
      { readonly title: string; readonly description: string; readonly steps: readonly Step[] },
    ];
  };
}

const read = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));
const { contributes } = read('package.json') as Manifest;
const texts = read('package.nls.json') as Readonly<Record<string, string>>;
const [walkthrough] = contributes.walkthroughs;
const commands = contributes.commands.map(({ command }) => command);

/** The text behind `%key%`. */
const textOf = (key: string): string => texts[key.replaceAll('%', '')] ?? '';

describe('the walkthrough', () => {
  it('has a heading short enough for a narrow editor', () => {
    expect(textOf(walkthrough.title).length).toBeLessThanOrEqual(40);
    expect(textOf(walkthrough.description).length).toBeLessThanOrEqual(40);
  });

  it('has five steps', () => {
    expect(walkthrough.steps).toHaveLength(5);
  });

  it.each(walkthrough.steps)('its step "$id" has texts, a picture and commands', (step) => {
    expect(textOf(step.title)).not.toBe('');
    expect(textOf(step.media.altText)).not.toBe('');
    expect(readFileSync(path.join(root, step.media.svg), 'utf8')).toMatch(/^<svg[^]*<\/svg>\s*$/);
    const links = [...textOf(step.description).matchAll(/\[[^\]]+\]\(command:([^)]+)\)/g)];
    expect(links).not.toEqual([]);
    for (const [, command] of links) expect(commands).toContain(command);
    for (const event of step.completionEvents) {
      if (event.startsWith('onCommand:')) expect(commands).toContain(event.slice(10));
      else expect(event).toBe('onView:ssm.experiments');
    }
  });
});
