/**
 * Words that the code does not use, because the terms of docs/house-style.md have another for the
 * same thing. An entry is worth having only when it is never wrong: prefer a narrow phrase to a
 * broad word.
 */

export interface Word {
  /** What is looked for in names, comments and texts of actors/, src/ and wasm/. */
  readonly not: readonly RegExp[];
  readonly say: string;
  readonly why: string;
  /** Taken out of a line before looking: names that somebody else gave. */
  readonly except?: readonly RegExp[];
  /** Paths that speak somebody else's language. */
  readonly outside?: RegExp;
  /** The only paths looked at. */
  readonly inside?: RegExp;
}

/** The SOAP face speaks the words of the service that it is compatible with; so does its check. */
const SOAP = /^src\/(http\/(seqr|soap)|commands\/certify)/;

/** A line that quotes one of these sources may use its words. */
export const SOURCES = /\bFAQ\b|\bNacha\b|\bNACHA\b|\bRFC [0-9]|\bSOAP\b|\bWSDL\b|\bwire name\b/;

export const WORDS: readonly Word[] = [
  {
    not: [/[Aa]uthoriz/],
    say: "authorisation (the switch's yes) or approval (the payer's yes)",
    why: "one spelling, so that a search finds every authorisation",
    // The HTTP header and reason phrase, and titles of bank return codes such as R10.
    except: [
      /["'`, ]Authorization(?=["'`:,]| header)|(["'`])authorization\1|401 Unauthorized/g,
      /\bR[0-9]{2}\b.*/g,
    ],
    outside: new RegExp(`${SOAP.source}|^src/rails/ach/`),
  },
  {
    not: [/[Pp]ayer('s)? ?[Aa]uthoris/],
    say: "approval",
    why: "the payer approves; the switch authorises",
  },
  {
    not: [
      /(payment|purchase|money|customer|payer|merchant|user|wallet|business)('s)?[ _]transaction/i,
      /(payment|purchase|money|customer|payer|merchant|user|wallet|business)Transaction/i,
      /\btransaction_?(id|amount|status|total|fee|list|history)\b/i,
    ],
    say: "payment, purchase, transfer or collection",
    why: "a transaction is the database's, or a code in an ACH file",
    outside: SOAP,
  },
  {
    not: [/transaction/i],
    say: "payment, purchase, transfer or collection",
    why: "actors have no database: the only transactions here are those of the ACH file",
    except: [/transaction[ _]?(codes?|type|serial)\b|\b(one|same|database) transaction\b/gi],
    inside: /^actors\//,
  },
  {
    not: [/(wallet|customer|payer)('s)?[ _]?balance/i],
    say: "available limit",
    why: "the payer keeps no money with us: there is a spending limit and what is left of it",
    outside: SOAP,
  },
  {
    not: [/credit[ _]?limit|overdraft/i],
    say: "spending limit",
    why: "we grant no credit",
    outside: SOAP,
  },
  {
    not: [/customer('s)?[ _]?account[ _]?number/i],
    say: "bank account number, or account id",
    why: "an account is with us and has an id; a bank account is at the bank and has a number",
  },
  {
    not: [/[Bb]ankaccount|[Ll]edgeraccount/],
    say: "bank account, ledger account",
    why: "two words, always",
  },
  {
    not: [/\btill[ _]?(id|number)\b|tillId|tillNumber/i],
    say: "lane (the place) or terminal (the device)",
    why: "a till is both, so its number says neither",
  },
  {
    not: [/[Ii]nvoice/],
    say: "payment request",
    why: "an invoice is what the SOAP face calls a payment request",
    // Names on the wire: the merchant's own id, the SOAP operations and fields, paths of bills.
    except: [
      /client_?[Ii]nvoice_?[Ii]d|(send|update|cancel)Invoice|\/invoice\b/g,
      /\binvoice(QRCode|Reference|Version|Row)\w*/g,
    ],
    outside: SOAP,
  },
  {
    not: [/charge[ -]?back|bounced (debit|payment|collection)/i],
    say: "return (the bank's) or dispute (the payer's)",
    why: "cards have those; ACH debits are returned with an R-code",
  },
  {
    not: [/merchant('s)?[ _-]?pay-?outs?\b|merchantPayout/i],
    say: "settlement",
    why: "the payout to a merchant has its own word",
  },
  {
    not: [/buyer|shopper|card ?holder|\bpayor|Payor/i],
    say: "payer",
    why: "one word for who gives",
    except: [/payOrder/g],
  },
  {
    not: [/beneficiary|beneficiaries/i],
    say: "payee",
    why: "one word for who receives",
  },
  {
    not: [/[Cc]ancel(ed|ing)\b/],
    say: "cancelled, cancelling",
    why: "one spelling; CANCELED in capitals is a SOAP status",
  },
  {
    not: [/(reset|change|forgot)_?Pin\b|\bpin_?(Reset|Change)/i],
    say: "deregister and register again",
    why: "R18: no route that resets or changes a PIN exists at all",
  },
];
