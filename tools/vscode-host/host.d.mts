import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export interface HostOptions {
  /** A packaged extension to install. */
  readonly vsix?: string;
  /** Puts files into the (empty, temporary) workspace folder. */
  readonly fill?: (workspace: string) => void | Promise<void>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments of the server. */
  readonly args?: readonly string[];
  /** 0 or nothing: any free one. */
  readonly port?: number;
}

export interface Host {
  readonly port: number;
  readonly root: string;
  readonly workspace: string;
  readonly pid: number;
  log(): string;
  url(options?: { readonly payload?: readonly (readonly [string, string])[] }): string;
  stop(): Promise<void>;
}

export interface ExtensionHostRun {
  /** Folder of the extension under development. */
  readonly extension: string;
  /** Compiled module that exports `run()`. */
  readonly entry: string;
  readonly fill?: HostOptions['fill'];
  readonly settings?: HostOptions['settings'];
  readonly env?: HostOptions['env'];
  readonly timeout?: number;
  readonly onLog?: (type: string, args: unknown[]) => void;
}

export declare const chromiumPath: string;
export declare const quietSettings: Readonly<Record<string, unknown>>;
export declare function startHost(options?: HostOptions): Promise<Host>;
export declare function openBrowser(
  options?: BrowserContextOptions,
): Promise<{ browser: Browser; page: Page }>;
/** `code` is undefined when the run did not end within the timeout. */
export declare function runInExtensionHost(
  run: ExtensionHostRun,
): Promise<{ code: number | undefined; serverLog: string }>;
