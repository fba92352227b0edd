/** Where a command reads its orders from and writes to; tests bring their own. */
export interface Terminal {
  /** A line of results, to standard output. */
  print(line: string): void;
  /** A line of remarks, to standard error. */
  remark(line: string): void;
  /** Progress goes here. */
  readonly errors: NodeJS.WriteStream;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
}

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever read our output (`| head`) has seen enough. The work goes on.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    print: (line) => void process.stdout.write(`${line}\n`),
    remark: (line) => void process.stderr.write(`${line}\n`),
    errors: process.stderr,
    signal,
  };
}
