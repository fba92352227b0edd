import { beforeEach, expect, test, vi } from 'vitest';
import { SsmError } from '../../src/core/errors';
import type { SsmContext } from '../../src/extension/context';
import { installEngine } from '../../src/extension/engines/install';
import type { EngineTrial, SearchEngineId } from '../../src/protocol/engines';

/** What VS Code is asked, and how the person answers. */
const editor = vi.hoisted(() => ({
  reports: [] as { message?: string }[],
  titles: [] as string[],
  cancel: undefined as (() => void) | undefined,
  warning: vi.fn<(text: string, ...rest: unknown[]) => Promise<unknown>>(),
  information: vi.fn<(text: string, ...rest: unknown[]) => Promise<unknown>>(),
  error: vi.fn<(text: string, ...rest: unknown[]) => Promise<unknown>>(),
}));

vi.mock('vscode', () => ({
  ProgressLocation: { Notification: 15 },
  l10n: {
    t: (text: string, ...values: unknown[]) =>
      text.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)])),
  },
  window: {
    showWarningMessage: editor.warning,
    showInformationMessage: editor.information,
    showErrorMessage: editor.error,
    withProgress: (
      { title }: { title: string },
      task: (progress: object, token: object) => Promise<unknown>,
    ) => {
      editor.titles.push(title);
      return task(
        { report: (step: { message?: string }) => editor.reports.push(step) },
        {
          isCancellationRequested: false,
          onCancellationRequested: (listener: () => void) => (editor.cancel = listener),
        },
      );
    },
  },
}));

interface Asked {
  readonly signal: AbortSignal;
  readonly onEvent: { line(line: string): void };
}

/** The command's side of the window, with a worker that answers as it is told. */
function contextWith(install: (asked: Asked) => Promise<EngineTrial>) {
  const request = vi.fn((...[, , asked]: [string, object, Asked]) => install(asked));
  const log = { info: vi.fn(), error: vi.fn(), show: vi.fn() };
  const context = {
    ...{ log, worker: { request } },
    engines: { folder: () => '/storage/engines' },
  } as unknown as SsmContext;
  return { context, request, log };
}

const gpu = { kind: 'gpu', name: '@tensorflow/tfjs-node-gpu on CUDA' } as const;

beforeEach(() => {
  vi.clearAllMocks();
  editor.reports.length = 0;
  editor.titles.length = 0;
  editor.warning.mockResolvedValueOnce('Install').mockResolvedValue(undefined);
  editor.information.mockResolvedValue(undefined);
  editor.error.mockResolvedValue(undefined);
});

test.each<[SearchEngineId, string, RegExp]>([
  [
    'tfjs',
    'TensorFlow',
    /Linux or Windows \(x64\)[^]*450 or later, CUDA 11\.2 and cuDNN 8\.1[^]*500 MB/,
  ],
  ['webgpu', 'WebGPU', /Vulkan, Metal or Direct3D 12[^]*Node\.js 20 or later[^]*140 MB/],
])('%s: tells what it needs, shows how it goes on, and the verdict', async (id, name, needs) => {
  const trial: EngineTrial = { engine: id, usable: true, verdict: 'fine', device: gpu };
  const { context, request, log } = contextWith(({ onEvent }) => {
    onEvent.line('npm http fetch GET 200');
    onEvent.line('added 80 packages [here](command:x)');
    return Promise.resolve(trial);
  });
  expect(await installEngine(context, id)).toBe(trial);
  expect(editor.warning.mock.calls[0][1]).toMatchObject({
    modal: true,
    detail: expect.stringMatching(needs) as string,
  });
  expect(request.mock.calls[0].slice(0, 2)).toEqual([
    'installEngine',
    { engine: id, folder: '/storage/engines' },
  ]);
  expect(editor.titles).toEqual([`Installing ${name}`]);
  expect(editor.reports.map(({ message }) => message)).toEqual([
    'npm http fetch GET 200',
    'added 80 packages [here] (command:x)',
  ]);
  expect(log.info).toHaveBeenCalledWith('npm: npm http fetch GET 200');
  expect(editor.information.mock.calls[0][0]).toBe(
    `${name} is installed and passed its self-test: @tensorflow/tfjs-node-gpu on CUDA.`,
  );
});

test('installs nothing where the person does not want it', async () => {
  editor.warning.mockReset().mockResolvedValue(undefined);
  const { context, request } = contextWith(() => Promise.reject(new Error('asked')));
  expect(await installEngine(context, 'tfjs')).toBeUndefined();
  expect(request).not.toHaveBeenCalled();
});

test('says where TensorFlow fell back to the processor, and for want of what', async () => {
  const device = {
    kind: 'cpu',
    name: 'TensorFlow fell back to the processor (not found: libcudart.so.11.0)',
  } as const;
  const verdict = 'It passed its self-test, but on the processor; a GPU needs CUDA 11.2.';
  const { context } = contextWith(() =>
    Promise.resolve({ engine: 'tfjs', usable: true, verdict, device }),
  );
  await installEngine(context, 'tfjs');
  expect(editor.information).not.toHaveBeenCalled();
  expect(editor.warning.mock.calls[1][0]).toBe(
    `TensorFlow is installed, but no GPU can be used. ${verdict} ${device.name}.`,
  );
});

test.each<[SearchEngineId, string]>([
  ['tfjs', 'TensorFlow computes on GPUs on Linux and Windows (x64) only; this is darwin-arm64.'],
  ['webgpu', 'There is no WebGPU package for freebsd-x64.'],
])('gives the reason why %s is refused', async (id, why) => {
  const { context, log } = contextWith(() => Promise.reject(new SsmError('bad-request', why)));
  expect(await installEngine(context, id)).toBeUndefined();
  expect(editor.error.mock.calls[0][0]).toBe(why);
  expect(log.error).toHaveBeenCalledTimes(1);
});

test.each<SearchEngineId>(['tfjs', 'webgpu'])(
  '%s: ends without a word when it is cancelled',
  async (id) => {
    const { context } = contextWith(
      ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new SsmError('cancelled', 'The operation was cancelled.'));
          });
          queueMicrotask(() => editor.cancel?.());
        }),
    );
    expect(await installEngine(context, id)).toBeUndefined();
    expect(editor.error).not.toHaveBeenCalled();
  },
);

test('shows the log to who asks for it', async () => {
  editor.warning.mockReset().mockResolvedValueOnce('Install').mockResolvedValue('Show Log');
  const { context, log } = contextWith(() =>
    Promise.resolve({ engine: 'webgpu', usable: false, verdict: 'webgpu does not load.' }),
  );
  await installEngine(context, 'webgpu');
  expect(editor.warning.mock.calls[1][0]).toBe(
    'WebGPU is installed, but no GPU can be used. webgpu does not load.',
  );
  expect(log.show).toHaveBeenCalledTimes(1);
});
