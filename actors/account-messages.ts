/** Everything that can be said to an account, everything it answers, and everything it records. */
import type {
  AccountState,
  Closing,
  Device,
  DeviceAlgorithm,
  VaultTokens,
} from "./account-state.ts";
import type { Block, BlockReason } from "./block.ts";
import type { PlainDate } from "./calendar.ts";
import { COLLECTION_EVENT_KINDS } from "./collection-event-kinds.ts";
import type { CollectionCommand, CollectionEvent, CollectionReply } from "./collection-messages.ts";
import type { Collection } from "./collection-state.ts";
import type { DocumentKind, DocumentSide, Identity, RejectionReason } from "./identity.ts";
import type { AccountId, DeviceId, LaneId, PaymentId, PaymentRequestId, PersonId } from "./ids.ts";
import type { LaneKind } from "./lane-messages.ts";
import type { JournalEntry } from "./ledger.ts";
import type { LimitView } from "./limit.ts";
import type { AcceptedMandate, Mandate } from "./mandate.ts";
import type { Cents } from "./money.ts";
import type { Receipt } from "./receipt.ts";
import type { Refusal } from "./refusals.ts";
import type { RetentionFacts } from "./retention.ts";

export interface OpenAccountCommand {
  readonly kind: "OpenAccount";
  readonly personId: PersonId;
  readonly phoneTag: string;
  readonly deviceId: DeviceId;
  readonly algorithm: DeviceAlgorithm;
  readonly publicKey: string;
  readonly pinVersion: number;
  readonly mandateTextVersion: string;
  readonly mandateTextHash: string;
  /** By the device key, base64url; whoever sends the command has verified it. */
  readonly mandateSignature: string;
  readonly vault: VaultTokens;
  /** Token of the sealed network address that the mandate was accepted from. */
  readonly addressToken: string | null;
  /** Other accounts with the same bank account; none where it is left out. */
  readonly sharedWith?: readonly AccountId[];
  /** Checked, never stored: the sealed person record holds it. */
  readonly birthDate: PlainDate;
}

/** An approval with the verdicts of the gateway (docs/protocol.md section 5). */
export interface ApprovePayment {
  readonly kind: "ApprovePayment";
  /** Derived from the approval body, so the same approval is the same payment. */
  readonly paymentId: PaymentId;
  readonly requestId: PaymentRequestId;
  readonly laneId: LaneId;
  readonly version: number;
  readonly amountCents: Cents;
  /** The device signature was valid for this device; without it nothing gets this far. */
  readonly deviceId: DeviceId;
  readonly counter: number;
  /** The PIN proof was checked against the key of this version. */
  readonly pinVersion: number;
  readonly pinProofValid: boolean;
  /** What is signed beyond these fields, and the signature (wasm/signed-approval.ts), base64url. */
  readonly signed: string;
}

/** From the lane: the request is paid by this payment. */
export interface CapturePayment {
  readonly kind: "CapturePayment";
  readonly paymentId: PaymentId;
  readonly receipt: Receipt;
  readonly feeCents: Cents;
  readonly terminal: Terminal;
}

/** Where the payment was made, as the bank statement tells it. */
export interface Terminal {
  readonly laneKind: LaneKind;
  /** Six characters, never reused. */
  readonly code: string;
}

/** From the lane: the request was not and will not be paid by this payment. */
export interface ReleasePayment {
  readonly kind: "ReleasePayment";
  readonly paymentId: PaymentId;
  readonly refusal: Refusal;
}

/** De-registration, by the customer or for one who calls (actors/closing.ts). */
export interface CloseAccount {
  readonly kind: "CloseAccount";
  readonly by: "customer" | "operator";
  /** Why, where an operator does it. */
  readonly note: string;
  /** Of the device key (docs/protocol.md section 3); null where an operator does it. */
  readonly signature: string | null;
}

