import { readFileSync } from 'node:fs';
import { type House, until } from '../e2e/house.js';

/** Command lines of what lives in the house and is no program of ours. */
function strangers(house: House): string[] {
  return house.inhabitants().flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes('__') || line.includes('dist/main') ? [] : [line];
    } catch {
      return [];
    }
  });
}

/** A look of the pulse may run a sensor or a decider at this very moment, and that ends; what was left behind stays. */
export const nobodyIsLeft = (house: House): Promise<unknown> =>
  until('nothing that hostile programs started lives', () => strangers(house).length === 0);
