import { SsmError } from '../core/errors';

/** Slots of a family that stores an order as half as many complex pairs. Throws `bad-request` for odd ones. */
export function evenSlots(order: number, family: string): number {
  if (Number.isInteger(order) && order >= 2 && order % 2 === 0) return order / 2;
  throw new SsmError(
    'bad-request',
    `${family} stores complex pairs, so its order (d_state) must be an even number from 2 up, not ${order}.`,
  );
}
