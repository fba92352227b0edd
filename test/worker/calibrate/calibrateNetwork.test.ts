import { describe, expect, it } from 'vitest';
import { forward } from '../../../src/core/network/forward';
import type {
  LinearOp,
  Network,
  Op,
  Parameter,
  StateSpaceLayer,
} from '../../../src/core/network/network';
import type { Sequence } from '../../../src/core/network/program';
import type { ModalSystem } from '../../../src/core/systems/modal';
import { calibrateNetwork } from '../../../src/worker/calibrate/calibrateNetwork';
import { allCalibration, type CalibrationOptions } from '../../../src/worker/calibrate/options';
import { createLocalEngine } from '../../../src/worker/engine';
import { taskRunner } from '../../../src/worker/tasks';
import {
  batchOf,
  exampleSystem,
  padded,
  randomArray,
  randomNumbers,
} from '../../core/calibrate/support';

const [width, length, classes] = [4, 40, 3];
const random = randomNumbers(77);

function parameter(tensor: string, count: number, size: number): Parameter {
  return { tensor, shape: [count], values: randomArray(count, random).map((v) => size * v) };
}

function linear(name: string, inputs: number, outputs: number, role: LinearOp['role']): LinearOp {
  return {
    kind: 'linear',
    inputs,
    outputs,
    role,
    weight: parameter(`${name}.weight`, inputs * outputs, 2),
    bias: parameter(`${name}.bias`, outputs, 0.5),
  };
}

/** Two post-norm blocks with gates; kernels of five modes, or of one in five slots where `simple`. */
function example(simple: boolean): Network {
  const system = (seed: number): ModalSystem =>
    simple ? padded(exampleSystem(seed, 1), 5) : exampleSystem(seed, 5);
  const layers = [0, 1].map((l): StateSpaceLayer => ({
    name: `layers.${l}`,
    inputs: width,
    outputs: width,
    systems: {
      kind: 'independent',
      poles: 'complex',
      batch: batchOf(Array.from({ length: width }, (_, h) => system(10 * l + h + 1))),
    },
    skip: { kind: 'diagonal', weight: parameter(`layers.${l}.D`, width, 1) },
  }));
  const block = (l: number): Op[] => [
    {
      kind: 'residual',
      body: [
        { kind: 'state-space', layer: l },
        { kind: 'activation', activation: 'gelu' },
        linear(`mix.${l}`, width, 2 * width, 'mixing'),
        { kind: 'glu', activation: 'sigmoid', gate: 'second' },
      ],
    },
    { kind: 'layer-norm', width, epsilon: 1e-5 },
  ];
  return {
    input: { kind: 'values', width: 2 },
    layers,
    ops: [
      linear('encoder', 2, width, 'encoder'),
      ...block(0),
      ...block(1),
      { kind: 'pool', by: 'mean' },
      linear('decoder', width, classes, 'decoder'),
    ],
  };
}

function sequencesOf(seed: number, count: number): Sequence[] {
  const next = randomNumbers(seed);
  return Array.from({ length: count }, (_, b) => {
    const n = length - (b % 3);
    const pace = 0.5 * next();
    const x = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(pace * i) + next() - 0.5);
    return { x, width: 2, length: n };
  });
}

function run(
  network: Network,
  slots: number,
  options: Partial<CalibrationOptions> = {},
  count = 20,
) {
  return calibrateNetwork(
    {
      network,
      sequences: sequencesOf(5, count),
      slots: [slots, slots],
      options: { ...allCalibration, ...options },
    },
    { engine: createLocalEngine(taskRunner) },
  );
}

/** Relative difference of the outputs on sequences that were not calibrated with. */
function difference(a: Network, b: Network): number {
  let [error, energy] = [0, 0];
  for (const sequence of sequencesOf(6, 300)) {
    const [x, y] = [a, b].map((network) => forward(network, sequence).x);
    x.forEach((value, i) => {
      error += (value - y[i]) ** 2;
      energy += value * value;
    });
  }
  return Math.sqrt(error / energy);
}

