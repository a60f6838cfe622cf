/** What is said of one number that a user may turn. */
export interface Knob {
  env?: string;
  config?: string;
  default: number;
  min: number;
  unit: 's' | 'ms' | 'bytes' | 'count' | 'usd' | 'tokens';
  /** One line for help and README; says what 0 means where 0 is special. */
  about: string;
}
