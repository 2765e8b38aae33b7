// Writes the data files of pipelines/data: `node test/kit/make-pipeline-data.ts`. The same bytes every time.
import { writeFileSync } from "node:fs";
import { type Random, seeded } from "./random.ts";

const folder = new URL("../../pipelines/data/", import.meta.url);
const DAY_MS = 86_400_000;

function write(name: string, lines: readonly string[]): void {
  writeFileSync(new URL(name, folder), `${lines.join("\n")}\n`);
}

const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => random.below(16).toString(16)).join("");

function demoEvents(count: number): string[] {
  const random = seeded(1);
  const start = Date.UTC(2026, 10, 23, 6);
  const consent = [[], [0], [0, 1], [0, 1, 2], [0, 1, 2, 3]];
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      strmMeta: {
        eventContractRef: "strmprivacy/example/1.3.0",
        nonce: null,
        timestamp: start + i * 20_000,
        keyLink: null,
        consentLevels: random.pick(consent),
      },
      uniqueIdentifier: random.below(20) === 0 ? null : `unique-${random.below(count)}`,
      consistentValue: `session-${random.below(200)}`,
      someSensitiveValue: `sensitive-${random.below(1000)}`,
      notSensitiveValue: `not-sensitive-${random.below(100)}`,
    }),
  );
}

const FIRST = ["Anna", "Søren", "Zoë", "François", "Łukasz", "Иван", "美咲", "José", "Aisha", 'Bob "Bobby"'];
const LAST = ["de Vries", "Jørgensen", "Ñíguez", "Şahin", "Петров", "田中", "O'Brien", "García"];
const TERMS = ["running shoes", "кофе", "抹茶", "lamp for Zoë", "gift for mum", "réveil", "size 43"];
const GIFTS = ["Happy birthday, Zoë! 🎉", "Für Oma\nvon uns allen", "See you on Sunday", null];

function visits(count: number, seed: number, offset: string): string[] {
  const random = seeded(seed);
  const sessions = Array.from({ length: 40 }, () => `s-${hex(random, 8)}`);
  return Array.from({ length: count }, (_, i) => {
    const consents = [0, 1, 2, 3].filter((level) => random.below(4) > (level === 0 ? 0 : 1));
    const known = random.below(3) > 0;
    const number = random.below(60);
    const visit = {
      eventId: `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`,
      kind: random.pick(["VIEW", "VIEW", "CART", "ORDER"]),
      url: `https://shop.acme.example/p/${random.below(5000)}`,
      session: {
        id: random.pick(sessions),
        startedAt:
          new Date(Date.UTC(2026, 9, 24, 12) + Math.floor((i * 2 * DAY_MS) / count))
            .toISOString()
            .slice(0, 19) + offset,
        ipAddress: random.below(5) === 0 ? null : `203.0.113.${random.below(256)}`,
      },
      customer: known
        ? {
            id: `customer-${number}`,
            name:
              random.below(4) === 0 ? null : `${FIRST[number % FIRST.length]} ${LAST[number % LAST.length]}`,
            emails: Array.from({ length: random.below(3) }, (_, n) => `c${number}.${n}@mail.example`),
          }
        : null,
      basket:
        random.below(2) === 0
          ? {
              lines: Array.from({ length: 1 + random.below(3) }, () => ({
                product: random.below(5000),
                amount: 1 + random.below(4),
                price: random.below(20_000) / 100,
              })),
              giftMessage: random.pick(GIFTS),
            }
          : null,
      searchTerms: Array.from({ length: random.below(3) }, () => random.pick(TERMS)),
      consents,
      experiments: { checkout: random.pick(["a", "b"]) },
    };
    return JSON.stringify(visit);
  });
}

