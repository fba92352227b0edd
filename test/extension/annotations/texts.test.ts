import { describe, expect, it } from 'vitest';
import { decorationOf } from '../../../src/extension/annotations/decorationText';
import type { CheckpointFacts, LayerFacts } from '../../../src/extension/annotations/facts';
import {
  showFigure,
  showModulus,
  showOutput,
  showPart,
} from '../../../src/extension/annotations/figures';
import { hintText } from '../../../src/extension/annotations/hintText';
import { writeHover } from '../../../src/extension/annotations/hoverText';
import type { HoverContent } from '../../../src/extension/annotations/hoverText';
import { checkpoint, layer, t } from './samples';

/** Shows what is written as text in ⟦ ⟧, everything else as Markdown. */
function hover(
  facts: CheckpointFacts,
  layers: readonly LayerFacts[],
  more: Partial<HoverContent> = {},
): string {
  let written = '';
  const sink = {
    appendText: (value: string) => (written += `⟦${value}⟧`),
    appendMarkdown: (value: string) => (written += value),
  };
  const content = {
    facts,
    layers,
    freshness: 'fresh',
    format: 'auto',
    actions: [],
    ...more,
  } as const;
  writeHover(sink, content, t);
  return written;
}

const one = layer('s4_layers.2');
const others = [0, 1, 3, 4, 5].map((i) => layer(`s4_layers.${i}`, { relativeError: 0.001 * i }));
const model = checkpoint([one, ...others]);

describe('the hover', () => {
  it('of one layer', () => {
    expect(hover(model, [one])).toBe(
      [
        '**SSM layer** ⟦s4_layers.2⟧ · **order 64 → 24** · $(verified) certified',
        'Relative h² error of the impulse responses over 784 steps **≤ 0.0031** · 41.2 % of all layers’ squared error',
        'Slowest mode |λ| 0.9981 → 0.9979 · 32 → 12 poles stored per channel · 16,512 → 6,272 parameters',
        '⟦model.order24.safetensors⟧ from ⟦model.safetensors⟧, ⟦2026-11-22⟧, Variable projection',
      ].join('\n\n'),
    );
  });

  it('of several layers, the worst first', () => {
    expect(hover(model, model.layers)).toBe(
      [
        '**6 SSM layers** · **order 64 → 24** · $(verified) certified',
        'Greatest relative h² error of the impulse responses over 784 steps **≤ 0.0050**',
        '⟦s4_layers.5⟧ 0.0050 · ⟦s4_layers.4⟧ 0.0040 · ⟦s4_layers.2⟧ 0.0031 · ⟦s4_layers.3⟧ 0.0030 · and 2 more · 99,072 → 37,632 parameters',
        '⟦model.order24.safetensors⟧ from ⟦model.safetensors⟧, ⟦2026-11-22⟧, Variable projection',
      ].join('\n\n'),
    );
  });

  it('of a calibrated compression, suggested by name, with everything there is, keeps to nine lines', () => {
    const measure = { id: 'accuracy', before: 0.9812, after: 0.9793, sequences: 2000 } as const;
    const contribution = { evidence: 'calibrated', value: 0.0123, share: 0.41 } as const;
    const output = { certified: null, calibrated: 0.05, measured: 0.0111 };
    const unstable = {
      ...one,
      contribution,
      kind: 'estimated',
      heldOutError: 0.0213,
      slowestAfter: 1.0004,
    } as const;
    const facts = checkpoint([unstable], { measure, output, horizon: null });
    const action = { label: 'Go', uri: 'command:x' };
    const text = hover(facts, facts.layers, { suggestion: [action], actions: [action, action] });
    expect(text.split('\n\n')).toEqual([
      '**SSM layer** ⟦s4_layers.2⟧ · **order 64 → 24** · $(beaker) estimated',
      'Relative h² error of the impulse responses over infinite time **≈ 0.0031**',
      'Slowest mode |λ| 0.9981 → 1.00040 · 32 → 12 poles stored per channel · 16,512 → 6,272 parameters',
      'Adds ≤ 0.013 to the output’s error, 41 % of all layers (calibrated) · Output error ≤ 0.050 (calibrated), 0.012 (measured)',
      '$(warning) Unstable: a mode of the reduced layer grows.',
      'Calibrated: output off by 0.022 on held-out sequences · Accuracy 98.1 % → 97.9 % on 2,000 held-out sequences',
      '⟦model.order24.safetensors⟧ from ⟦model.safetensors⟧, ⟦2026-11-22⟧, Variable projection',
      'Matched by name. [Go](command:x)',
      '[Go](command:x) · [Go](command:x)',
    ]);
  });

  it.each([
    ['stale', 'stale: the checkpoint changed after its report'],
    ['missing', 'the checkpoint is missing'],
    ['checking', 'being checked against the checkpoint'],
  ] as const)('never says certified of a checkpoint that is %s', (freshness, text) => {
    const written = hover(model, [one], { freshness });
    expect(written).toContain(text);
    expect(written).not.toContain('certified');
  });

  it.each([
    ['](command:workbench.action.quit)', '](command:workbench.action.quit)'],
    ['</script><img src=x>', '</script><img src=x>'],
    ['a\nb\u202etxt', 'a\\u000ab\\u202etxt'],
    ['n'.repeat(10_000), `${'n'.repeat(40)}…${'n'.repeat(40)}`],
    ['**$(error)**', '**$(error)**'],
  ])('writes hostile names as text alone: %#', (name, shown) => {
    const facts = checkpoint([layer(name)], { createdAt: name, source: `/x/${name}` });
    const markdown = hover(facts, facts.layers);
    expect(markdown).toContain(`⟦${shown}⟧`);
    const outside = markdown.replace(/⟦[^]*?⟧/g, '');
    expect(outside).toBe(hover(checkpoint([layer('x')]), [layer('x')]).replace(/⟦[^]*?⟧/g, ''));
  });

  it('takes no solver for a text that is none', () => {
    const facts = checkpoint([one], { solver: '[x](command:y)' as 'newton' });
    expect(hover(facts, [one])).not.toContain('command:');
  });
});

