/** As much of WebAssembly as is needed here: its types come with browsers' only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface Memory {
  readonly buffer: ArrayBuffer;
  /** By so many pages; buffers known before are no longer valid. */
  grow(pages: number): void;
}

/** What wasm/ exports; addresses are in bytes, counts in numbers. */
export interface LoopExports {
  readonly memory: Memory;
  readonly heapBase: { readonly value: number };
  multiply(
    W: number,
    x: number,
    y: number,
    panel: number,
    rows: number,
    inner: number,
    length: number,
  ): void;
  innerProducts(
    x: number,
    from: number,
    to: number,
    y: number,
    yCount: number,
    rows: number,
    out: number,
    stride: number,
    lower: number,
  ): void;
  convolveQuad(
    u: number,
    y: number,
    length: number,
    spectra: number,
    size: number,
    turns: number,
    input: number,
    known: number,
    work: number,
  ): void;
  activate(kind: number, x: number, y: number, count: number, erf: number): void;
  gate(kind: number, kept: number, gates: number, y: number, count: number, erf: number): void;
}

/** Throws where WebAssembly or its vectors are not known. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>): LoopExports {
  const abort = (): never => {
    throw new Error('The loops ended early.');
  };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { abort } });
  return instance.exports as LoopExports;
}
