/** The desk's side of the money: what is not collected, and what people do about it. */
import { sha256 } from "../../wasm/core.ts";
import type { Caller } from "./call.ts";
import type {
  AccountDebts,
  AchFile,
  BankAccountChange,
  Collection,
  CollectionRun,
  Debt,
  DeskReversal,
  Exception,
  FileReversal,
  FileWordStatus,
  FrozenAccount,
  HowResolved,
  InboundFile,
  MerchantBankAccount,
  Proposal,
  ProposedImport,
  Recorded,
  Resolved,
  ReturnRates,
  ShownRecord,
} from "./money-shapes.ts";
import { text64 } from "./phone.ts";
import type { List, Money } from "./shapes.ts";

export type * from "./money-shapes.ts";

interface FileWord {
  readonly status: FileWordStatus;
}

/** Where a list goes on. */
export interface Page {
  readonly limit?: number;
  readonly startingAfter?: string;
}

/** 202: somebody else must say the same. */
const ACCEPTED = 202;

export class MoneyDesk {
  constructor(
    private readonly caller: Caller,
    private readonly key: string,
  ) {}

  /** Accounts from which something is not collected, oldest first. */
  debts(page: Page = {}): Promise<List<Debt>> {
    return this.#get(`/v1/desk/debts${queryOf(page)}`);
  }

  /** Accounts that law or a sanctions list has frozen, oldest first. */
  frozen(page: Page = {}): Promise<List<FrozenAccount>> {
    return this.#get(`/v1/desk/frozen${queryOf(page)}`);
  }

  /** What waits for a second person, oldest first. */
  proposals(page: Page = {}): Promise<List<Proposal>> {
    return this.#get(`/v1/desk/proposals${queryOf(page)}`);
  }

  /** Debits that were our mistake, the newest first. */
  reversals(page: Page = {}): Promise<List<DeskReversal>> {
    return this.#get(`/v1/desk/reversals${queryOf(page)}`);
  }

  /** Merchants whose bank account was changed and is not paid to yet, the next one first. */
  bankAccountChanges(page: Page = {}): Promise<List<BankAccountChange>> {
    return this.#get(`/v1/desk/bank-account-changes${queryOf(page)}`);
  }

  /** Where a merchant is paid out to, and what somebody proposed. */
  bankAccountOf(merchant: string): Promise<MerchantBankAccount> {
    return this.#get(bankAccountPath(merchant));
  }

  /** The first person proposes, another one names the same. */
  async nameBankAccount(
    merchant: string,
    given: {
      readonly routingNumber: string;
      readonly accountNumber: string;
      readonly kind: string;
    },
    note: string,
  ): Promise<{ status: "proposed" | "named"; bankAccount: MerchantBankAccount }> {
    const { routingNumber: routing_number, accountNumber: account_number, kind } = given;
    const body = { routing_number, account_number, kind, note };
    const sent = { token: this.key, idempotencyKey: crypto.randomUUID(), body };
    const path = bankAccountPath(merchant);
    const answer = await this.caller.call<MerchantBankAccount>("PUT", path, sent);
    const status = answer.status === ACCEPTED ? "proposed" : "named";
    return { status, bankAccount: answer.body };
  }

  /** Of one merchant, or of all. */
  returnRates(merchant?: string): Promise<ReturnRates> {
    const query = merchant === undefined ? "" : `?merchant=${encodeURIComponent(merchant)}`;
    return this.#get(`/v1/desk/return-rates${query}`);
  }

  /** The next run, the one under way, and those that people asked for. */
  collection(): Promise<Collection> {
    return this.#get("/v1/desk/collection");
  }

  /** Files for the bank, newest first. */
  files(page: Page = {}): Promise<List<AchFile>> {
    return this.#get(`/v1/desk/files${queryOf(page)}`);
  }

  file(file: string): Promise<AchFile> {
    return this.#get(filePath(file));
  }

