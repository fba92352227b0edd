import { describe, expect, it } from 'vitest';
import type { RecordedSetting } from '../../src/formats/checkpoint';
import { orderSettingChanges, recordedHorizon } from '../../src/worker/settings';

const at = (path: string, value: number): RecordedSetting => ({ path: path.split('.'), value });

describe('the horizon that a checkpoint records', () => {
  it.each([
    ['hyper_parameters.l_max', 784],
    ['hyper_parameters.dataset.L', 2048],
    ['config.max_seq_len', 4096],
    ['seq_len', 16],
    ['model.layer.l_max', 1000],
  ])('%s = %d is believed', (path, value) => {
    expect(recordedHorizon([at(path, value), at('hyper_parameters.d_state', 64)])).toEqual({
      steps: value,
      from: 'recorded',
    });
  });

  it('may be recorded twice with the same value', () => {
    const settings = [at('hyper_parameters.l_max', 784), at('config.seq_len', 784)];
    expect(recordedHorizon(settings).steps).toBe(784);
  });

  it.each<[string, RecordedSetting[]]>([
    ['nothing is recorded', []],
    ['the value is too small for a sequence', [at('hyper_parameters.L', 4)]],
    ['the value is no whole number', [at('hyper_parameters.l_max', 100.5)]],
    ['the value is absurd', [at('hyper_parameters.l_max', 1e12)]],
    ['a bare letter stands outside a configuration', [at('L', 784)]],
    ['it belongs to the optimizer', [at('optimizer_states.0.max_length', 784)]],
  ])('falls back to 1024 when %s', (_, settings) => {
    const { steps, from, note } = recordedHorizon(settings);
    expect([steps, from]).toEqual([1024, 'default']);
    expect(note).toContain('does not record the sequence length');
  });

  it('falls back when values disagree, and names them', () => {
    const settings = [at('hyper_parameters.l_max', 784), at('config.seq_len', 1024)];
    const { from, note } = recordedHorizon(settings);
    expect(from).toBe('default');
    expect(note).toContain('784, 1024');
  });
});

describe('the recorded order', () => {
  const names = new Set(['d_state', 'N']);
  const changed = (...settings: RecordedSetting[]): string[] =>
    orderSettingChanges(settings, names, new Set([64]), 16).map(({ path }) => path.join('.'));

  it('is changed wherever the model is described', () => {
    const paths = ['hyper_parameters.model.d_state', 'hyper_parameters.N', 'config.N', 'd_state'];
    expect(changed(...paths.map((path) => at(path, 64)))).toEqual(paths);
  });

  it('keeps the old value in the record', () => {
    const changes = orderSettingChanges([at('hyper_parameters.N', 64)], names, new Set([64]), 16);
    expect(changes).toEqual([{ path: ['hyper_parameters', 'N'], before: 64, after: 16 }]);
  });

  it('is not confused with numbers of another name, value or place', () => {
    expect(
      changed(
        at('hyper_parameters.H', 64),
        at('hyper_parameters.N', 32),
        at('N', 64),
        at('dataset.N', 64),
        at('optimizer_states.0.config.N', 64),
        at('callbacks.model.d_state', 64),
      ),
    ).toEqual([]);
  });
});
