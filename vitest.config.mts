import { defineConfig } from 'vitest/config';

/**
 * Three groups: `unit` needs Node alone; `python` needs Debian's torch and NumPy; `host` needs Chromium and the VS Code
 * of tools/vscode-host and runs its files one after another. `npm test` sets all of that up and runs all three.
 */
export default defineConfig({
  test: {
    maxWorkers: 2, // with two cores vitest would take one; the tests of a file wait for child processes often enough
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/python/**', 'test/host/**'],
          testTimeout: 30_000,
          isolate: false, // loading the modules anew for each file takes longer than the tests
        },
      },
      {
        test: {
          name: 'python',
          include: ['test/python/**/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'host',
          include: ['test/host/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          retry: 1, // the workbench now and then loses a click on a slow machine
          fileParallelism: false,
        },
      },
    ],
  },
});
