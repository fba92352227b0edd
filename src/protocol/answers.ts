import type { OpenQuestion } from './worker';

/** How an answer is keyed: by the question's name alone where that is clear, else for each of its layers. */
export function answerKeys({
  name,
  layers,
  everywhere,
}: Pick<OpenQuestion, 'name' | 'layers' | 'everywhere'>): string[] {
  return everywhere ? [name] : layers.map((layer) => `${layer}:${name}`);
}

/** A positive number, or a whole one from 1 up, that a person typed; undefined if it is none. */
export function parseNumber(text: string, whole: boolean): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text);
  const fits = whole ? Number.isSafeInteger(value) && value >= 1 : value > 0 && value < Infinity;
  return fits ? value : undefined;
}
