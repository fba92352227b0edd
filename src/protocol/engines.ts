/** The engines there are besides the processor's own path: TensorFlow, and WebGPU. */
export const searchEngineIds = ['tfjs', 'webgpu'] as const;
export type SearchEngineId = (typeof searchEngineIds)[number];

/** What a person can choose. `auto` measures, and takes the fastest. */
export const engineChoices = ['auto', 'cpu', ...searchEngineIds] as const;
export type EngineChoice = (typeof engineChoices)[number];

export const engineNames: Readonly<Record<SearchEngineId | 'cpu', string>> = {
  cpu: 'CPU',
  tfjs: 'TensorFlow',
  webgpu: 'WebGPU',
};

/** What computes, as a person should know it. */
export interface EngineDevice {
  /** A device that only pretends to be a GPU, computing on the processor, is `software`; never `gpu`. */
  readonly kind: 'gpu' | 'cpu' | 'software';
  readonly name: string;
}

/** Which engine is wanted, and where its package lies. */
export interface EngineRequest {
  readonly choice: EngineChoice;
  /** A folder with `node_modules`, where `@tensorflow/tfjs-node-gpu` or `webgpu` were installed. */
  readonly folder?: string;
}

/** How far an engine was from the processor on fixed systems; see `selfTest`. */
export interface SelfTest {
  readonly passed: boolean;
  /** Of values of the squared relative error, absolute. */
  readonly valueError: number;
  /** Of gradients, relative to the largest entry of each. */
  readonly gradientError: number;
  /** How far above the nearest minimum searches ended on average, as squared relative errors; only where the rest was right. */
  readonly searchExcess?: number;
}

/** What became of an engine that was tried. */
export interface EngineTrial {
  readonly engine: SearchEngineId;
  readonly usable: boolean;
  /** Why it cannot be used, or what it is, in a sentence. */
  readonly verdict: string;
  readonly device?: EngineDevice;
  readonly selfTest?: SelfTest;
}

/** Searches that stayed with the processor beside an engine. */
export interface SearchesElsewhere {
  /** In a sentence. */
  readonly why: string;
  /** The layers they were for, where a report names them. */
  readonly layers?: readonly string[];
}

/** Which engine searched in single precision before the processor finished in double, and why that one. */
export interface EngineRecord {
  readonly requested: EngineChoice;
  readonly used: SearchEngineId | 'cpu';
  /** Of the engine used, where it is not the processor. */
  readonly device?: EngineDevice;
  /** In a sentence. */
  readonly why: string;
  /** Measured on a part of the run's own systems. */
  readonly timings: readonly {
    readonly engine: SearchEngineId | 'cpu';
    readonly secondsPerSystem: number;
  }[];
  readonly tried: readonly EngineTrial[];
  /** Systems that it searched for, and how many of them have a lower error by it than the processor found itself. */
  readonly found?: { readonly searched: number; readonly lower: number };
  /** What it does not search for; nothing where it could have done all. */
  readonly processor?: readonly SearchesElsewhere[];
  /** How it was lost in mid-run, after which the processor went on alone. */
  readonly lost?: string;
}

export function isEngineRequest(value: unknown): value is EngineRequest {
  return (
    isRecord(value) &&
    engineChoices.some((choice) => choice === value.choice) &&
    isOptionalText(value.folder)
  );
}

/** Deep enough that every field shown can be trusted. */
export function isEngineRecord(value: unknown): value is EngineRecord {
  return (
    isRecord(value) &&
    engineChoices.some((choice) => choice === value.requested) &&
    isEngine(value.used) &&
    typeof value.why === 'string' &&
    isOptionalText(value.lost) &&
    (value.device === undefined || isDevice(value.device)) &&
    (value.processor === undefined || isElsewhere(value.processor)) &&
    (value.found === undefined || isFound(value.found)) &&
    Array.isArray(value.timings) &&
    value.timings.every(
      (one) => isRecord(one) && isEngine(one.engine) && typeof one.secondsPerSystem === 'number',
    ) &&
    Array.isArray(value.tried) &&
    value.tried.every(isEngineTrial)
  );
}

function isFound(value: unknown): boolean {
  return isRecord(value) && typeof value.searched === 'number' && typeof value.lower === 'number';
}

function isElsewhere(value: unknown): boolean {
  const isNames = (names: unknown): boolean =>
    Array.isArray(names) && names.every((name) => typeof name === 'string');
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        isRecord(one) &&
        typeof one.why === 'string' &&
        (one.layers === undefined || isNames(one.layers)),
    )
  );
}

export function isEngineTrial(value: unknown): value is EngineTrial {
  return (
    isRecord(value) &&
    isEngine(value.engine) &&
    typeof value.usable === 'boolean' &&
    typeof value.verdict === 'string' &&
    (value.device === undefined || isDevice(value.device))
  );
}

function isDevice(value: unknown): value is EngineDevice {
  return (
    isRecord(value) &&
    ['gpu', 'cpu', 'software'].some((kind) => kind === value.kind) &&
    typeof value.name === 'string'
  );
}

function isEngine(value: unknown): value is SearchEngineId | 'cpu' {
  return typeof value === 'string' && Object.hasOwn(engineNames, value);
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
