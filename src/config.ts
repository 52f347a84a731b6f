/**
 * Configuration: a file in the data directory and environment variables `SEQR_*`, checked as a
 * whole; all errors are told at once. Live mode refuses what would be unsafe.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "@hono/zod-openapi";
import { cents } from "../actors/money.ts";
import { DEFAULT_POLICY } from "../actors/policy.ts";
import { OdfiShape } from "./odfi-config.ts";

const CONFIG_FILE = "config.json";

/** Digits and nothing else: an empty or odd text is no port, and least of all port 0. */
const Port = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^[0-9]{1,5}$/)
        .transform(Number),
    ],
    "must be a port number",
  )
  .refine((port) => port >= 0 && port <= 65_535, "must be 0 to 65535");

/** From 0 to 1, written as a decimal number. */
const Part = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^(0|1|0?\.[0-9]{1,9})$/)
        .transform(Number),
    ],
    "must be a number",
  )
  .refine((part) => part >= 0 && part <= 1, "must be 0 to 1");

/** An amount that is paid out or not: at least a cent, and at most a thousand dollars. */
const PayoutMin = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^[0-9]{1,6}$/)
        .transform(Number),
    ],
    "must be whole cents",
  )
  .refine((amount) => amount >= 1 && amount <= 100_000, "must be 1 to 100000 cents")
  .transform(cents);

const ConfigShape = z.strictObject({
  mode: z.enum(["sandbox", "live"]).default("sandbox"),
  hostname: z.string().min(1).default("127.0.0.1"),
  port: Port.default(8787),
  /** The name in QR codes; by default the address that is listened on. */
  publicHost: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[1-9][0-9]{0,4})?$/)
    .optional(),
  /** FAQ: the company that the mandate names. */
  originatorName: z.string().min(2).max(60).default("SEQR Sandbox Inc."),
  /** Who ends TLS in front of the switch; live mode insists on an answer. */
  tls: z.enum(["none", "proxy"]).default("none"),
  smsGatewayUrl: z.url().optional(),
  /** The sponsoring bank; a sandbox has one of its own. */
  odfi: OdfiShape.optional(),
  /** Where files for the bank are put, and its files are found; somebody carries them. */
  bankFolder: z.string().min(1).optional(),
  /** Whether files go to the bank on every banking day, or only when an operator says so. */
  collection: z.enum(["by_clock", "by_hand"]).default("by_clock"),
  /** What is owed to a merchant below this, in cents, waits for the settlement of a later day. */
  payoutCentsMin: PayoutMin.default(DEFAULT_POLICY.payoutCentsMin),
  /** Whether a return fee may be debited; where the mandate has no notice of it, it is not. */
  returnFees: z.enum(["by_hand", "by_ach"]).default("by_hand"),
  /** The part of the core's verdicts that the reference computes again: 0 none, 1 all. */
  shadowRate: Part.default(1 / 256),
  termsUrl: z.url().optional(),
  privacyUrl: z.url().optional(),
});

export type Config = z.infer<typeof ConfigShape> & { readonly dataDir: string };

export class ConfigRefused extends Error {
  override readonly name = "ConfigRefused";
}

const ENVIRONMENT: Readonly<Record<string, keyof z.infer<typeof ConfigShape>>> = {
  SEQR_MODE: "mode",
  SEQR_HOSTNAME: "hostname",
  SEQR_PORT: "port",
  SEQR_PUBLIC_HOST: "publicHost",
  SEQR_ORIGINATOR_NAME: "originatorName",
  SEQR_TLS: "tls",
  SEQR_SMS_GATEWAY_URL: "smsGatewayUrl",
  SEQR_BANK_FOLDER: "bankFolder",
  SEQR_COLLECTION: "collection",
  SEQR_PAYOUT_CENTS_MIN: "payoutCentsMin",
  SEQR_RETURN_FEES: "returnFees",
  SEQR_SHADOW_RATE: "shadowRate",
  SEQR_TERMS_URL: "termsUrl",
  SEQR_PRIVACY_URL: "privacyUrl",
};

/** File, then environment, then `overrides` (the command line). Throws ConfigRefused. */
export function loadConfig(
  dataDir: string,
  environment: Readonly<Record<string, string | undefined>>,
  overrides: Readonly<Record<string, unknown>> = {},
): Config {
  const given: Record<string, unknown> = { ...readFile(join(dataDir, CONFIG_FILE)) };
  for (const [variable, field] of Object.entries(ENVIRONMENT)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") given[field] = value;
  }
  Object.assign(given, overrides);
  const parsed = ConfigShape.safeParse(given);
  const faults = new Map<string, string>();
  for (const [field, fault] of unsafeIn(given)) faults.set(field, fault);
  for (const { path, message } of parsed.error?.issues ?? []) faults.set(path.join("."), message);
  if (parsed.success && faults.size === 0) return { ...parsed.data, dataDir };
  const lines = [...faults].map(([field, fault]) => (field === "" ? fault : `${field}: ${fault}`));
  const what = given["mode"] === "live" ? "live configuration" : "configuration";
  throw new ConfigRefused(`${what} refused:\n  ${lines.join("\n  ")}`);
}

function readFile(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  const content = jsonOf(readFileSync(file, "utf8"));
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigRefused(`${file} is not a JSON object`);
  }
  return content as Record<string, unknown>;
}

/** Undefined for what is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True where nobody between here and there can read along. What is no URL is refused elsewhere. */
function isPrivateWay(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || url.protocol === "https:") return true;
  return url.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
}

/** Everything that live mode must have and a sandbox need not, by field. */
function unsafeIn(
  given: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] {
  if (given["mode"] !== "live") return [];
  const faults: [string, string][] = [];
  const missing = (field: string, fault: string): void => {
    if (given[field] === undefined) faults.push([field, fault]);
  };
  if (given["tls"] !== "proxy") faults.push(["tls", "say `proxy`, and put one in front"]);
  missing("publicHost", "the name in QR codes is missing");
  missing("smsGatewayUrl", "codes cannot be sent");
  if (!isPrivateWay(String(given["smsGatewayUrl"] ?? "https:"))) {
    faults.push(["smsGatewayUrl", "codes and numbers travel by https, or within this machine"]);
  }
  if (given["bankFolder"] !== undefined) missing("odfi", "the bank of the folder is not named");
  missing("termsUrl", "customers must be able to read them");
  missing("privacyUrl", "customers must be able to read it");
  const { originatorName = "Sandbox" } = given;
  if (String(originatorName).includes("Sandbox")) {
    faults.push(["originatorName", "name your company"]);
  }
  return faults;
}