function tickets(count: number): string[] {
  const random = seeded(4);
  const lines = Array.from({ length: count }, (_, i) => {
    const account = random.below(80);
    return JSON.stringify({
      ticketId: `T-${1000 + i}`,
      openedAt: new Date(Date.UTC(2026, 10, 20) + i * 600_000).toISOString().slice(0, 19).replace("T", " "),
      reporter: {
        accountId: `account-${account}`,
        email: random.below(3) === 0 ? null : `account${account}@mail.example`,
        phoneNumbers: random.below(2) === 0 ? null : [`+31 6 5550 ${1000 + account}`],
      },
      subject: `Order ${5000 + random.below(900)} of ${random.pick(FIRST)} did not arrive`,
      body: `Dear helpdesk,\n${random.pick(FIRST)} ${random.pick(LAST)} of Lindenstraße ${random.below(99)} waits for a parcel.`,
      consent: random.pick(["answer only", "answer and learn", "anything", "not sure", null]),
      priority: 1 + random.below(4),
      tags: [random.pick(["delivery", "payment", "return"])],
      resolved: random.below(2) === 0,
      internalNote: `escalated by ${random.pick(FIRST)}`,
    });
  });
  // What an export really holds: a cut line, a wrong type, a consent that is no text, an impossible date.
  lines.splice(
    100,
    0,
    '{"ticketId":"T-1","openedAt":"2026-11-20 10:00:00","reporter":{"accountId":"account-1"',
  );
  lines.splice(200, 0, lines[0]!.replace(/"subject":"[^"]*"/, '"subject":42'));
  lines.splice(300, 0, lines[1]!.replace(/"consent":("[^"]*"|null)/, '"consent":7'));
  lines.splice(400, 0, lines[2]!.replace(/"openedAt":"[^"]*"/, '"openedAt":"2026-11-31 10:00:00"'));
  return lines;
}

const NOTES = [
  "Please ring twice.",
  'Gift wrap: "For Zoë"',
  "Leave it\nwith the neighbours",
  "50 % off?; yes",
  null,
];
const CONSENTS = ["shop only", "shop, statistics", "everything", "", "whatever you like"];

/** As a spreadsheet exports them: with a byte order mark, CRLF, semicolons, and cells of several lines. */
function orders(count: number, seed: number, first: string): string {
  const random = seeded(seed);
  const startMs = Date.parse(first);
  const rows = Array.from({ length: count }, (_, i) => {
    const number = random.below(60);
    const [date = "", time = ""] = new Date(startMs + i * 9 * 60_000).toISOString().slice(0, 16).split("T");
    return [
      `O-${seed}${String(i).padStart(4, "0")}`,
      `customer-${number}`,
      `${FIRST[number % FIRST.length]} ${LAST[number % LAST.length]}`,
      random.below(4) === 0 ? "" : `c${number}@mail.example`,
      random.pick(["Amsterdam", "Gent", "Zürich", ""]),
      `${date.split("-").reverse().join("-")} ${time}`,
      (random.below(20_000) / 100).toFixed(2),
      String(1 + random.below(5)),
      random.pick(NOTES) ?? "",
      random.pick(CONSENTS),
    ];
  });
  // What an export really holds: a row that is cut short, and a number that a spreadsheet has spelled its own way.
  rows[20] = rows[20]!.slice(0, 4);
  rows[40]![6] = "1.234,50";
  const names = ["orderId", "customer.id", "customer.name", "customer.email", "customer.city"];
  const header = [...names, "orderedAt", "total", "items", "note", "consent"];
  const quoted = (cell: string) => (/[;"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `\uFEFF${[header, ...rows].map((row) => `${row.map(quoted).join(";")}\r\n`).join("")}`;
}

// Both hold a night in which the clocks are changed.
writeFileSync(new URL("../batch-export/orders-2026-03.csv", folder), orders(200, 6, "2026-03-28T20:00Z"));
writeFileSync(new URL("../batch-export/orders-2026-10.csv", folder), orders(200, 7, "2026-10-24T20:00Z"));
write("demo-events.jsonl", demoEvents(4000));
write("visits-amsterdam.jsonl", visits(600, 2, ""));
// One visit has a session id that the contract refuses.
write("visits-new-york.jsonl", [
  ...visits(400, 3, "-04:00"),
  visits(1, 5, "Z")[0]!.replace(/"id":"s-/, '"id":"x-'),
]);
write("tickets.jsonl", tickets(500));
