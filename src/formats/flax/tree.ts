import { SsmError } from '../../core/errors';
import type { SettingValue } from '../checkpoint';
import type { MsgpackNode, NdArray } from '../msgpack/nodes';
import { numberSetting, textSetting } from '../settingValue';
import { elementCount } from '../strided';
import type { TensorInfo } from '../tensor';
import { uniqueNames } from '../uniqueNames';

/** A tensor of the tree: one array, or several that Flax split it into. */
export interface FlaxLeaf {
  readonly info: TensorInfo;
  readonly path: readonly string[];
  /** What stands for it in the file, chunks and all. */
  readonly node: MsgpackNode;
  readonly parts: readonly NdArray[];
}

export interface FlaxSetting {
  readonly path: readonly string[];
  readonly value: SettingValue;
  readonly node: MsgpackNode;
}

/** What a Flax tree holds, in file order. */
export interface FlaxTree {
  readonly leaves: readonly FlaxLeaf[];
  readonly settings: readonly FlaxSetting[];
  /** Arrays of element types that are not known here. */
  readonly others: readonly string[];
}

const CHUNKED = '__msgpack_chunked_array__';
const OPTIMIZER = /^opt(imizer)?(_state)?s?$/i;

/** Finds tensors and settings; names are the keys of the tree joined by dots, as flattened torch names are. */
export function readTree(root: MsgpackNode): FlaxTree {
  const unique = uniqueNames();
  const leaves: FlaxLeaf[] = [];
  const settings: FlaxSetting[] = [];
  const others: string[] = [];

  const visit = (node: MsgpackNode, path: readonly string[]): void => {
    const array = node.kind === 'map' ? chunkedArray(node, path) : wholeArray(node);
    if (array !== undefined) {
      const { shape, parts } = array;
      const { dtype, typeName } = parts[0];
      const wanted = path.join('.') || 'tensor';
      if (dtype === undefined) others.push(`${wanted} (${typeName})`);
      else {
        const role = path.some((key) => OPTIMIZER.test(key)) ? 'optimizer' : 'model';
        const info = { name: unique(wanted), dtype, shape, role } as const;
        leaves.push({ info, path, node, parts });
      }
    } else if (node.kind === 'map')
      for (const [key, inner] of node.entries) visit(inner, [...path, key]);
    else if (node.kind === 'list')
      node.items.forEach((inner, i) => {
        visit(inner, [...path, String(i)]);
      });
    else if (node.kind === 'leaf' && !path.some((key) => OPTIMIZER.test(key)))
      settings.push({ path, node, value: settingOf(node.value) });
  };

  visit(root, []);
  return { leaves, settings, others };
}

interface Found {
  readonly shape: readonly number[];
  readonly parts: readonly [NdArray, ...NdArray[]];
}

function wholeArray(node: MsgpackNode): Found | undefined {
  return node.kind === 'ndarray' ? { shape: node.shape, parts: [node] } : undefined;
}

/** {'__msgpack_chunked_array__': True, 'shape': {'0': …}, 'chunks': {'0': flat array, …}} */
function chunkedArray(
  node: Extract<MsgpackNode, { kind: 'map' }>,
  path: readonly string[],
): Found | undefined {
  const members = new Map(node.entries);
  if (!members.has(CHUNKED)) return undefined;
  const shape = inOrder(members.get('shape')).map((size) =>
    size.kind === 'leaf' && typeof size.value === 'number' ? size.value : NaN,
  );
  const chunks = inOrder(members.get('chunks'));
  const [first, ...rest] = chunks.filter(
    (chunk): chunk is MsgpackNode & NdArray => chunk.kind === 'ndarray',
  );
  const length = chunks.reduce(
    (sum, chunk) => sum + (chunk.kind === 'ndarray' ? elementCount(chunk.shape) : NaN),
    0,
  );
  const sound =
    chunks.length > 0 &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    rest.every(({ typeName }) => typeName === first.typeName) &&
    length === elementCount(shape);
  if (!sound)
    throw new SsmError('bad-file', 'An array in chunks is not what it declares.', {
      place: JSON.stringify(path.join('.').slice(0, 200)),
    });
  return { shape, parts: [first, ...rest] };
}

/** The values of a map with the keys '0', '1', …; empty where it is none. */
function inOrder(node: MsgpackNode | undefined): readonly MsgpackNode[] {
  const members = new Map(node?.kind === 'map' ? node.entries : []);
  const items = Array.from({ length: members.size }, (_, i) => members.get(String(i)));
  return items.every((item) => item !== undefined) ? items : [];
}

function settingOf(value: number | string | boolean | null): SettingValue {
  if (typeof value === 'string') return textSetting(value);
  return typeof value === 'number' ? numberSetting(value) : value;
}