/** The desk has looked at a bank account that another customer has too. */
export interface ReviewSharedBankAccount {
  readonly kind: "ReviewSharedBankAccount";
  readonly note: string;
}

/** When a person is to be forgotten: what the periods of retention begin with. */
export interface ForgetPerson {
  readonly kind: "ForgetPerson";
  /** Of the operator who asks; null where the sweep does. */
  readonly note: string | null;
  /** From the account's own events, by whoever sends this. */
  readonly facts: RetentionFacts;
}

export type AccountCommand =
  | OpenAccountCommand
  | { readonly kind: "DescribeAccount" }
  /** What the gateway checks an approval with. */
  | { readonly kind: "DescribeDevice" }
  /** An approval that was paid comes again: its capture was found in the account's own events. */
  | { readonly kind: "RepeatPayment"; readonly paymentId: PaymentId }
  | {
      readonly kind: "SubmitIdentityDocument";
      readonly documentKind: DocumentKind;
      readonly side: DocumentSide;
      readonly token: string;
    }
  | { readonly kind: "VerifyIdentity" }
  | { readonly kind: "RejectIdentity"; readonly reason: RejectionReason }
  | { readonly kind: "BlockAccount"; readonly reason: BlockReason; readonly note: string }
  | { readonly kind: "LiftBlock"; readonly reason: BlockReason; readonly note: string }
  | { readonly kind: "SetCap"; readonly capCents: Cents; readonly note: string }
  | ApprovePayment
  | CapturePayment
  | ReleasePayment
  | CollectionCommand
  | CloseAccount
  | ReviewSharedBankAccount
  | ForgetPerson
  /** Nobody has decided on the pictures in time. */
  | { readonly kind: "ExpireDocuments" }
  /** Timer: the lane has not answered in time. */
  | { readonly kind: "HoldOverdue"; readonly paymentId: PaymentId };

export type AccountEvent =
  | CollectionEvent
  | {
      readonly kind: "AccountOpened";
      readonly personId: PersonId;
      readonly phoneTag: string;
      readonly device: Device;
      readonly mandate: AcceptedMandate;
      readonly vault: VaultTokens;
      readonly capCents: Cents;
      readonly atMs: number;
    }
  /** De-registration: nothing new is paid. It revokes the mandate; what was approved is debited. */
  | {
      readonly kind: "ClosingBegun";
      readonly by: "customer" | "operator";
      readonly note: string;
      readonly signature: string | null;
      readonly atMs: number;
    }
  | { readonly kind: "AccountClosed"; readonly atMs: number }
  /** Somebody else has the same bank account: the desk has to look. */
  | {
      readonly kind: "BankAccountShared";
      readonly others: readonly AccountId[];
      readonly atMs: number;
    }
  | { readonly kind: "SharedBankAccountReviewed"; readonly note: string }
  | { readonly kind: "IdentityDocumentsExpired" }
  /** Nothing of the person can be read any more; what remains is the pseudonymous id. */
  | { readonly kind: "PersonForgotten"; readonly note: string | null; readonly atMs: number }
  | {
      readonly kind: "IdentityDocumentSubmitted";
      readonly documentKind: DocumentKind;
      readonly side: DocumentSide;
      readonly token: string;
      readonly atMs: number;
    }
  | { readonly kind: "IdentityVerified"; readonly atMs: number }
  | { readonly kind: "IdentityRejected"; readonly reason: RejectionReason }
  | {
      readonly kind: "AccountBlocked";
      readonly reason: BlockReason;
      readonly note: string;
      readonly atMs: number;
    }
  | { readonly kind: "BlockLifted"; readonly reason: BlockReason; readonly note: string }
  | { readonly kind: "CapSet"; readonly capCents: Cents; readonly note: string }
  | {
      readonly kind: "WrongPinEntered";
      readonly paymentId: PaymentId;
      readonly counter: number;
      readonly attemptsLeft: number;
    }
  /** The right PIN after wrong ones, in an approval that was refused for another reason. */
  | { readonly kind: "PinFailuresCleared" }
  | {
      readonly kind: "PaymentAuthorised";
      readonly paymentId: PaymentId;
      readonly requestId: PaymentRequestId;
      readonly laneId: LaneId;
      readonly version: number;
      readonly amountCents: Cents;
      readonly counter: number;
      readonly availableBeforeCents: Cents;
      readonly atMs: number;
      /** With the fields above it is the approval as the phone signed it; absent in version 2. */
      readonly signed?: string;
    }
  | { readonly kind: "HoldQueried"; readonly paymentId: PaymentId }
  | {
      readonly kind: "PaymentCaptured";
      readonly receipt: Receipt;
      readonly feeCents: Cents;
      readonly terminal: Terminal;
      readonly entry: JournalEntry;
    }
  | {
      readonly kind: "PaymentReleased";
      readonly paymentId: PaymentId;
      readonly refusal: Refusal;
    };

