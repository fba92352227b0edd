import { spawn, type ChildProcess } from 'node:child_process';

/** How a run of the command line ended. */
export interface Ended {
  /** The exit code, or null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A run of the command line under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error has said something that matches. */
  said(pattern: RegExp): Promise<void>;
}

/** Starts the bundled command line. */
export function startCli(cli: string, args: readonly string[], options: RunOptions = {}): Running {
  return startProcess(process.execPath, [cli, ...args], options);
}

/** Runs the bundled command line to its end. */
export function runCli(cli: string, args: readonly string[], options?: RunOptions): Promise<Ended> {
  return startCli(cli, args, options).ended;
}

/** Starts a program and collects what it says. */
export function startProcess(
  program: string,
  args: readonly string[],
  { cwd, env }: RunOptions = {},
): Running {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const listener of listeners) listener();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const listener = (): void => {
        if (!pattern.test(stderr)) return;
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
      listener();
      child.once('close', () => {
        reject(new Error(`ended before it said ${String(pattern)}: ${stderr}`));
      });
    });
  return { child, ended, said };
}

/** Resolves as soon as the condition holds; the test's own time limit is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
