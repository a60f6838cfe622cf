/** How often an ask is pushed: numbers of the relay, a part of KNOBS. */
import type { Knob } from './knob.js';

export const NOTIFY_KNOBS = {
  notifyAgainHighS: {
    env: 'TEND_NOTIFY_AGAIN_HIGH',
    config: 'notify.again_high',
    default: 900,
    min: 0,
    unit: 's',
    about: 'an urgent ask is pushed again after this, then after twice as long, and so on; 0 = never',
  },
  notifyAgainNormalS: {
    env: 'TEND_NOTIFY_AGAIN_NORMAL',
    config: 'notify.again_normal',
    default: 14_400,
    min: 0,
    unit: 's',
    about: 'the same for an ask of normal urgency',
  },
  notifyAgainLowS: {
    env: 'TEND_NOTIFY_AGAIN_LOW',
    config: 'notify.again_low',
    default: 86_400,
    min: 0,
    unit: 's',
    about: 'the same for one of low urgency',
  },
  notifyPushes: {
    env: 'TEND_NOTIFY_PUSHES',
    config: 'notify.pushes',
    default: 4,
    min: 1,
    unit: 'count',
    about: 'most pushes of one ask to one channel, the first included',
  },
} as const satisfies Record<string, Knob>;
