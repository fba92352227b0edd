import { describe, expect, it } from 'vitest';
import {
  defaultOutputName,
  outputComplaint,
  resolveOutput,
} from '../../src/extension/compression/outputName';

describe('defaultOutputName', () => {
  it.each([
    ['/m/model.safetensors', 'model.order16.safetensors'],
    ['/m/epoch=3.step=7.ckpt', 'epoch=3.step=7.order16.ckpt'],
    ['/m/checkpoint', 'checkpoint.order16'],
    ['/m/.pt', '.pt.order16'],
  ])('of %s is %s', (file, name) => {
    expect(defaultOutputName(file, 16)).toBe(name);
  });

  it('tells the tolerance where that decides the order', () => {
    expect(defaultOutputName('/m/a.pt', { accuracyLoss: 0.005 })).toBe('a.loss0.5.pt');
    expect(defaultOutputName('/m/a.pt', { outputError: 0.07 })).toBe('a.error7.pt');
  });
});

describe('resolveOutput', () => {
  it('is beside the source unless the name is a path of its own', () => {
    expect(resolveOutput('/m/a.pt', ' b.pt ')).toBe('/m/b.pt');
    expect(resolveOutput('/m/a.pt', '../n/b.pt')).toBe('/n/b.pt');
    expect(resolveOutput('/m/a.pt', '/x/b.pt')).toBe('/x/b.pt');
  });
});

describe('outputComplaint', () => {
  it.each([
    ['b.pt', undefined],
    ['b.ckpt', undefined],
    ['/x/B.PTH', undefined],
    ['', 'empty'],
    ['  ', 'empty'],
    ['folder/', 'empty'],
    ['a.pt', 'same-as-source'],
    ['../m/a.pt', 'same-as-source'],
    ['b.safetensors', 'other-format'],
    ['b', 'other-format'],
  ])('of %j is %s', (typed, complaint) => {
    expect(outputComplaint('/m/a.pt', typed)).toBe(complaint);
  });

  it('of the name for a sharded checkpoint is about the folder that its index stands for', () => {
    const index = '/m/net/model.safetensors.index.json';
    expect(defaultOutputName(index, 16)).toBe('net.order16');
    expect(resolveOutput(index, 'net.order16')).toBe('/m/net.order16');
    expect(outputComplaint(index, 'net')).toBe('same-as-source');
    expect(outputComplaint(index, 'net.order16')).toBeUndefined();
  });

  it('of the name for a folder asks for no ending', () => {
    expect(outputComplaint('/m/model-v1.5', 'model-v1.order16.5')).toBeUndefined();
    expect(outputComplaint('/m/model', defaultOutputName('/m/model', 16))).toBeUndefined();
    expect(outputComplaint('/m/model', 'model.pt')).toBe('other-format');
  });
});
