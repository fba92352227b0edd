import { sumMatrices } from '../gramians/modeSums';
import type { ComplexVector } from '../linalg/complex';
import { type ComplexMatrix, adjoint, complexMatrix, transpose } from '../linalg/matrix';
import { combine, hadamard, multiply } from '../linalg/multiply';
import { type DiagonalSystem } from '../systems/diagonal';
import type { TimeSpan } from '../systems/timeSpan';

/**
 * The two products of impulse responses that every objective is made of:
 *     hermitian  <G, H> = sum_k tr(G_k H_k^H),     bilinear  <G, H> = sum_k tr(G_k H_k^T)
 * (an integral in continuous time). The star below is ^H and conj, or ^T and nothing.
 */
export type Pairing = 'hermitian' | 'bilinear';

/** Gradient in the parameters of a reduced system: d/dRe + i d/dIm of a real objective, entry by entry. */
export interface SystemGradient {
  readonly poles: ComplexVector;
  readonly B: ComplexMatrix;
  readonly C: ComplexMatrix;
}

/** <G, H> = tr(C_G X C_H^*), X = (B_G B_H^*) .* S(a_i + b_j^*), as [re, im]. */
export function pairingValue(
  G: DiagonalSystem,
  H: DiagonalSystem,
  pairing: Pairing,
  span: TimeSpan,
): [number, number] {
  const X = hadamard(
    multiply(G.B, star(H.B, pairing)),
    sumMatrices(G.poles, H.poles, pairing, span, 0).zero,
  );
  return traceOfProduct(multiply(G.C, X), star(H.C, pairing));
}

/** The quadratic weights R (r × r) and V (r × N) of the output; for a linear output C^* C^ and C^* C. */
export interface OutputWeights {
  readonly R: ComplexMatrix;
  readonly V: ComplexMatrix;
}

/** Factors shared by the gradients: Phat (r × r), X (N × r) and the elementwise products with S'. */
export interface PairingTerms {
  readonly Phat: ComplexMatrix;
  readonly X: ComplexMatrix;
  /** (V .* S^T)(r × N) and (R .* S^T)(r × r) applied to B and B^ give the gradient in B^. */
  readonly B: (weights: OutputWeights) => ComplexMatrix;
  readonly poles: (weights: OutputWeights) => ComplexVector;
}

/**
 * The pieces of the gradient of <G^, G^> - 2 <G, G^> in the reduced system's parameters (math reference 1.3, 2, 2.1):
 *     C^:  2 (C^ Phat - C X)
 *     B^:  2 ((R .* S(b_j^* + b_i)) B^ - (V .* S(b_j^* + a_k)) B)
 *     b_j: 2 (sum_i R_ji (B^ B^^*)_ij S'(b_i + b_j^*) - sum_k V_jk (B B^^*)_kj S'(a_k + b_j^*))
 * O(N r (m + p)), finite where a_k + b_j^* = 0.
 */
export function pairingTerms(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  pairing: Pairing,
  span: TimeSpan,
): PairingTerms {
  const own = sumMatrices(reduced.poles, reduced.poles, pairing, span, 1);
  const cross = sumMatrices(full.poles, reduced.poles, pairing, span, 1);
  const starB = star(reduced.B, pairing);
  const ownBB = multiply(reduced.B, starB);
  const crossBB = multiply(full.B, starB);
  return {
    Phat: hadamard(ownBB, own.zero),
    X: hadamard(crossBB, cross.zero),
    B: ({ R, V }) =>
      combine(
        2,
        multiply(hadamard(R, transpose(own.zero)), reduced.B),
        -2,
        multiply(hadamard(V, transpose(cross.zero)), full.B),
      ),
    poles: ({ R, V }) => {
      const a = diagonalOfProduct(R, hadamard(ownBB, own.one));
      const b = diagonalOfProduct(V, hadamard(crossBB, cross.one));
      return {
        re: a.re.map((x, j) => 2 * (x - b.re[j])),
        im: a.im.map((y, j) => 2 * (y - b.im[j])),
      };
    },
  };
}

/** Gradient of Re(<G^, G^> - 2 <G, G^>) for a linear output; for the bilinear pairing conj of the holomorphic one. */
export function pairingGradient(
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  pairing: Pairing,
  span: TimeSpan,
): SystemGradient {
  return gradientFrom(pairingTerms(full, reduced, pairing, span), full, reduced, pairing);
}

/** The same from terms already computed for these poles and this B^. */
export function gradientFrom(
  terms: PairingTerms,
  full: DiagonalSystem,
  reduced: DiagonalSystem,
  pairing: Pairing,
): SystemGradient {
  const starC = star(reduced.C, pairing);
  const weights = { R: multiply(starC, reduced.C), V: multiply(starC, full.C) };
  const C = combine(2, multiply(reduced.C, terms.Phat), -2, multiply(full.C, terms.X));
  const gradient = { poles: terms.poles(weights), B: terms.B(weights), C };
  return pairing === 'hermitian' ? gradient : conjugated(gradient);
}

/** A^H or A^T. */
export function star(A: ComplexMatrix, pairing: Pairing): ComplexMatrix {
  return pairing === 'hermitian' ? adjoint(A) : transpose(A);
}

/** x g + y h for two gradients. */
export function combineGradients(
  x: number,
  g: SystemGradient,
  y: number,
  h: SystemGradient,
): SystemGradient {
  return {
    poles: {
      re: g.poles.re.map((v, j) => x * v + y * h.poles.re[j]),
      im: g.poles.im.map((v, j) => x * v + y * h.poles.im[j]),
    },
    B: combine(x, g.B, y, h.B),
    C: combine(x, g.C, y, h.C),
  };
}

function conjugated({ poles, B, C }: SystemGradient): SystemGradient {
  const minus = (x: Float64Array): Float64Array => x.map((v) => -v);
  return {
    poles: { re: poles.re, im: minus(poles.im) },
    B: { ...B, im: minus(B.im) },
    C: { ...C, im: minus(C.im) },
  };
}

function traceOfProduct(A: ComplexMatrix, B: ComplexMatrix): [number, number] {
  const { re, im } = diagonalOfProduct(A, B);
  return [re.reduce((s, x) => s + x, 0), im.reduce((s, x) => s + x, 0)];
}

/** The diagonal of A B. */
function diagonalOfProduct(A: ComplexMatrix, B: ComplexMatrix): ComplexVector {
  const d = complexMatrix(1, A.rows);
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.cols; k++) {
      const [a, b] = [i * A.cols + k, k * B.cols + i];
      d.re[i] += A.re[a] * B.re[b] - A.im[a] * B.im[b];
      d.im[i] += A.re[a] * B.im[b] + A.im[a] * B.re[b];
    }
  }
  return { re: d.re, im: d.im };
}
