/** Compiles the hot loops of wasm/ to WebAssembly: the compiled module, as bytes. */
export function compileLoops(): Promise<Uint8Array<ArrayBuffer>>;
