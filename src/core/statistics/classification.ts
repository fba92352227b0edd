/** Scores of all classes: those of the network, or 0 and the score of a network with one output for two classes. */
export function classScores(output: Float64Array): Float64Array {
  return output.length === 1 ? Float64Array.of(0, output[0]) : output;
}

/** The class with the highest score, the first of equals. */
export function predictedClass(scores: Float64Array): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k] > scores[best]) best = k;
  return best;
}

/** -log of the probability that softmax gives a class, in nats. */
export function crossEntropy(scores: Float64Array, label: number): number {
  const most = scores.reduce((m, x) => Math.max(m, x), -Infinity);
  const sum = scores.reduce((total, x) => total + Math.exp(x - most), 0);
  return most + Math.log(sum) - scores[label];
}
