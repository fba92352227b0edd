/** A place in a source or configuration file that speaks of state-space layers. */
export interface SourceSite {
  /** Where a layer is built, or where an order is set. */
  readonly kind: 'layer' | 'order';
  /** Zero-based, as are the columns; `end` is behind the last character. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
  /** `self.NAME = …`, `NAME.append(…)`: what the layers are assigned to, where a layer is built. */
  readonly attribute?: string;
  /** The value, where an order is set. */
  readonly order?: number;
}

/** What a scan of a file found. */
export interface SourceScan {
  readonly sites: readonly SourceSite[];
  /** Every `NAME` of `self.NAME`. */
  readonly attributes: ReadonlySet<string>;
}

/** What a scan looks for. */
export interface ScanNames {
  /** Classes that are state-space layers. */
  readonly classes: ReadonlySet<string>;
}
