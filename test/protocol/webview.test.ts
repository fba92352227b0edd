import { describe, expect, it } from 'vitest';
import { isSavedFile } from '../../src/protocol/webview';

const file = { name: 'convergence', extension: 'csv', content: 'a,b\n', encoding: 'utf8' };

describe('a file that a page wants to save', () => {
  it.each([file, { ...file, extension: 'png', encoding: 'base64' }, { ...file, content: '' }])(
    'may be %o',
    (value) => {
      expect(isSavedFile(value)).toBe(true);
    },
  );

  it.each([
    null,
    'csv',
    { ...file, name: '../up' },
    { ...file, name: 'a/b' },
    { ...file, name: '' },
    { ...file, name: 'a'.repeat(41) },
    { ...file, extension: 'js' },
    { ...file, extension: undefined },
    { ...file, content: new Uint8Array(2) },
    { ...file, encoding: 'latin1' },
  ])('may not be %o', (value) => {
    expect(isSavedFile(value)).toBe(false);
  });
});
