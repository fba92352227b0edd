import { describe, expect, it } from 'vitest';
import type { HyperParameter } from '../../src/families/hyperParameters';
import {
  noEvidence,
  resolveHyperParameters,
  valuesOfResolved,
  type HyperEvidence,
} from '../../src/families/resolveHyperParameters';
import type { RecordedSetting, SettingValue } from '../../src/formats/checkpoint';

const disc: HyperParameter = {
  name: 'disc',
  title: 'Discretisation',
  options: [
    { value: 'zoh', label: 'Zero-order hold' },
    { value: 'bilinear', label: 'Bilinear' },
  ],
  settings: ['disc', 'layer.mode'],
  usual: 'zoh',
};
const length: HyperParameter = {
  name: 'length',
  title: 'Call length',
  options: [],
  settings: ['L'],
  when: ({ disc: value }) => value === 'bilinear',
};
const real: HyperParameter = {
  name: 'real',
  title: 'Real transform',
  options: [{ value: 'exp', label: 'exp' }],
  settings: ['real_transform'],
};

const at = (path: string, value: SettingValue): RecordedSetting => ({
  path: path.split('.'),
  value,
});
const beside = (file: string, ...settings: RecordedSetting[]) => ({ file, settings });
const resolve = (evidence: Partial<HyperEvidence>, layer?: string, parameters = [disc]) =>
  resolveHyperParameters(parameters, { ...noEvidence, ...evidence }, layer);

describe('where a value comes from', () => {
  const recorded = [at('hyper_parameters.model.layer.disc', 'bilinear')];
  const configurations = [beside('config.yaml', at('model.layer.disc', 'zoh'))];

  it('is the file before its configuration, and the contradiction is told', () => {
    const { resolved, open, remarks } = resolve({ recorded, configurations });
    expect(resolved.disc).toEqual({
      value: 'bilinear',
      from: 'file',
      where: 'hyper_parameters.model.layer.disc',
    });
    expect(open).toEqual([]);
    expect(remarks).toEqual([
      'disc is taken as bilinear, although model.layer.disc in config.yaml is zoh.',
    ]);
  });

  it('is the configuration before an earlier answer', () => {
    const { resolved, remarks } = resolve({ configurations, remembered: { disc: 'bilinear' } });
    expect(resolved.disc).toEqual({
      value: 'zoh',
      from: 'configuration',
      where: 'model.layer.disc in config.yaml',
    });
    expect(remarks).toEqual([]);
  });

  it('is an earlier answer before nobody', () => {
    expect(resolve({ remembered: { disc: 'zoh' } }).resolved.disc).toEqual({
      value: 'zoh',
      from: 'remembered',
    });
  });

  it('is what the person gives before all else', () => {
    const { resolved, remarks } = resolve({ recorded, configurations, given: { disc: 'zoh' } });
    expect(resolved.disc).toEqual({ value: 'zoh', from: 'given' });
    expect(remarks).toEqual([
      'disc is taken as zoh, although hyper_parameters.model.layer.disc is bilinear.',
    ]);
  });

  it('is nowhere when nobody tells: the usual value is not taken', () => {
    const { resolved, open } = resolve({});
    expect(resolved).toEqual({});
    expect(open).toEqual([{ parameter: disc, remarks: [] }]);
  });
});

describe('an answer for one layer', () => {
  const given = { 'a.b:disc': 'zoh', disc: 'bilinear' };
  it('goes before the answer for all', () => {
    expect(valuesOfResolved(resolve({ given }, 'a.b').resolved)).toEqual({ disc: 'zoh' });
    expect(valuesOfResolved(resolve({ given }, 'a').resolved)).toEqual({ disc: 'bilinear' });
  });

  it('is no answer for another', () => {
    expect(resolve({ given: { 'a.b:disc': 'zoh' } }, 'c').open).toHaveLength(1);
  });

  it('may be meant for a layer with an odd name', () => {
    expect(resolve({ given: { '__proto__:disc': 'zoh' } }, 'constructor').open).toHaveLength(1);
  });
});

