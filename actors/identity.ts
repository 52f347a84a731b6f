/**
 * The identity check. FAQ: identity card, driving licence or passport, pictures of front and rear;
 * no purchases until verified. Pictures are known here by token only; they live sealed, outside the
 * log, and are destroyed after the decision.
 */

export type DocumentKind = "identity_card" | "driving_licence" | "passport";
export const DOCUMENT_KINDS: readonly DocumentKind[] = [
  "identity_card",
  "driving_licence",
  "passport",
];

export type DocumentSide = "front" | "rear";
export const DOCUMENT_SIDES: readonly DocumentSide[] = ["front", "rear"];

/** What the FAQ says goes wrong: the picture is not sharp, glare, distortion, or not the person. */
export type RejectionReason = "not_sharp" | "glare" | "distorted" | "not_accepted" | "no_match";
export const REJECTION_REASONS: readonly RejectionReason[] = [
  "not_sharp",
  "glare",
  "distorted",
  "not_accepted",
  "no_match",
];

export interface IdentityDocuments {
  readonly documentKind: DocumentKind;
  readonly frontToken: string | undefined;
  readonly rearToken: string | undefined;
}

export type Identity =
  | { readonly kind: "none"; readonly documents: IdentityDocuments | undefined }
  /** Front and rear are there; somebody has to look. */
  | { readonly kind: "pending"; readonly documents: IdentityDocuments; readonly sinceMs: number }
  | { readonly kind: "verified"; readonly atMs: number }
  | {
      readonly kind: "rejected";
      readonly reason: RejectionReason;
      readonly documents: IdentityDocuments | undefined;
    };

export const NO_IDENTITY: Identity = { kind: "none", documents: undefined };

/** The documents after one more picture; another kind of document starts anew. */
export function withDocument(
  identity: Identity,
  documentKind: DocumentKind,
  side: DocumentSide,
  token: string,
): IdentityDocuments {
  const before = identity.kind === "verified" ? undefined : identity.documents;
  const kept = before?.documentKind === documentKind ? before : undefined;
  return {
    documentKind,
    frontToken: side === "front" ? token : kept?.frontToken,
    rearToken: side === "rear" ? token : kept?.rearToken,
  };
}

export function isComplete({ frontToken, rearToken }: IdentityDocuments): boolean {
  return frontToken !== undefined && rearToken !== undefined;
}

/** Tokens of pictures that are stored for this identity, front first. */
export function documentTokens(identity: Identity): readonly string[] {
  if (identity.kind === "verified" || identity.documents === undefined) return [];
  const { frontToken, rearToken } = identity.documents;
  return [frontToken, rearToken].filter((token) => token !== undefined);
}
