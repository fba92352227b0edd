import { describe, expect, it } from 'vitest';
import { describeBound, boundCsv } from '../../../src/cli/commands/bound';
import { forward } from '../../../src/core/network/forward';
import { isBoundRecord, type BoundRecord } from '../../../src/protocol/bound';
import { boundOf } from '../../../src/worker/bound/boundOf';
import { createLocalEngine } from '../../../src/worker/engine';
import { taskRunner } from '../../../src/worker/tasks';
import { goldenCases, goldenNetwork, sequenceOf } from '../../core/bound/goldenNetworks';
import { randomOf, randomSequence } from '../../core/bound/randomNetworks';

const [golden] = goldenCases();
const original = goldenNetwork(
  golden,
  golden.net.blocks.map(({ ssm }) => ssm),
);
const reduced = goldenNetwork(golden, golden.hat);

const engine = createLocalEngine(taskRunner);

function samplesOf(count: number) {
  const random = randomOf(3);
  const all = Array.from({ length: count }, (_, i) =>
    i === 0 ? sequenceOf(golden.u) : randomSequence(random, original, golden.L),
  );
  const half = count / 2;
  const part = (from: number) => ({
    count: half,
    sequence: (i: number) => Promise.resolve(all[from + i]),
  });
  return {
    all,
    samples: {
      ...{ description: `${count} sequences`, measured: count },
      ...{ recorded: part(0), others: part(half) },
    },
  };
}

/** As it comes back from a file. */
function reread(record: BoundRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

describe('boundOf', () => {
  it('without data gives the certified bound alone, and shares of it', async () => {
    const record = await boundOf(original, reduced, {
      ...{ engine, length: golden.L, inputBound: golden.U },
    });
    expect(record.certified.bound).toBeCloseTo(golden.worst.bound, 9);
    expect(record.paper.bound).toBeCloseTo(golden.worst_h2.bound, 9);
    expect(record.rankedBy).toBe('certified');
    expect(record.measured).toBeUndefined();
    record.layers.forEach(({ share, certified }, l) => {
      expect(share).toBeCloseTo(golden.worst.contributions[l] / golden.worst.bound, 9);
      expect(certified.contribution).toBeCloseTo(golden.worst.contributions[l], 9);
      expect((certified.local ?? 0) * (certified.downstream ?? 0)).toBeCloseTo(
        golden.worst.contributions[l],
        9,
      );
    });
    expect(isBoundRecord(reread(record))).toBe(true);
  });

  it('with data measures, records conditions and checks them on other sequences', async () => {
    const { all, samples } = samplesOf(12);
    const record = await boundOf(original, reduced, { engine, length: 1, samples });
    const errors = all.map((one) => {
      const [y, z] = [forward(original, one).x, forward(reduced, one).x];
      return Math.hypot(...y.map((value, i) => value - z[i]));
    });
    const others = errors.slice(6);
    const rms = Math.hypot(...others) / Math.sqrt(others.length);
    expect(record.length).toBe(golden.L);
    expect(record.rankedBy).toBe('measured');
    expect(record.measured?.error).toBeCloseTo(rms, 9);
    expect(record.measured?.largest).toBeCloseTo(Math.max(...others), 9);
    const { calibrated } = record;
    expect([calibrated?.sequences, calibrated?.heldOut]).toEqual([6, 6]);
    expect(calibrated?.meeting).toBeLessThanOrEqual(6);
    expect(Math.max(...errors.slice(0, 6))).toBeLessThanOrEqual(calibrated?.bound ?? 0);
    expect(calibrated?.bound).toBeLessThan(record.certified.bound ?? 0);
    const shares = record.layers.reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1, 9);
    expect(isBoundRecord(reread(record))).toBe(true);
  });

  it('says in words what is not bounded, and refuses what is no record', async () => {
    const batch = goldenCases()[3];
    const networks = [batch.net.blocks.map(({ ssm }) => ssm), batch.hat].map((layers) =>
      goldenNetwork(batch, layers),
    );
    const record = await boundOf(networks[0], networks[1], { engine, length: batch.L });
    expect(record.certified.bound).toBeNull();
    expect(record.remarks.join(' ')).toContain('--input-bound');
    expect(isBoundRecord(reread(record))).toBe(true);
    for (const key of ['certified', 'layers', 'rankedBy', 'remarks'] as const) {
      expect(isBoundRecord({ ...record, [key]: 'x' })).toBe(false);
    }
  });

  it('is shown as text and as CSV', async () => {
    const { samples } = samplesOf(4);
    const record = await boundOf(original, reduced, { engine, length: 1, samples });
    const text = describeBound({ record, architecture: 'golden', notes: [], seconds: 1 }).join(
      '\n',
    );
    for (const word of ['layer 0', 'certified', 'calibrated', 'measured', 'first order']) {
      expect(text).toContain(word);
    }
    const hostile = { ...record, layers: [{ ...record.layers[0], name: '=1+"1,2' }] };
    const lines = boundCsv(hostile);
    expect(lines).toHaveLength(2);
    expect(lines[1].startsWith(`"'=1+""1,2",`)).toBe(true);
    expect(lines[1].slice(`"'=1+""1,2"`.length).split(',')).toHaveLength(
      lines[0].split(',').length,
    );
  });
});
