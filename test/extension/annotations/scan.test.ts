import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanJson, scanYaml } from '../../../src/extension/annotations/scan/configuration';
import {
  argumentSettings,
  clearSettings,
  layerClasses,
} from '../../../src/extension/annotations/scan/names';
import { scanPython } from '../../../src/extension/annotations/scan/python';
import { pythonTokens } from '../../../src/extension/annotations/scan/pythonTokens';
import type { SourceScan } from '../../../src/extension/annotations/scan/site';
import type { FamilyId } from '../../../src/families/family';
import { familyOf } from '../../../src/families/recognise';

const names = { classes: new Set(layerClasses) };
/** All of them: the type makes sure. */
const families: Readonly<Record<FamilyId, true>> = {
  's4v4-dplr': true,
  's4v4-diagonal': true,
  's4v4-real': true,
  's4v4-ema': true,
  'annotated-s4': true,
  'annotated-s4d': true,
  'annotated-dss': true,
  's4v3-nplr': true,
  's4v3-diagonal': true,
  h3: true,
  's4v2-nplr': true,
  's4d-minimal': true,
  dss: true,
  dlr: true,
  lru: true,
  's5-torch': true,
  's5-flax': true,
  mega: true,
  lqo: true,
};
const python = (source: string): SourceScan => scanPython(source, names);

/** What the sites cover, so that an expectation reads like the source. */
function found(source: string, { sites }: SourceScan): unknown[] {
  const lines = source.split('\n');
  return sites.map(({ kind, line, start, end, attribute, order }) => [
    line,
    lines[line].slice(start, end),
    kind === 'layer' ? attribute : order,
  ]);
}

describe('Python source', () => {
  it('of the shape of state-spaces example.py: layers in a list, the order as an argument', () => {
    const source = `
class S4Model(nn.Module):
    def __init__(self, d_input, d_model=256, n_layers=4, dropout=0.2):
        super().__init__()
        self.encoder = nn.Linear(d_input, d_model)
        # Stack S4D(d_state=1) layers
        self.s4_layers = nn.ModuleList()
        self.norms = nn.ModuleList()
        for _ in range(n_layers):
            self.s4_layers.append(
                S4D(d_model, d_state=64, dropout=dropout, transposed=True, lr=min(0.001, lr))
            )
`;
    const scan = python(source);
    expect(found(source, scan)).toEqual([
      [10, 'S4D', 's4_layers'],
      [10, 'd_state=64', 64],
    ]);
    expect([...scan.attributes]).toEqual(['encoder', 's4_layers', 'norms']);
  });

  it('assigns layers with annotations, in comprehensions, qualified, and locally', () => {
    const source = [
      'self.ssm: nn.Module = models.S4Block(d, N=64)',
      'self.blocks = nn.ModuleList([LRU(d, d, 256) for _ in range(6)])',
      'layer = S5SSM(H=h, P=16)',
      'return DLR(N=1_024)',
    ].join('\n');
    expect(found(source, python(source))).toEqual([
      [0, 'S4Block', 'ssm'],
      [0, 'N=64', 64],
      [1, 'LRU', 'blocks'],
      [2, 'S5SSM', 'layer'],
      [2, 'P=16', 16],
      [3, 'DLR', undefined],
      [3, 'N=1_024', 1024],
    ]);
  });

  it('sets orders outside the arguments of a layer only by names that mean nothing else', () => {
    const source = [
      'def build(d_model, N=64, d_state: int = 32):',
      'd_state = 16',
      "config = {'d_state': 8, 'N': 4}",
      "parser.add_argument('--ssm-size-base', type=int, default=256)",
      'args.d_state = 5',
      'd_state == 3',
      'd_state = 0',
      'd_state = 1.5',
    ].join('\n');
    expect(found(source, python(source))).toEqual([
      [0, 'd_state: int = 32', 32],
      [1, 'd_state = 16', 16],
      [2, "'d_state': 8", 8],
      [3, "'--ssm-size-base', type=int, default=256", 256],
    ]);
  });

  it('does not look into comments and strings, and takes definitions for none', () => {
    const source = [
      '"""S4D(d_state=1)',
      'd_state = 2"""',
      "x = r'''S4D(''' + f'S4D(' # S4D(d_state=3)",
      "y = 'it\\'s S4D('",
      "z = 'unclosed S4D(",
      'class S4D(nn.Module):',
      'def LRU(d_state=4):',
    ].join('\n');
    expect(found(source, python(source))).toEqual([[6, 'd_state=4', 4]]);
  });

  it('finds its way back after a bracket that was never closed', () => {
    const source = 'x = foo(\n\ndef f():\n    self.a = S4D(64)\n';
    expect(found(source, python(source))).toEqual([[3, 'S4D', 'a']]);
  });

  it('knows classes that a person adds', () => {
    const source = 'self.mixer = OurLayer(N=12)';
    expect(python(source).sites).toEqual([]);
    const own = scanPython(source, { classes: new Set(['OurLayer']) });
    expect(found(source, own)).toEqual([
      [0, 'OurLayer', 'mixer'],
      [0, 'N=12', 12],
    ]);
  });

  it('is read to its end whatever it is, each token standing where it says', () => {
    const parts = [
      '"',
      "'",
      '"""',
      '\\',
      '\n',
      '#',
      '(',
      ')',
      'S4D',
      'N',
      '=',
      '4',
      ' ',
      'λ',
      '😀',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 60 }), (pieces) => {
        const source = pieces.join('');
        const lines = source.split('\n');
        for (const { kind, text, line, start } of pythonTokens(source)) {
          if (kind === 'newline') expect(start).toBe(lines[line].length);
          else if (kind !== 'string') expect(lines[line].slice(start).startsWith(text)).toBe(true);
        }
        for (const { line, start, end } of python(source).sites) {
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(lines[line].length);
        }
      }),
    );
  });

  it('is scanned in time proportional to its length', () => {
    const once = `self.a = S4D(d, d_state=64) # ${'x'.repeat(100)}\n`;
    expect(python(once.repeat(10_000)).sites).toHaveLength(20_000);
    expect(python(`x = """${'"" \\'.repeat(200_000)}`).sites).toEqual([]);
  });
});

