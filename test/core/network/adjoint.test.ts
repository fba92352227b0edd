import { describe, expect, it } from 'vitest';
import { layerGradients, tapeOf } from '../../../src/core/network/adjoint';
import { forward } from '../../../src/core/network/forward';
import { advance, programOf, startState, stepOfLayer } from '../../../src/core/network/program';
import { randomOf, randomPair, randomSequence } from '../bound/randomNetworks';

describe('adjoint', () => {
  it('gives the derivatives that differences show, of every kind of step and layer', () => {
    let [checked, smooth] = [0, 0];
    for (let seed = 1; seed <= 120; seed++) {
      const random = randomOf(seed + 5000);
      const { original, length } = randomPair(random);
      const steps = programOf(original);
      const sequence = randomSequence(random, original, length);
      const tape = tapeOf(original, steps, startState(original, sequence));
      const y = tape[steps.length].x;
      const w = y.map(() => random.normal());
      const dot = (x: Float64Array): number => x.reduce((sum, value, i) => sum + value * w[i], 0);
      const { layers, input } = layerGradients(original, steps, tape, w);
      const compare = (along: number, f: (h: number) => number, size: number): void => {
        const h = 1e-5;
        const by = (f(h) - f(-h)) / (2 * h);
        const error = Math.abs(by - along) / (Math.abs(along) + size);
        checked++;
        // kinks of ReLU and of maxima lie between the two points now and then
        if (error < 1e-5) smooth++;
      };
      original.layers.forEach((_, l) => {
        const at = stepOfLayer(steps, l) + 1;
        const direction = tape[at].x.map(() => random.normal());
        const along = layers[l].reduce((sum, g, i) => sum + g * direction[i], 0);
        const size = Math.sqrt(layers[l].reduce((sum, g) => sum + g * g, 0));
        const f = (h: number): number => {
          const x = tape[at].x.map((value, i) => value + h * direction[i]);
          return dot(advance(original, steps, at, steps.length, { ...tape[at], x }).x);
        };
        compare(along, f, size);
      });
      if (original.input.kind === 'tokens') {
        expect(input).toBeUndefined();
        continue;
      }
      const direction = sequence.x.map(() => random.normal());
      const along = (input ?? direction).reduce((sum, g, i) => sum + g * direction[i], 0);
      const f = (h: number): number =>
        dot(
          forward(original, {
            ...sequence,
            x: sequence.x.map((value, i) => value + h * direction[i]),
          }).x,
        );
      compare(along, f, Math.abs(along));
    }
    expect(checked).toBeGreaterThan(250);
    expect(smooth / checked).toBeGreaterThan(0.98);
  });
});
