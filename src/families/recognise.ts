import type { TensorInfo } from '../formats/tensor';
import { dlr } from './dlr';
import { annotatedDss, annotatedS4, annotatedS4d } from './annotatedS4';
import { dss } from './dss';
import type { Family, FamilyId, LayerSite } from './family';
import { lqoLayer } from './lqoLayer';
import { lru } from './lru';
import { mega } from './mega';
import { s4dMinimal } from './s4dMinimal';
import { s5Flax } from './s5Flax';
import { s5Torch } from './s5Torch';
import { s4v2Nplr } from './s4v2Nplr';
import { h3, s4v3Diagonal } from './s4v3Diagonal';
import { s4v3Nplr } from './s4v3Nplr';
import { s4v4Diagonal, s4v4Real } from './s4v4Diagonal';
import { s4v4Dplr } from './s4v4Dplr';
import { s4v4Ema } from './s4v4Ema';

/** Every family known, in the order in which they are tried. */
const families: Readonly<Record<FamilyId, Family>> = {
  's4v4-dplr': s4v4Dplr,
  's4v4-diagonal': s4v4Diagonal,
  's4v4-real': s4v4Real,
  's4v4-ema': s4v4Ema,
  's4v3-nplr': s4v3Nplr,
  's4v3-diagonal': s4v3Diagonal,
  h3,
  's4v2-nplr': s4v2Nplr,
  's4d-minimal': s4dMinimal,
  dss,
  'annotated-s4': annotatedS4,
  'annotated-s4d': annotatedS4d,
  'annotated-dss': annotatedDss,
  dlr,
  lru,
  's5-torch': s5Torch,
  's5-flax': s5Flax,
  mega,
  lqo: lqoLayer,
};

/** The family with an id. */
export function familyOf(id: FamilyId): Family {
  return families[id];
}

/** What is known, for a person. */
export function familyTitles(): string[] {
  return Object.values(families).map(({ title }) => title);
}

/** The state-space layers of a checkpoint, from names and shapes alone, in file order. */
export function recogniseLayers(tensors: readonly TensorInfo[]): LayerSite[] {
  const byName = new Map(tensors.map((info) => [info.name, info]));
  const position = new Map(tensors.map((info, i) => [info.name, i]));
  const first = (site: LayerSite): number =>
    Math.min(...Object.values(site.tensors).map((name) => position.get(name) ?? Infinity));
  return Object.values(families)
    .flatMap((family) => family.recognise(byName))
    .sort((a, b) => first(a) - first(b));
}
