import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckpointFacts } from '../../../src/extension/annotations/facts';
import {
  factsFor,
  linkedCheckpoint,
  suggestLink,
  withLink,
} from '../../../src/extension/annotations/links';
import { layersAt } from '../../../src/extension/annotations/matching';
import { scanYaml } from '../../../src/extension/annotations/scan/configuration';
import { layerClasses } from '../../../src/extension/annotations/scan/names';
import { scanPython } from '../../../src/extension/annotations/scan/python';
import { checkpoint, layer } from './samples';

const folder = path.resolve('/project');
const inFolder = (name: string): string => path.join(folder, name);
const none: ReadonlySet<string> = new Set();

const names = ['s4_layers.0', 's4_layers.1'];
const result = checkpoint(names.map((name) => layer(name)));
const newer = checkpoint(result.layers, {
  result: path.resolve('/runs/model.order8.safetensors'),
  createdAt: '2026-11-23T00:00:00.000Z',
});
const flax = checkpoint(
  ['encoder/layers_0/seq', 'encoder/layers_1/seq'].map((name) => layer(name)),
  { result: path.resolve('/runs/flax.msgpack'), report: path.resolve('/runs/flax.ssmreport.json') },
);

const file = (text: string, at = inFolder('model.py')): Parameters<typeof suggestLink>[0] => ({
  path: at,
  text,
  scan: at.endsWith('.py') ? scanPython(text, { classes: new Set(layerClasses) }) : scanYaml(text),
});

/** The name of the result that is suggested, and why. */
function suggested(text: string, all: readonly CheckpointFacts[], at?: string): unknown {
  const link = suggestLink(file(text, at), all, none);
  return link === undefined ? undefined : [path.basename(link.facts.result), link.by];
}

describe('a link that the person made', () => {
  it('is found by paths relative to the folder or absolute', () => {
    const links = { 'src/model.py': 'runs/a.safetensors', 'b.yaml': 7, 'c.json': result.result };
    const of = (name: string): unknown => linkedCheckpoint(links, inFolder(name), folder);
    expect(of('src/model.py')).toBe(inFolder('runs/a.safetensors'));
    expect(of('b.yaml')).toBeUndefined();
    expect(of('c.json')).toBe(result.result);
    expect(of('other.py')).toBeUndefined();
  });

  it('is written relative inside the folder, absolute outside, and replaces the one before', () => {
    const before = { './src/model.py': 'old.pt', 'x.py': 'x.pt' };
    expect(
      withLink(before, inFolder('src/model.py'), inFolder('runs/a.safetensors'), folder),
    ).toEqual({ 'x.py': 'x.pt', 'src/model.py': 'runs/a.safetensors' });
    expect(withLink({}, inFolder('a.py'), result.result, folder)).toEqual({
      'a.py': result.result,
    });
    expect(withLink(before, inFolder('src/model.py'), undefined, folder)).toEqual({
      'x.py': 'x.pt',
    });
  });

  it('to the original means the newest result made from it', () => {
    const all = [result, newer];
    expect(factsFor(result.result, all)).toBe(result);
    expect(factsFor(result.source, all)).toBe(newer);
    expect(factsFor(inFolder('unknown.pt'), all)).toBeUndefined();
  });
});

describe('a suggestion', () => {
  const model = 'self.s4_layers = nn.ModuleList([S4D(d) for _ in range(2)])\n';

  it('prefers the checkpoint that the file names, then structure, then the newest', () => {
    expect(suggested(model, [result, newer])).toEqual(['model.order8.safetensors', 'structure']);
    const loads = `${model}load('runs/model.order24.safetensors')`;
    expect(suggested(loads, [result, newer])).toEqual(['model.order24.safetensors', 'mention']);
  });

  it('takes no name that is only the end of another', () => {
    const other = 'd_state: 64\nfile: my-model.order24.safetensors\n';
    expect(suggested(other, [result], inFolder('config.yaml'))).toBeUndefined();
  });

  it('knows the names of Flax, and attributes on the way to a layer', () => {
    const source = 'self.encoder = E()\nself.layers = [L(S5SSM(1))]\nself.seq = self.ssm(step)\n';
    expect(suggested(source, [flax])).toEqual(['flax.msgpack', 'structure']);
    expect(suggested('self.other = S5SSM(1)\n', [flax])).toBeUndefined();
  });

  it('takes configurations beside the result, also those of Hydra', () => {
    const at = (name: string): string => path.join(path.dirname(result.report), name);
    expect(suggested('d_state: 64', [result], at('config.yaml'))).toEqual([
      'model.order24.safetensors',
      'neighbour',
    ]);
    expect(suggested('d_state: 64', [result], at('.hydra/config.yaml'))).toBeDefined();
    expect(suggested('d_state: 64', [result], at('sub/config.yaml'))).toBeUndefined();
    expect(suggested('lr: 1', [result], at('config.yaml'))).toBeUndefined();
  });

  it('is not made again once it was rejected', () => {
    const link = suggestLink(file(model), [result, newer], new Set([newer.result]));
    expect(link?.facts).toBe(result);
  });
});

describe('the layers of a site', () => {
  const at = (source: string): string[][] =>
    file(source).scan.sites.map((site) => layersAt(site, mixed).map(({ name }) => name));
  const mixed = checkpoint([
    layer('down.0.ssm'),
    layer('down.1.ssm', { orderBefore: 32, orderAfter: 8 }),
    layer('down_proj.ssm', { orderBefore: 16, orderAfter: 16 }),
  ]);

  it('are those below its attribute, or all where no name has it', () => {
    expect(at('self.down = S4D(1)')).toEqual([['down.0.ssm', 'down.1.ssm']]);
    expect(at('self.kernel = S4DKernel(1)')).toEqual([mixed.layers.map(({ name }) => name)]);
    expect(at('return S4D(1)')).toEqual([mixed.layers.map(({ name }) => name)]);
  });

  it('are those that had or have the order that it sets', () => {
    expect(at('d_state = 24')).toEqual([['down.0.ssm']]);
    expect(at('d_state = 32')).toEqual([['down.1.ssm']]);
    expect(at('d_state = 48')).toEqual([[]]);
  });
});