describe('what settings say', () => {
  it.each<[string, SettingValue]>([
    ['disc', 'zoh'],
    ['config.disc', 'ZOH'],
    ['hyper_parameters.layer.mode', ' zoh '],
  ])('%s = %j is understood', (path, value) => {
    expect(resolve({ recorded: [at(path, value)] }).resolved.disc.value).toBe('zoh');
  });

  it.each<[string, SettingValue]>([
    ['mode', 'zoh'],
    ['disc.mode', 'zoh'],
    ['optimizer_states.0.disc', 'zoh'],
    ['discs', 'zoh'],
    ['disc', null],
  ])('%s = %j says nothing', (path, value) => {
    expect(resolve({ recorded: [at(path, value)] }).open).toEqual([
      { parameter: disc, remarks: [] },
    ]);
  });

  it('that mean nothing known are shown with the question', () => {
    const { open } = resolve({ recorded: [at('model.disc', 'x'.repeat(500))] });
    expect(open[0]?.remarks).toEqual([
      `model.disc is "${'x'.repeat(79)}…", which is not known here.`,
    ]);
  });

  it('that contradict each other in one place decide nothing', () => {
    const recorded = [at('a.disc', 'zoh'), at('b.disc', 'bilinear')];
    const configurations = [beside('config.yaml', at('disc', 'zoh'))];
    expect(resolve({ recorded, configurations }).open[0]?.remarks).toEqual([
      'The records contradict each other: a.disc is zoh, b.disc is bilinear, disc in config.yaml is zoh.',
    ]);
    expect(resolve({ recorded, remembered: { disc: 'zoh' } }).resolved.disc.from).toBe(
      'remembered',
    );
  });

  it('that contradict each other in two configurations decide nothing', () => {
    const configurations = [
      beside('config.yaml', at('disc', 'zoh')),
      beside('hparams.yaml', at('disc', 'bilinear')),
    ];
    expect(resolve({ configurations }).open).toHaveLength(1);
  });

  it('go through the parser of the parameter', () => {
    const conj: HyperParameter = {
      ...disc,
      name: 'conj',
      settings: ['conj_sym'],
      options: [{ value: 'yes', label: 'Yes' }],
      parse: (value) => (value === true ? 'yes' : undefined),
    };
    const found = (value: SettingValue) =>
      valuesOfResolved(resolve({ recorded: [at('conj_sym', value)] }, '', [conj]).resolved);
    expect([found(true), found(false)]).toEqual([{ conj: 'yes' }, {}]);
  });

  it('may be a bare letter in a configuration, not at the top of a checkpoint', () => {
    const number = { ...length, when: undefined } as unknown as HyperParameter;
    const configurations = [beside('config.yaml', at('L', 784))];
    expect(resolve({ configurations }, '', [number]).resolved.length.value).toBe('784');
    expect(resolve({ recorded: [at('L', 784)] }, '', [number]).open).toHaveLength(1);
  });
});

describe('what a person may give', () => {
  it.each(['foh', '', 'zoh bilinear'])('is not "%s"', (value) => {
    expect(() => resolve({ given: { disc: value } })).toThrow(
      expect.objectContaining({
        reason: 'bad-request',
        message: `disc cannot be "${value}". Possible: zoh, bilinear.`,
      }),
    );
  });

  it.each(['0', '-1', '1.5', '1e3', 'many'])('is not %s where a number is asked for', (value) => {
    const given = { disc: 'bilinear', length: value };
    expect(() => resolve({ given }, '', [length, disc])).toThrow('a whole number from 1 up');
  });

  it('is any whole number where there are no options', () => {
    const given = { disc: 'bilinear', length: '0784' };
    expect(resolve({ given }, '', [length, disc]).resolved.length.value).toBe('784');
  });

  it('counts for an earlier answer, too, but that one is only forgotten', () => {
    expect(resolve({ remembered: { disc: 'foh' } }).open).toHaveLength(1);
  });
});

describe('a parameter that matters only with others', () => {
  const names = (evidence: Partial<HyperEvidence>) =>
    resolve(evidence, '', [length, disc, real]).open.map(({ parameter }) => parameter.name);

  it('is asked for when they are known and it matters', () => {
    expect(names({})).toEqual(['disc', 'real']);
    expect(names({ given: { disc: 'zoh' } })).toEqual(['real']);
    expect(names({ given: { disc: 'bilinear' } })).toEqual(['real', 'length']);
  });
});