describe('calibrating a network', () => {
  it('changes nothing that matters where the poles kept suffice', async () => {
    const network = example(true);
    const { network: smaller, layers } = await run(network, 1);
    expect(difference(network, smaller)).toBeLessThan(1e-4);
    const [first] = layers.values();
    expect(first.systems.kind === 'independent' && first.systems.batch.slots).toBe(1);
    expect(first.heldOutError).toBeLessThan(1e-4);
  });

  it('keeps more than layers reduced one by one, and more with every part', async () => {
    const network = example(false);
    const alone = {
      mixing: false,
      decoder: false,
      offset: false,
      skip: false,
    };
    const separate = await run(network, 1, { ...alone, sequential: false });
    const whole = await run(network, 1);
    expect(difference(network, whole.network)).toBeLessThan(
      0.9 * difference(network, separate.network),
    );
    expect(separate.changed).toEqual([]);
    expect(whole.changed.map(({ tensor }) => tensor)).toEqual(
      expect.arrayContaining(['layers.0.D', 'layers.1.D', 'decoder.weight', 'decoder.bias']),
    );
  });

  it('moves the offset alone to the mean of the outputs', async () => {
    const network = example(false);
    const options = { mixing: false, decoder: false, skip: false };
    const { network: smaller, changed } = await run(network, 1, options);
    expect(changed.map(({ tensor }) => tensor).sort()).toEqual(['decoder.bias', 'decoder.weight']);
    const means = [network, smaller].map((one) => {
      const sums = new Float64Array(classes);
      for (const sequence of sequencesOf(5, 20)) {
        forward(one, sequence).x.forEach((value, i) => (sums[i] += value / 20));
      }
      return sums;
    });
    means[0].forEach((value, i) => {
      expect(means[1][i]).toBeCloseTo(value, 5);
    });
    const weight = changed.find(({ tensor }) => tensor === 'decoder.weight');
    const [decoder] = network.ops.filter((op) => op.kind === 'linear' && op.role === 'decoder');
    expect([...(weight?.values ?? [])]).toEqual(
      decoder.kind === 'linear' ? [...decoder.weight.values] : [],
    );
  });

  it('refines the whole to something better', async () => {
    const network = example(false);
    const plain = await run(network, 1, {}, 400);
    const effort = { rounds: 4, batch: 16, rate: 0.01, onTheWay: 1 };
    const refined = await run(network, 1, { refine: effort }, 400);
    const { before, after } = refined.refined ?? { before: 0, after: 0 };
    expect(after).toBeLessThan(before);
    expect(difference(network, refined.network)).toBeLessThan(difference(network, plain.network));
  });

  it('lets later layers correct what the stored form of earlier ones loses', async () => {
    const network = example(true);
    const { network: smaller, layers } = await calibrateNetwork(
      {
        network,
        sequences: sequencesOf(5, 20),
        slots: [1, 1],
        options: allCalibration,
        store: (_, systems) =>
          systems.kind === 'independent'
            ? {
                ...systems,
                batch: {
                  ...systems.batch,
                  weightRe: systems.batch.weightRe.map((w) => Math.round(w * 8) / 8),
                },
              }
            : systems,
      },
      { engine: createLocalEngine(taskRunner) },
    );
    for (const { systems } of layers.values()) {
      if (systems.kind !== 'independent') throw new Error(systems.kind);
      systems.batch.weightRe.forEach((w) => {
        expect(w * 8).toBeCloseTo(Math.round(w * 8), 12);
      });
    }
    expect(smaller.layers[0].systems).toBe(layers.get(0)?.systems);
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const cancelled = calibrateNetwork(
      {
        network: example(false),
        sequences: sequencesOf(5, 20),
        slots: [1, 1],
        options: allCalibration,
      },
      {
        engine: createLocalEngine(taskRunner),
        signal: controller.signal,
        onProgress: () => {
          controller.abort();
        },
      },
    );
    await expect(cancelled).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it('refuses to run without sequences', async () => {
    const network = example(false);
    const none = calibrateNetwork(
      { network, sequences: [], slots: [1, 1], options: allCalibration },
      { engine: createLocalEngine(taskRunner) },
    );
    await expect(none).rejects.toMatchObject({ reason: 'bad-request' });
  });
});
