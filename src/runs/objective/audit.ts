/** What the auditor said → reached, or what is missing. Pure. A yes alone is none: it must say how it tried to disprove it. */
import * as z from 'zod/mini';
import { isObject } from '../../lib/json.js';
import { check } from '../../model/record.js';

const auditSchema = z.object({
  achieved: z.boolean(),
  status: z.optional(z.string()),
  evidence: z._default(z.array(z.string()), []),
  unmetRequirements: z._default(z.array(z.string()), []),
  adversarialReview: z._default(z.string(), ''),
});
export type Audit = z.infer<typeof auditSchema>;

/** The JSON Schema that a model is held to. */
export const AUDIT_JSON_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['achieved', 'status', 'evidence', 'unmetRequirements', 'adversarialReview'],
  properties: {
    achieved: { type: 'boolean' },
    status: { type: ['string', 'null'] },
    evidence: { type: 'array', items: { type: 'string' } },
    unmetRequirements: { type: 'array', items: { type: 'string' } },
    adversarialReview: { type: 'string' },
  },
} as const;

export function readAudit(value: unknown): { audit: Audit; problems?: never } | { audit?: never; problems: string[] } {
  const plain = isObject(value)
    ? Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
    : value;
  const checked = check(auditSchema, plain);
  return checked.problems ? { problems: checked.problems } : { audit: checked.value };
}

export const NO_REVIEW = 'the audit said that the goal is reached without trying to disprove it';
export const NO_REASON = 'the audit found the goal not reached and named no unmet requirement';

/** Most of a blocker: it is compared, stored and shown on one line. */
const BLOCKER_CHARS = 1_000;

/** Undefined: the goal is reached. Else what stands in its way, in one line. */
export function unmet({ achieved, unmetRequirements, adversarialReview }: Audit): string | undefined {
  const missing = unmetRequirements.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '');
  if (achieved && adversarialReview.trim() === '') return NO_REVIEW;
  // A yes that names what is missing contradicts itself, and a doubt is no proof.
  if (achieved && missing.length === 0) return undefined;
  return missing.length === 0 ? NO_REASON : missing.join('; ').slice(0, BLOCKER_CHARS);
}
