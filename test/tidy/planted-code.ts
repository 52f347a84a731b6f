/** Planted for the rules on what code says: purity, money, assertions. */
import { type Sample, table } from "./sample.ts";

export const CODE_SAMPLES: readonly Sample[] = [
  ...table({
    rule: "purity",
    offences: {
      "the clock": ["actors/a.ts", "const now = Date.now();"],
      "a new date in a template": ["actors/a.ts", `const a = \`at \${new Date()}\`;`],
      "the clock of Temporal": ["actors/a.ts", "const a = Temporal.Now.instant();"],
      "the clock of the machine": ["actors/a.ts", "performance.now();"],
      "the clock, in JavaScript": ["actors/a.mjs", "Date.now();"],
      randomness: ["actors/a.ts", "const a = Math.random();"],
      "randomness by a detour": ["actors/a.ts", "const { random } = Math;"],
      cryptography: ["actors/a.ts", "crypto.getRandomValues(bytes);"],
      "the runtime": [
        "actors/a.ts",
        'process.env["A"];\nBun.env;\nglobalThis.x;\nimport.meta.url;',
        4,
      ],
      "the network and the console": ["actors/a.ts", 'fetch("x");\nconsole.log("x");', 2],
      timers: ["actors/a.ts", "setTimeout(run, 1);\nqueueMicrotask(run);", 2],
      waiting: ["actors/a.ts", "export async function a() {}"],
      "the machine's time zone": ["actors/a.ts", "Intl.DateTimeFormat().resolvedOptions();", 2],
      "the present, formatted": [
        "actors/a.ts",
        'new Intl.DateTimeFormat("en", { timeZone }).format();',
      ],
      "state beside the state": [
        "actors/a.ts",
        "let count = 0;\nexport function a() { let b = 1; }",
      ],
    },
    innocents: {
      "members and keys of those names": [
        "actors/a.ts",
        "a.process;\nconst b = { date: 1, process: 2 };\ninterface C { crypto?: 1; Date: 2 }",
      ],
      "text and comments": [
        "actors/a.ts",
        "// Date.now() is for the host.\nconst a = 'Date';\nconst b = /fetch/;",
      ],
      "pure mathematics and given times": [
        "actors/a.ts",
        'Math.floor(a);\nTemporal.PlainDate.from("2026-11-22");',
      ],
      "a given time zone": [
        "actors/a.ts",
        'new Intl.DateTimeFormat("en", { timeZone: "UTC" }).format(at);',
      ],
      "the host has a clock": ["src/runtime/clock.ts", "export const now = () => Date.now();"],
    },
  }),
  ...table({
    rule: "money",
    offences: {
      "a float is parsed": [
        "src/http/a.ts",
        "const a = parseFloat(text);\nNumber.parseFloat(text);",
        2,
      ],
      "a float is printed": ["src/web/a.tsx", "const a = <b>{(cents / n).toFixed(2)}</b>;"],
      "dollars become cents": [
        "src/rails/a.ts",
        "const a = dollars * 100;\nconst b = 1_00 * dollars;",
        2,
      ],
      "a cast": ["actors/lane.ts", "const a = 5 as Cents;\nconst b = [5] as readonly Cents[];", 2],
      "a cast of the old form": ["src/a.ts", "const a = <Cents>5;"],
    },
    innocents: {
      "generics and checks": [
        "actors/lane.ts",
        "const a = new Map<LaneId, Cents>();\nconst b: Array<Cents> = f<Cents>(c);",
      ],
      "other products": ["src/a.ts", "const a = b * 1000;\nconst c = d % 100;\n// dollars * 100"],
      "money.ts itself": ["actors/money.ts", "const a = (b * 100) as Cents;"],
      "tests may try": ["test/a.test.ts", "expect(() => cents(1.5 as Cents)).toThrow();"],
    },
  }),
  {
    rule: "assertions",
    what: "a hundred lines with one assertion",
    files: { "actors/a.ts": `assert(a, "a");${"\nconst a = 1;".repeat(99)}` },
    finds: 1,
  },
  {
    rule: "assertions",
    what: "assertions in comments, and the definition itself",
    files: { "src/runtime/a.ts": '// assert(a, "a");\nexport function assert(fact: boolean) {}' },
    finds: 1,
  },
  {
    rule: "assertions",
    what: "a hundred lines with two assertions",
    files: { "actors/a.ts": `assert(a, "a");\npresent(b, "b");${"\nconst a = 1;".repeat(98)}` },
    finds: 0,
  },
];
