import { describe, expect, it } from 'vitest';
import { SsmError } from '../../src/core/errors';
import { unpickle } from '../../src/formats/pickle/unpickle';
import { latin1, text } from '../support/torchZip';

function refusal(pickle: string): unknown {
  try {
    unpickle(latin1(pickle));
    return 'accepted';
  } catch (error) {
    return error;
  }
}

function bigEndianLength(length: number): string {
  return String.fromCharCode(...new Uint8Array(BigUint64Array.of(BigInt(length)).buffer));
}

describe('the pickle reader', () => {
  it.each<[string, string, unknown]>([
    ['BININT1', 'K\xff.', 255],
    ['BININT2', 'M\x01\x02.', 513],
    ['BININT, negative', 'J\xfe\xff\xff\xff.', -2],
    ['LONG1, empty', '\x8a\x00.', 0],
    ['LONG1, negative', '\x8a\x01\x80.', -128],
    ['LONG1, 2^40', '\x8a\x06\0\0\0\0\0\x01.', 2 ** 40],
    ['LONG1, beyond the safe integers', '\x8a\x08\0\0\0\0\0\0\0\x10.', undefined],
    ['LONG4, padded', '\x8b\x09\0\0\0\x05\0\0\0\0\0\0\0\0.', 5],
    ['INT', 'I-42\n.', -42],
    ['LONG', 'L42L\n.', 42],
    ['FLOAT', 'F0.25\n.', 0.25],
    ['BINFLOAT', 'G?\xd0\0\0\0\0\0\0.', 0.25],
    ['STRING', "S'abc'\n.", 'abc'],
    ['UNICODE', 'Vabc\n.', 'abc'],
    ['UNICODE, beyond ASCII', 'V\xe4\\u03bb\\U0001d11e\n.', 'äλ𝄞'],
    ['BINUNICODE', `${text('abc')}.`, 'abc'],
    ['SHORT_BINSTRING', 'U\x02ab.', 'ab'],
    ['SHORT_BINUNICODE', '\x8c\x02ab.', 'ab'],
    ['BINUNICODE8', `\x8d${bigEndianLength(2)}ab.`, 'ab'],
    ['NEWTRUE', '\x88.', true],
    ['INT as a boolean', 'I01\n.', true],
  ])('reads %s', (_, pickle, value) => {
    expect(unpickle(latin1(pickle)).root.node).toMatchObject({ value });
  });

  it('reads objects of classes of the old style, with their arguments', () => {
    for (const pickle of ['(cmine\nModel\nK\x07o.', '(K\x07imine\nModel\n.']) {
      const { root } = unpickle(latin1(pickle));
      expect(root.node).toMatchObject({
        kind: 'object',
        callable: { node: { module: 'mine', name: 'Model' } },
        args: { node: { items: [{ node: { value: 7 } }] } },
      });
      expect([root.start, root.end]).toEqual([0, pickle.length - 1]);
    }
    expect(refusal('(o.')).toMatchObject({ reason: 'bad-file' });
    expect(refusal("(S'id'\nios\nsystem\n.")).toMatchObject({ message: /os\.system/ });
  });

  it('recalls by memo index, in every form of the opcodes', () => {
    for (const [put, get] of [
      ['p7\n', 'g7\n'],
      ['q\x07', 'h\x07'],
      ['r\x07\x01\0\0', 'j\x07\x01\0\0'],
    ]) {
      const { root } = unpickle(latin1(`${text('a')}${put}0${get}.`));
      expect(root.node).toEqual({ kind: 'str', value: 'a' });
    }
    expect(unpickle(latin1('\x80\x04\x8c\x01a\x940h\x00.')).root.node).toMatchObject({
      value: 'a',
    });
  });

  it('says which bytes a value takes, with what was put into it', () => {
    const { root } = unpickle(latin1(`\x80\x02}q\x00(${text('k')}K\x01u.`));
    expect([root.start, root.end]).toEqual([2, 15]);
  });

  it.each([
    'os\nsystem',
    'posix\nsystem',
    'nt\nsystem',
    'subprocess\nPopen',
    'builtins\neval',
    '__builtin__\nexec',
    'builtins\ncompile',
    'builtins\ngetattr',
    'builtins\n__import__',
    'builtins\nopen',
    'sys\nmodules',
    'runpy\n_run_code',
    'shutil\nrmtree',
    'socket\nsocket',
    'importlib\nimport_module',
    'importlib.util\nfind_spec',
    'ctypes\nCDLL',
    'webbrowser\nopen',
    'pty\nspawn',
    'code\nInteractiveInterpreter',
    'types\nFunctionType',
    'operator\nattrgetter',
    '_operator\nmethodcaller',
    'torch.hub\nload',
    'torch.serialization\nload',
    'torch\nserialization.os.system',
    'numpy\ncore.os.system',
    'collections\nOrderedDict.__class__.__base__',
  ])('refuses the global %j by GLOBAL and by STACK_GLOBAL', (name) => {
    const [module, attribute] = name.split('\n');
    const shown = expect.stringContaining(`${module}.${attribute}`) as string;
    expect(refusal(`\x80\x02c${name}\n(${text('id')}tR.`)).toMatchObject({
      reason: 'bad-file',
      place: 'data.pkl, byte 2',
      message: shown,
    });
    const stack = `\x80\x04${text(module)}${text(attribute)}\x93)R.`;
    expect(refusal(stack)).toMatchObject({ reason: 'bad-file', message: shown });
  });

  it('keeps unknown and harmless globals as they are', () => {
    for (const name of [
      'omegaconf.nodes\nAnyNode',
      'sklearn.preprocessing._data\nStandardScaler',
      'pathlib\nPosixPath',
      'types\nSimpleNamespace',
      'code.models\nS4Model',
      'mine\nModel',
    ])
      expect(unpickle(latin1(`\x80\x02c${name}\n)\x81}b.`)).root.node.kind).toBe('object');
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no STOP', 'K\x01'],
    ['STOP on an empty stack', '.'],
    ['values left over', 'K\x01K\x02.'],
    ['a mark left over', '(K\x01.'],
    ['bytes after STOP', 'N.N'],
    ['an unknown opcode', '\x80\x02\xff.'],
    ['a text persistent id', 'Pabc\n.'],
    ['INST', '(ios\nsystem\n.'],
    ['EXT1', '\x82\x01.'],
    ['an unknown protocol', '\x80\x06N.'],
    ['a protocol in the middle', 'N\x80\x02.'],
    ['an unset memo index', 'h\x00.'],
    ['a memo index set twice', 'Nq\x00q\x00.'],
    ['a memo index that is no number', 'gx\n.'],
    ['a string longer than the file', 'X\xff\xff\xff\x7fabc.'],
    ['a string of negative length', 'T\xff\xff\xff\xffabc.'],
    ['a giant string', `\x8d${bigEndianLength(2 ** 62)}abc.`],
    ['a giant integer', '\x8b\xff\xff\xff\x7fabc.'],
    ['a global without end of line', 'cos'],
    ['SETITEMS with a lonely key', '}(K\x01u.'],
    ['SETITEM on a number', 'K\x01K\x01K\x01s.'],
    ['APPEND to a dictionary', '}K\x01a.'],
    ['a tuple below the mark', 'K\x01(\x86.'],
    ['arguments that are no tuple', 'cx\ny\nK\x01R.'],
    ['a state on a number', 'K\x01}b.'],
    ['STACK_GLOBAL of numbers', 'K\x01K\x01\x93.'],
    ['a number that is none', 'Iabc\n.'],
    ['an unquoted string', 'Sabc\n.'],
  ])('refuses %s and says where', (_, pickle) => {
    const error = refusal(pickle);
    expect(error).toBeInstanceOf(SsmError);
    expect(error).toMatchObject({
      reason: 'bad-file',
      place: expect.stringMatching(/^data\.pkl, byte \d+$/) as string,
    });
  });

  it('takes a billion laughs as the few lists that they are', () => {
    let pickle = `]q\x00(${text('ha')}${text('ha')}e`;
    for (let level = 1; level < 40; level++)
      pickle += `0]q${String.fromCharCode(level)}(${`h${String.fromCharCode(level - 1)}`.repeat(10)}e`;
    expect(unpickle(latin1(`${pickle}.`)).root.node.kind).toBe('list');
  });

  it('takes a megabyte of one integer and a million nested lists without recursion', () => {
    const digits = '\xff'.repeat(1_000_000);
    expect(unpickle(latin1(`\x8b\x40\x42\x0f\x00${digits}.`)).root.node).toMatchObject({
      value: -1,
    });
    const nested = `${']'.repeat(1_000_000)}${'a'.repeat(999_999)}.`;
    expect(unpickle(latin1(nested)).root.node.kind).toBe('list');
  });

  it('refuses more values than a header has', () => {
    const pickle = new Uint8Array(3_000_010).fill(0x4e);
    expect(() => unpickle(pickle)).toThrow(expect.objectContaining({ reason: 'bad-file' }));
  });
});
