/** The sponsoring bank in the configuration: its identity, and where it differs from the usual. */
import { z } from "@hono/zod-openapi";
import { AssertionFailed } from "../actors/assert.ts";
import { cents } from "../actors/money.ts";
import { type OdfiProfile, odfiProfile } from "./rails/ach/odfi-profile.ts";

const PolicyShape = z.strictObject({
  lineEnd: z.enum(["LF", "CRLF"]).optional(),
  companyDiscretionaryData: z.string().optional(),
  laneSec: z.enum(["POS", "WEB"]).optional(),
  cardTransactionType: z.string().optional(),
  webPaymentType: z.enum(["S", "ST"]).optional(),
  laneDescription: z.string().optional(),
  serviceDescription: z.string().optional(),
  friendDescription: z.string().optional(),
  prenoteDescription: z.string().nullable().optional(),
  webSells: z.enum(["goods", "services"]).optional(),
  friendNameIn: z.enum(["company_name", "company_id"]).optional(),
  sameDay: z.boolean().optional(),
  sameDayWindows: z
    .array(
      z.strictObject({
        cutOff: z.string(),
        deadline: z.string(),
        settlesAt: z.enum(["1300", "1700", "1800"]),
      }),
    )
    .optional(),
  sameDayKinds: z
    .array(z.enum(["prenote", "debit", "retry", "fee", "refund", "reversal", "payout"]))
    .optional(),
  sameDayCentsMax: z.int().transform(cents).optional(),
  debitLeadDays: z.int().optional(),
  creditLeadDays: z.union([z.literal(1), z.literal(2)]).optional(),
  cutOff: z.string().optional(),
  returnWindowDays: z.int().optional(),
  collectedExtraDays: z.int().optional(),
  unauthorisedReturnDays: z.int().optional(),
  accountCheck: z.enum(["prenote", "micro_entries", "instant_validation"]).optional(),
  prenoteWaitDays: z.int().optional(),
  retriesMax: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
  retryWithinDays: z.int().optional(),
  changeWithinDays: z.int().optional(),
});

const IdentityShape = {
  immediateDestination: z.string(),
  destinationName: z.string(),
  immediateOrigin: z.string(),
  originName: z.string(),
  odfi: z.string(),
  companyId: z.string(),
};

/** What an operator writes; gives the profile, or the rule that it breaks. */
export const OdfiShape = z
  .strictObject({ ...IdentityShape, policy: PolicyShape.default({}) })
  .transform(({ policy, ...identity }, context): OdfiProfile => {
    const given = Object.entries(policy).filter(([, value]) => value !== undefined);
    try {
      return odfiProfile(identity, Object.fromEntries(given));
    } catch (error) {
      if (!(error instanceof AssertionFailed)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  });

/** The bank of a sandbox that names none: it does not exist. */
export const SANDBOX_ODFI: OdfiProfile = odfiProfile({
  immediateDestination: "021000021",
  destinationName: "SANDBOX BANK",
  immediateOrigin: "1123456789",
  originName: "SEQR SANDBOX INC",
  odfi: "02100002",
  companyId: "1123456789",
});