describe('the hint', () => {
  it('says orders and the greatest error, and whether it still holds', () => {
    expect(hintText([one], 'fresh', 'auto', t)).toBe('64 → 24 · ≤ 0.0031');
    expect(hintText([one], 'fresh', 'scientific', t)).toBe('64 → 24 · ≤ 3.1e-3');
    expect(hintText(others, 'stale', 'percent', t)).toBe('64 → 24 · ≤ 0.50 % · stale');
    const mixed = [one, layer('x', { orderAfter: 8, kind: 'estimated' })];
    expect(hintText(mixed, 'fresh', 'percent', t)).toBe('64 → 8 … 24 · ≈ 0.31 %');
  });
});

describe('figures', () => {
  it('are rounded up in every format', () => {
    expect(showFigure(0.4461, 'scientific')).toBe('4.5e-1');
    expect(showFigure(0.4461, 'percent')).toBe('45 %');
    expect(showFigure(0.000101, 'percent')).toBe('0.011 %');
    expect(showFigure(1.23, 'percent')).toBe('130 %');
    expect(showFigure(0.4461, 'auto')).toBe('0.45');
    expect(showFigure(0.000101, 'auto')).toBe('1.1 × 10⁻⁴');
    expect(showFigure(0, 'percent')).toBe('0');
  });

  it('in a unit of their own are never a percentage', () => {
    const shown = (['auto', 'scientific', 'percent'] as const).map((format) =>
      showOutput({ certified: 12.3, calibrated: null, measured: 0.0111 }, format, t),
    );
    expect(shown).toEqual([
      '≤ 13 (certified), 0.012 (measured)',
      '≤ 1.3e1 (certified), 1.2e-2 (measured)',
      '≤ 13 (certified), 0.012 (measured)',
    ]);
  });

  it('of a small part are not none', () => {
    expect([0, 4.5e-5, 0.0006, 0.412].map(showPart)).toEqual(['0 %', '< 0.1 %', '0.1 %', '41.2 %']);
  });

  it('of slow modes tell them from 1', () => {
    expect([0.5, 0.99812, 0.9999996, 1].map(showModulus)).toEqual([
      '0.500',
      '0.9981',
      '0.99999960',
      '1.000',
    ]);
  });
});

describe('the badge', () => {
  const badge = (facts: CheckpointFacts, freshness: 'fresh' | 'stale' = 'fresh'): unknown =>
    decorationOf({ facts, freshness }, 'auto', t);

  it('is one character with a tooltip that says what was bounded', () => {
    expect(badge(model)).toEqual({
      badge: '✓',
      tooltip:
        'SSM: order 64 → 24, relative h² error ≤ 0.0050 over 784 steps (certified), 3.1 times smaller',
    });
    expect(badge(checkpoint([layer('a', { kind: 'estimated' })]))).toMatchObject({ badge: 'σ' });
    expect(badge(checkpoint([layer('a', { slowestAfter: 1.2 })]))).toMatchObject({ badge: '!' });
  });

  it('warns where a measured error exceeds a certified bound', () => {
    const bounded = (largest: number, certified: number | null): CheckpointFacts =>
      checkpoint([one], { output: { certified, calibrated: null, measured: 0.1, largest } });
    expect(badge(bounded(0.3, 0.2))).toMatchObject({ badge: '!' });
    expect(badge(bounded(0.2, 0.2))).toMatchObject({ badge: '✓' });
    expect(badge(bounded(0.3, null))).toMatchObject({ badge: '✓' });
  });

  it('is on nothing that no up-to-date report speaks of', () => {
    expect(badge(model, 'stale')).toBeUndefined();
    expect(badge(checkpoint([]))).toBeUndefined();
    expect(decorationOf({ made: [] }, 'auto', t)).toBeUndefined();
  });

  it('says of an original how often it was compressed', () => {
    expect(decorationOf({ made: [model] }, 'auto', t)?.tooltip).toBe('SSM: compressed once');
    expect(decorationOf({ made: [model, model] }, 'auto', t)).toEqual({
      badge: 'σ',
      tooltip: 'SSM: compressed 2 times',
    });
  });
});
