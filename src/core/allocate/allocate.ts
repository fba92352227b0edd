/** What a layer may become: options in any order, each with its price and what it costs in accuracy. */
export interface LayerOptions {
  /** Whole numbers: parameters or states. */
  readonly prices: readonly number[];
  /** Costs of the options, not negative. */
  readonly costs: readonly number[];
  /** What the option makes of the error of the layers before; 1 each where left out. */
  readonly gains?: readonly number[];
}

/** The chosen option of every layer, what they come to together and what they leave. */
export interface Allocation {
  readonly choice: readonly number[];
  readonly price: number;
  /** E_K of E_l = gain E_{l-1} + cost, E_0 = 0: the sum of costs where all gains are 1. */
  readonly value: number;
}

/**
 * The choice with the smallest value whose prices add up to at most the budget, exactly, by dynamic programming over
 * what was spent: E_l is nondecreasing in E_{l-1}, so the best way to spend a sum on the first layers stays the best
 * whatever follows. Undefined where not even the cheapest options fit. O(layers × options × distinct sums).
 */
export function allocateBudget(
  layers: readonly LayerOptions[],
  budget: number,
): Allocation | undefined {
  return best(allocationFrontier(layers, budget));
}

/** The cheapest choice whose value is at most the tolerance, the better one of two at the same price. */
export function allocateTolerance(
  layers: readonly LayerOptions[],
  tolerance: number,
): Allocation | undefined {
  const most = layers.reduce((sum, { prices }) => sum + Math.max(...prices), 0);
  return allocationFrontier(layers, most).find(({ value }) => value <= tolerance);
}

/**
 * The same option number for every layer, the one with the smallest value among those that fit: what every allocation is
 * compared with. Layers with fewer options take their last.
 */
export function allocateUniform(
  layers: readonly LayerOptions[],
  budget: number,
): Allocation | undefined {
  const options = Math.max(0, ...layers.map(({ prices }) => prices.length));
  const all = Array.from({ length: options }, (_, i) =>
    evaluateChoice(
      layers,
      layers.map(({ prices }) => Math.min(i, prices.length - 1)),
    ),
  );
  return best(all.filter(({ price }) => price <= budget));
}

/** Price and value of a choice. */
export function evaluateChoice(
  layers: readonly LayerOptions[],
  choice: readonly number[],
): Allocation {
  let [price, value] = [0, 0];
  layers.forEach(({ prices, costs, gains }, l) => {
    const i = choice[l];
    price += prices[i];
    value = (gains?.[i] ?? 1) * value + costs[i];
  });
  return { choice, price, value };
}

interface Partial {
  readonly price: number;
  readonly value: number;
  readonly option: number;
  readonly before: Partial | undefined;
}

/** All choices within the budget that no other beats in both price and value, by rising price. */
export function allocationFrontier(layers: readonly LayerOptions[], budget: number): Allocation[] {
  let partials: Partial[] = [{ price: 0, value: 0, option: -1, before: undefined }];
  for (const layer of layers) partials = withLayer(partials, layer, budget);
  return partials.map((last) => {
    const choice: number[] = [];
    for (let one = last; one.before !== undefined; one = one.before) choice.unshift(one.option);
    return { choice, price: last.price, value: last.value };
  });
}

function withLayer(
  partials: readonly Partial[],
  { prices, costs, gains }: LayerOptions,
  budget: number,
): Partial[] {
  const found: Partial[] = [];
  for (const before of partials) {
    prices.forEach((own, option) => {
      const price = before.price + own;
      if (price > budget) return;
      found.push({
        price,
        value: (gains?.[option] ?? 1) * before.value + costs[option],
        option,
        before,
      });
    });
  }
  found.sort((a, b) => a.price - b.price || a.value - b.value);
  let least = Infinity;
  return found.filter(({ value }) => {
    const kept = value < least;
    if (kept) least = value;
    return kept;
  });
}

function best(all: readonly Allocation[]): Allocation | undefined {
  return all.reduce<Allocation | undefined>(
    (found, one) => (found === undefined || one.value < found.value ? one : found),
    undefined,
  );
}