export const ACCOUNT_EVENT_KINDS: readonly AccountEvent["kind"][] = [
  "AccountOpened",
  "ClosingBegun",
  "AccountClosed",
  "BankAccountShared",
  "SharedBankAccountReviewed",
  "IdentityDocumentsExpired",
  "PersonForgotten",
  "IdentityDocumentSubmitted",
  "IdentityVerified",
  "IdentityRejected",
  "AccountBlocked",
  "BlockLifted",
  "CapSet",
  "WrongPinEntered",
  "PinFailuresCleared",
  "PaymentAuthorised",
  "HoldQueried",
  "PaymentCaptured",
  "PaymentReleased",
  ...COLLECTION_EVENT_KINDS,
];

export interface AccountView {
  readonly kind: "account";
  readonly status: Exclude<AccountState["kind"], "vacant">;
  readonly personId: PersonId;
  readonly phoneTag: string;
  readonly blocks: readonly Block[];
  readonly closing: Closing | null;
  /** Others with the same bank account, until the desk has looked. */
  readonly sharedWith: readonly AccountId[];
  readonly identity: Identity;
  readonly device: Device;
  readonly mandate: Mandate;
  readonly vault: VaultTokens;
  readonly limit: LimitView;
  readonly collection: Collection;
  readonly openedAtMs: number;
  /** Of a closed account whose person is forgotten. */
  readonly forgottenAtMs: number | null;
}

export interface DeviceView {
  readonly kind: "device";
  readonly device: Device;
  /** Token of the sealed PIN key. */
  readonly pinKey: string;
}

/** `receipt` is absent where a repeat is answered from state: the log has it. */
export interface PaymentCaptured {
  readonly kind: "payment_captured";
  readonly paymentId: PaymentId;
  readonly receipt: Receipt | undefined;
  readonly limitBeforeCents: Cents;
  readonly limitAfterCents: Cents;
  /** The device counter that was used up. */
  readonly counter: number;
}

/** What an account that is to be closed waits for. */
export type ClosingWait =
  /** The lane's word on an approval. */
  | "payments"
  /** Debits that are due, under way, returned or disputed. */
  | "collection"
  /** Fees, and what was written off. */
  | "debts"
  /** Money that is owed to the customer. */
  | "refunds"
  /** Blocks that customer service has to lift. */
  | "blocks";

export type AccountReply =
  | Refusal
  | CollectionReply
  | AccountView
  | DeviceView
  | PaymentCaptured
  | { readonly kind: "account_opened"; readonly limit: LimitView }
  | { readonly kind: "identity_changed"; readonly identity: Identity }
  | { readonly kind: "blocks_changed"; readonly blocks: readonly Block[] }
  | { readonly kind: "cap_set"; readonly limit: LimitView }
  | {
      readonly kind: "closing";
      readonly isClosed: boolean;
      readonly waitsFor: readonly ClosingWait[];
    }
  | { readonly kind: "noted" };