  /** Makes a file of everything that is due; answers when the bank has it. */
  cutOff(note: string, idempotencyKey: string = crypto.randomUUID()): Promise<CollectionRun> {
    return this.#post("/v1/desk/files", { note }, idempotencyKey);
  }

  /** A file that was built and not handed over. */
  handOver(file: string, note: string): Promise<CollectionRun> {
    return this.#post(`${filePath(file)}/hand-over`, { note });
  }

  /** What the bank said of it on the phone; that it is rejected, two people must say. */
  async acknowledge(file: string, outcome: string, note: string): Promise<FileWordStatus> {
    const path = `${filePath(file)}/acknowledge`;
    return (await this.#post<FileWord>(path, { outcome, note })).status;
  }

  /** What the bank meant when it accepted the file and rejected it. */
  async resolveContradiction(file: string, outcome: string, note: string): Promise<FileWordStatus> {
    const path = `${filePath(file)}/contradiction`;
    return (await this.#post<FileWord>(path, { outcome, note })).status;
  }

  /** What the bank moved for it, by its own figures; two people, where nothing else says so. */
  async settle(
    file: string,
    moved: { readonly debitCents: number; readonly creditCents: number },
    note: string,
  ): Promise<FileWordStatus> {
    const usd = (amount: number): Money => ({ amount, currency: "USD" });
    const body = { debits: usd(moved.debitCents), credits: usd(moved.creditCents), note };
    return (await this.#post<FileWord>(`${filePath(file)}/settle`, body)).status;
  }

  /** All debits of a file were our mistake; two people must say so. */
  reverseFile(file: string, reason: string, note: string): Promise<FileReversal> {
    return this.#post(`${filePath(file)}/reversal`, { reason, note });
  }

  /** One debit was; `trace` is the last seven digits of its trace number. */
  async reverseEntry(
    file: string,
    trace: string,
    reason: string,
    note: string,
  ): Promise<FileWordStatus> {
    const path = `${filePath(file)}/entries/${encodeURIComponent(trace)}/reversal`;
    return (await this.#post<FileWord>(path, { reason, note })).status;
  }

  /** What came from the bank, newest first. */
  inbound(page: Page = {}): Promise<List<InboundFile>> {
    return this.#get(`/v1/desk/inbound${queryOf(page)}`);
  }

  inboundFile(id: string): Promise<InboundFile> {
    return this.#get(`/v1/desk/inbound/${encodeURIComponent(id)}`);
  }

  /** Takes in what the bank has for us. */
  takeIn(note: string): Promise<CollectionRun> {
    return this.#post("/v1/desk/inbound/fetch", { note });
  }

  /** A file of returns that came another way: the first person proposes, another one agrees. */
  async importFile(bytes: Uint8Array, note: string): Promise<InboundFile | ProposedImport> {
    const path = `/v1/desk/inbound?${new URLSearchParams({ note })}`;
    const idempotencyKey = crypto.randomUUID();
    const headers = { "content-type": "application/octet-stream" };
    const sent = { token: this.key, idempotencyKey, headers, body: bytes };
    return (await this.caller.call<InboundFile | ProposedImport>("POST", path, sent)).body;
  }

  /** What of the bank's words waits for a person, oldest first. */
  exceptions(page: Page = {}): Promise<List<Exception>> {
    return this.#get(`/v1/desk/exceptions${queryOf(page)}`);
  }

  exception(id: string): Promise<Exception & { readonly shows: readonly ShownRecord[] }> {
    return this.#get(`/v1/desk/exceptions/${encodeURIComponent(id)}`);
  }

  resolveException(id: string, how: HowResolved): Promise<Resolved> {
    return this.#post(`/v1/desk/exceptions/${encodeURIComponent(id)}/resolve`, how);
  }

  debtsOf(account: string): Promise<AccountDebts> {
    return this.#get(`${accountPath(account)}/debts`);
  }

  /** Paid outside ACH. The same amount with the same evidence is one payment. */
  async recordPayment(account: string, amountCents: number, evidence: string): Promise<Recorded> {
    const amount = { amount: amountCents, currency: "USD" };
    const path = `${accountPath(account)}/manual-payments`;
    const told = new TextEncoder().encode(`${amountCents}\n${evidence}`);
    const idempotencyKey = `by-hand/${text64(sha256(told))}`;
    const sent = { token: this.key, idempotencyKey, body: { amount, evidence } };
    type Answer = Pick<Recorded, "owed" | "status">;
    const { body, replayed } = await this.caller.call<Answer>("POST", path, sent);
    return { owed: body.owed, status: body.status, isRepeat: replayed };
  }

  async allowRetry(account: string, payment: string, note: string): Promise<void> {
    await this.#post(`${debitPath(account, payment)}/retry`, { note });
  }

  /** The first person proposes, another one agrees. */
  async writeOff(
    account: string,
    payment: string,
    note: string,
  ): Promise<"proposed" | "written_off"> {
    type Answer = { readonly status: "proposed" | "written_off" };
    return (await this.#post<Answer>(`${debitPath(account, payment)}/write-off`, { note })).status;
  }

  /** The return fee of the debit: the first person proposes, another one agrees. */
  async waiveFee(account: string, payment: string, note: string): Promise<"proposed" | "waived"> {
    type Answer = { readonly status: "proposed" | "waived" };
    return (await this.#post<Answer>(`${debitPath(account, payment)}/fee-waiver`, { note })).status;
  }

  /** One that no file can take: the first person proposes, another one agrees. */
  async payRefund(account: string, refund: string, evidence: string): Promise<"proposed" | "paid"> {
    type Answer = { readonly status: "proposed" | "paid" };
    const path = `${accountPath(account)}/refunds/${encodeURIComponent(refund)}/payment`;
    return (await this.#post<Answer>(path, { evidence })).status;
  }

  /** The first person proposes, another one says the same. */
  async resolveRefund(
    account: string,
    refund: string,
    resolution: string,
    note: string,
  ): Promise<"proposed" | "resolved"> {
    const path = `${accountPath(account)}/refunds/${encodeURIComponent(refund)}/resolve`;
    type Answer = { readonly status: "proposed" | "resolved" };
    return (await this.#post<Answer>(path, { resolution, note })).status;
  }

  async decideDispute(
    account: string,
    payment: string,
    outcome: string,
    note: string,
  ): Promise<void> {
    await this.#post(`${debitPath(account, payment)}/dispute`, { outcome, note });
  }

  async #get<Body>(path: string): Promise<Body> {
    return (await this.caller.call<Body>("GET", path, { token: this.key })).body;
  }

  async #post<Body>(
    path: string,
    body: unknown,
    idempotencyKey: string = crypto.randomUUID(),
  ): Promise<Body> {
    const sent = { token: this.key, idempotencyKey, body };
    return (await this.caller.call<Body>("POST", path, sent)).body;
  }
}

/** What is typed as an account names one, or nothing: never another path. */
function accountPath(account: string): string {
  return `/v1/desk/accounts/${encodeURIComponent(account)}`;
}

function bankAccountPath(merchant: string): string {
  return `/v1/desk/merchants/${encodeURIComponent(merchant)}/bank-account`;
}

function filePath(file: string): string {
  return `/v1/desk/files/${encodeURIComponent(file)}`;
}

function debitPath(account: string, payment: string): string {
  return `${accountPath(account)}/debits/${encodeURIComponent(payment)}`;
}

function queryOf({ limit, startingAfter }: Page): string {
  const query = new URLSearchParams();
  if (limit !== undefined) query.set("limit", String(limit));
  if (startingAfter !== undefined) query.set("starting_after", startingAfter);
  return query.size === 0 ? "" : `?${query}`;
}
