import * as path from 'node:path';
import type { FamilyId } from '../../families/family';
import type { RunSummary } from '../../protocol/runSummary';

/** The lines of Python that load a result into a model. The model's class is the person's own and stands as `MyModel`. */
export function pythonSnippet(result: string, summary: RunSummary, isFolder: boolean): string {
  const lines = summary.request.exactSizes === true ? exactSizes : sameSizes;
  return `${lines(result, summary, isFolder).join('\n')}\n`;
}

type Snippet = (result: string, summary: RunSummary, isFolder: boolean) => string[];

/** All layers have one size: the original code loads the result with its new settings. */
const sameSizes: Snippet = (result, summary, isFolder) => {
  const model = `model = MyModel(${['...', ...settings(summary)].join(', ')})  # your own class`;
  const { format } = summary.result;
  if (format === 'equinox') {
    return [
      'import equinox as eqx',
      '',
      model,
      `model = eqx.tree_deserialise_leaves(${python(result)}, model)`,
    ];
  }
  if (format === 'flax-msgpack') {
    return [
      'from pathlib import Path',
      '',
      'from flax.serialization import msgpack_restore',
      '',
      model,
      `params = msgpack_restore(Path(${python(result)}).read_bytes())`,
      'output = model.apply({"params": params}, inputs)  # where params holds the collections: model.apply(params, inputs)',
    ];
  }
  if (format === 'npz') {
    return [
      'import numpy as np',
      '',
      model,
      `arrays = dict(np.load(${python(result)}))  # by the names of the original`,
    ];
  }
  return [...stateDict(result, format, isFolder), '', model, 'model.load_state_dict(state)'];
};

/** Every layer has its own size: the script beside the result brings the model to them. */
const exactSizes: Snippet = (result, { result: { format } }, isFolder) => [
  'import sys',
  '',
  `sys.path.insert(0, ${python(path.dirname(result))})  # where load_compressed.py lies`,
  'from load_compressed import load_compressed',
  ...stateDict(result, format, isFolder),
  '',
  'model = MyModel(...)  # your own class, built as it was trained',
  'load_compressed(model, state)',
];

function stateDict(result: string, format: string, isFolder: boolean): string[] {
  const name = python(result);
  if (format !== 'safetensors') {
    return [
      'import torch',
      '',
      `state = torch.load(${name}, map_location="cpu")`,
      'state = state.get("state_dict", state)  # of Lightning files; else as your code reads the original',
    ];
  }
  if (!isFolder)
    return ['from safetensors.torch import load_file', '', `state = load_file(${name})`];
  return [
    'from pathlib import Path',
    '',
    'from safetensors.torch import load_file',
    '',
    'state = {}',
    `for shard in sorted(Path(${name}).glob("*.safetensors")):`,
    '    state.update(load_file(shard))',
  ];
}

/** What the original code calls the order, where it is not `d_state`. */
const orderNames: Readonly<Partial<Record<FamilyId, string>>> = {
  'annotated-s4': 'N',
  'annotated-s4d': 'N',
  'annotated-dss': 'N',
  dss: 'N',
  dlr: 'N',
  mega: 'ndim',
  's5-torch': 'state_width',
  's5-flax': 'ssm_size',
};

/** The arguments that differ from the original's: those that the file records, else the order under its usual name. */
function settings({
  families,
  settingsChanged,
  orderAfter,
  orderBefore,
  untied,
}: RunSummary): string[] {
  const changed = new Map(
    settingsChanged.map(({ path: keys, after }) => [keys.at(-1) ?? '', after]),
  );
  if (orderAfter.greatest !== orderBefore && settingsChanged.length === 0) {
    const [family] = families;
    changed.set(orderNames[family] ?? 'd_state', orderAfter.greatest);
  }
  for (const { setting, value } of untied) changed.set(setting, value);
  return [...changed]
    .filter(([name]) => /^[A-Za-z_]\w*$/.test(name))
    .map(([name, value]) => `${name}=${value}`);
}

/** A text as a literal of Python; what is not seen, or turns the direction of writing, as an escape. */
function python(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
