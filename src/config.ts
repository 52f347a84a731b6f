/**
 * Configuration: a file in the data directory and environment variables `SEQR_*`, checked as a
 * whole; all errors are told at once. Live mode refuses what would be unsafe.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "@hono/zod-openapi";

export const CONFIG_FILE = "config.json";

const ConfigShape = z.strictObject({
  mode: z.enum(["sandbox", "live"]).default("sandbox"),
  hostname: z.string().min(1).default("127.0.0.1"),
  port: z.coerce.number().int().min(0).max(65_535).default(8787),
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
  const parsed = ConfigShape.safeParse({ ...given, ...overrides });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new ConfigRefused(`configuration refused:\n  ${faults.join("\n  ")}`);
  }
  const config = { ...parsed.data, dataDir };
  const unsafe = unsafeIn(config);
  if (unsafe.length > 0) {
    throw new ConfigRefused(`live mode refused:\n  ${unsafe.join("\n  ")}`);
  }
  return config;
}

function readFile(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch {
    throw new ConfigRefused(`${file} is not JSON`);
  }
}

/** Everything that live mode must have and a sandbox need not. */
function unsafeIn(config: Config): readonly string[] {
  if (config.mode === "sandbox") return [];
  const faults: string[] = [];
  if (config.tls === "none") faults.push("tls: say `proxy`, and put one in front");
  if (config.publicHost === undefined) faults.push("publicHost: the name in QR codes is missing");
  if (config.smsGatewayUrl === undefined) faults.push("smsGatewayUrl: codes cannot be sent");
  if (config.termsUrl === undefined) faults.push("termsUrl: customers must be able to read them");
  if (config.privacyUrl === undefined) faults.push("privacyUrl: customers must be able to read it");
  if (config.originatorName.includes("Sandbox")) faults.push("originatorName: name your company");
  return faults;
}