describe('YAML', () => {
  it('of the shape of a Hydra configuration', () => {
    const source = [
      'model:',
      '  layer:',
      '    _target_: models.s4.S4Block',
      '    d_state: 64  # the order',
      '    N: 64',
      '    "state_dim": 256',
      '  # d_state: 32',
      "  note: 'd_state: 16'",
      '  inline: {d_state: 8, other: 1}',
      '  d_state: auto',
      '  my_d_state: 4',
    ].join('\n');
    expect(found(source, scanYaml(source))).toEqual([
      [3, 'd_state: 64', 64],
      [5, '"state_dim": 256', 256],
      [8, 'd_state: 8', 8],
    ]);
  });

  it('does not look into literal blocks', () => {
    const source = 'script: |\n  d_state: 64\n\n  ssm_size: 8\nd_state: 32\n';
    expect(found(source, scanYaml(source))).toEqual([[4, 'd_state: 32', 32]]);
  });

  it('with the line ends of Windows', () => {
    expect(scanYaml('d_state: 64\r\nssm_size: 8\r\n').sites).toHaveLength(2);
  });
});

describe('JSON', () => {
  it('on one line and on several, with comments', () => {
    const source = [
      '{"model": {"d_state": 64, "lru_dim": 128},',
      '  // "d_state": 1',
      '  "text": "a \\"d_state\\": 2",',
      '  "ssm_size": 16',
      '}',
    ].join('\n');
    expect(found(source, scanJson(source))).toEqual([
      [0, '"d_state": 64', 64],
      [0, '"lru_dim": 128', 128],
      [3, '"ssm_size": 16', 16],
    ]);
  });
});

describe('the names', () => {
  it('hold the settings that the families record the order under', () => {
    const recorded = Object.keys(families).flatMap((id) => familyOf(id as FamilyId).orderSettings);
    expect(recorded.filter((name) => !argumentSettings.has(name))).toEqual([]);
    expect([...clearSettings].filter((name) => name.length < 7)).toEqual([]);
  });
});
