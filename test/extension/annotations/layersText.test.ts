import { describe, expect, it } from 'vitest';
import type { LayersText } from '../../../src/extension/annotations/layersText';
import { resultText, sourceText } from '../../../src/extension/annotations/layersText';
import { checkpoint, layer, t } from './samples';

const facts = checkpoint([
  layer('s4_layers.0'),
  layer('s4_layers.10', { relativeError: 0.45, share: 0.588, tying: 'tied', kind: 'estimated' }),
]);

/** The lines of each layer as its place says. */
function blocks({ text, places }: LayersText): string[][] {
  const lines = text.split('\n');
  return places.map(({ line, last }) => lines.slice(line, last + 1));
}

describe('the layers document', () => {
  it('of a result, in columns below their headings, details indented', () => {
    expect(resultText(facts, 'fresh', 'auto', t).text).toBe(`\
# model.order24.safetensors: 2 state-space layers
# made from   model.safetensors
# parameters  22,026, from 34,314
# error       relative h² error of the impulse responses over 784 steps
# share       part of the sum of the layers’ squared h² errors
# status      estimated

# layer       family       order  before  error     share   kind
s4_layers.0   s4d-minimal  24     64      ≤ 0.0031  41.2 %  certified
    channels      128
    poles stored  12 per channel
    parameters    6,272
    slowest mode  |λ| = 0.9979
s4_layers.10  s4d-minimal  24     64      ≈ 0.45    58.8 %  estimated
    channels      128
    poles stored  12
    parameters    6,272
    slowest mode  |λ| = 0.9979
`);
  });

  it('of an original tells of the same layers before, in the same places', () => {
    const before = sourceText(facts, t);
    expect(before.text).toBe(`\
# model.safetensors: 2 state-space layers
# parameters  34,314

# layer       family       order
s4_layers.0   s4d-minimal  64
    channels      128
    poles stored  32 per channel
    parameters    16,512
    slowest mode  |λ| = 0.9981
s4_layers.10  s4d-minimal  64
    channels      128
    poles stored  32
    parameters    16,512
    slowest mode  |λ| = 0.9981
`);
  });

  it('of a result with a bound tells what each layer adds to the output’s error', () => {
    const contribution = { evidence: 'certified', value: 0.1, share: 0.25 } as const;
    const output = { certified: 0.4, calibrated: null };
    const bounded = checkpoint([layer('a', { contribution })], { output });
    const lines = resultText(bounded, 'fresh', 'auto', t).text.split('\n');
    expect(lines).toContain('# output      output error ≤ 0.40 (certified)');
    expect(lines.find((line) => line.startsWith('a '))).toMatch(
      /certified {2,}25 % \(certified\)$/,
    );
  });

  it('says where each layer stands', () => {
    const result = resultText(facts, 'stale', 'scientific', t);
    expect(blocks(result).map((lines) => lines.length)).toEqual([5, 5]);
    result.places.forEach(({ name, nameLength }, i) => {
      expect(blocks(result)[i][0].slice(0, nameLength)).toBe(name);
    });
    expect(result.text).toContain('# status      stale');
  });

  it('keeps a hostile name on one line, within its column', () => {
    const names = ['a\nb', '\u202eevil', 'x'.repeat(10_000)];
    const hostile = resultText(checkpoint(names.map((name) => layer(name))), 'fresh', 'auto', t);
    expect(blocks(hostile).map((lines) => lines.length)).toEqual([5, 5, 5]);
    const [first, second, third] = blocks(hostile).map(([line]) => line);
    expect(first).toMatch(/^a\\u000ab {2,}s4d/);
    expect(second).toMatch(/^\\u202eevil {2,}s4d/);
    expect(third.indexOf('s4d')).toBe(first.indexOf('s4d'));
    expect(hostile.places.map(({ name }) => name)).toEqual(names);
  });
});
