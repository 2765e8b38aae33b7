// The codes of rejected events, each with its page.
import type { CodePage } from "../../dsl/diagnostics/code-page.ts";

const fixAtProducer =
  "Correct it where the event is produced. `NAME.rejected` (or the quarantine, where no sink takes it) holds the event; the position says which line it was.";

export const eventCodes = {
  "event.bad-time": {
    title: "The event's time can't be read",
    why: "The contract's `@time` field chooses the window whose keys seal the event. A time that does not follow the declared format, or lies outside of what a date can be, would choose a wrong one.",
    fix: "Compare the field with the contract: epoch milliseconds without `format`, else a text in that very format. A field that may be missing is fine: the time of reading is taken then.",
    example: {
      wrong: '{"openedAt":"20-11-2026"}',
      right: '{"openedAt":"2026-11-20 00:00:00"}',
    },
  },
  "event.control-character": {
    title: "A text contains a raw control character",
    why: "JSON allows control characters (below U+0020, NUL among them) in a text only as escapes. Programs differ in what they make of raw ones.",
    fix: fixAtProducer,
    example: { wrong: '{"note":"a<TAB>b"}', right: '{"note":"a\\tb"}' },
  },
  "event.does-not-open": {
    title: "A sealed value does not open",
    why: "The value was not sealed with this key link's keys for this field, or it was changed or cut since. Which of these it was can't be told, and nothing of it is shown.",
    fix: "Check that the source is declared with the contract, the key store and the `scheme` under which the events were sealed, and that no step in between changes field values or moves them to other fields.",
  },
  "event.duplicate-key": {
    title: "A name stands twice in one object",
    why: "JSON parsers differ in which of two members with one name they take. A value that one program seals and another one overlooks would leak, so neither is taken. Names are compared after their escapes are read.",
    fix: fixAtProducer,
    example: { wrong: '{"email":"a","em\\u0061il":"b"}', right: '{"email":"a"}' },
  },
  "event.invalid-utf8": {
    title: "The event is not valid UTF-8",
    why: "JSON is UTF-8. Bytes that are not can't be sealed as text, and programs that repair them would change the value.",
    fix: "Send the events as UTF-8; a file in another encoding can be converted with `iconv`.",
  },
  "event.key-unknown": {
    title: "The key store does not know the event's key link",
    why: "The keys were removed when their retention ended, or the events were sealed with another key store. Without the keys nothing can be opened.",
    fix: "Check that `keys` of the decrypt names the store with which the events were sealed. Keys that `retain` removed are gone for good, as they should be.",
  },
  "event.lone-surrogate": {
    title: "A text contains half of a surrogate pair",
    why: "An escape such as `\\ud83c` is only one half of a character. It stands for no text at all, and programs differ in what they make of it.",
    fix: fixAtProducer,
    example: { wrong: '{"note":"\\ud83c"}', right: '{"note":"\\ud83c\\udf89"}' },
  },
  "event.missing-field": {
    title: "A field that the contract requires is missing",
    why: "The schema gives the field no default and does not allow null, so that readers rely on it.",
    fix: "Send the field, or make it optional in the contract (`T?` inline; a union with `null`, or a default, in Avro).",
    example: {
      wrong: '{"email":"a@mail.example"}',
      right: '{"session":"s-1","email":"a@mail.example"}',
    },
  },
  "event.no-match": {
    title: "A value does not match its field's pattern",
    why: "The contract holds the field to a pattern by `@matches`. The value itself is not shown here: it may be personal.",
    fix: "Compare the field's pattern in the contract with the event. A pattern may match anywhere in the value unless it is anchored by `^` and `$`.",
  },
  "event.no-value": {
    title: "The message has no value",
    why: "A message without a value (a tombstone) holds no field of the contract: nobody's consent can be asked, and nothing can be sealed. Its key is not passed on by itself, since it may be personal.",
    fix: "Nothing needs to be done where tombstones are expected: each is kept with its position. In a compacted topic, remove what they stand for where the sealed events are kept.",
  },
  "event.not-avro": {
    title: "The event is no Avro datum of its schema",
    why: "A datum says nothing of its own form: it can be read by the very schema it was written with alone. This one ends too early, goes on behind its end, holds a length, an index or a number that its schema does not allow, a block of another size than it says, or more than 65,536 items that take no byte.",
    fix: "Check that the source's contract is the schema that the events were written with, and, where they come with a schema's id, that `registry` is given.",
  },
  "event.not-csv": {
    title: "The row is not one of its file's",
    why: "A row has one cell for each column (RFC 4180). A cell that begins with a quote ends with one, has any quote within doubled, and is followed by the delimiter or the line's end; other cells have no quote and no lone carriage return. And all of it is text in the file's charset. A quote that nobody closed makes one row of all lines up to the next quote.",
    fix: "Correct the row in the file; the position says in which line it begins, and `NAME.rejected` (or the quarantine, where no sink takes it) holds all of it. Where many rows are refused, compare the option `csv` with the file: its delimiter, its quote, its charset.",
    example: { wrong: '1,a "quoted" word,2', right: '1,"a ""quoted"" word",2' },
  },
  "event.not-framed": {
    title: "The message does not name its schema",
    why: "With `registry`, a message begins with a zero byte and four bytes of a schema's id, as Confluent's serializers write it. This one does not.",
    fix: "Leave out `registry` where all messages are plain datums of the contract's schema. Else look which producer writes them otherwise.",
  },
  "event.not-json": {
    title: "The line is not valid JSON",
    why: "An event is one JSON object on one line. strm reads JSON strictly (RFC 8259): no comments, no trailing commas, no numbers such as `01` or `NaN`, nothing after the object.",
    fix: fixAtProducer,
    example: { wrong: '{"amount":01,}', right: '{"amount":1}' },
  },
  "event.number-out-of-range": {
    title: "A number is too large for its type",
    why: "An `int` has 32 bits, a `long` 64; `float` and `double` must be finite. A reader of that type could not hold the value.",
    fix: "Widen the field's type in the contract, or correct the event.",
    example: { wrong: '{"count":9223372036854775808}', right: '{"count":9223372036854775807}' },
  },
  "event.row-too-large": {
    title: "The row is longer than `max_event`",
    why: "The bound keeps memory small whatever the input is. The row is kept, in pieces; nothing of it is lost. A cell whose quote nobody closed goes on until the next quote, over all rows between, or to the file's end: nobody could tell which of these rows were meant, and a cell must not be taken for rows.",
    fix: "Look at the line where the row begins: close the quote there, or double it where it stands in a cell. Raise `max_event` of the source if such rows are expected.",
    example: { wrong: '1,"a quote that is not closed,2', right: '1,"a quote that is closed",2' },
  },
  "event.schema-mismatch": {
    title: "The event was written with a schema that does not fit the contract",
    why: "Avro brings a datum from its writer's schema to the reader's by fixed rules: fields are found by name or alias, missing ones get their default, numbers widen. Here these rules find no way, so that the event can't be what the contract says.",
    fix: "Compare the two schemas at the field that the reason names. A default in the contract stands for a field that older producers don't write; another version of the contract may fit.",
    example: { wrong: '{"name":"amount","type":"string"}', right: '{"name":"amount","type":"long"}' },
  },
  "event.too-deep": {
    title: "The event is nested too deeply",
    why: "Objects and lists may stand in each other 64 levels deep. The bound keeps hostile input from exhausting whoever reads it.",
    fix: fixAtProducer,
  },
  "event.too-large": {
    title: "The line is longer than `max_event`",
    why: "The bound keeps memory small whatever the input is. The line is kept, in pieces; nothing of it is lost.",
    fix: "Raise `max_event` of the source if such events are expected. A missing line feed between events looks the same.",
    example: { wrong: "source clicks of clickstream from stdin { max_event = 64KiB }" },
  },
  "event.undeclared-field": {
    title: "The event has a field that the contract does not declare",
    why: "Nobody has said what the field is: it may be personal. Its name is not shown either.",
    fix: "Declare the field in the contract, or let the contract say `@@unknown(drop)` or `@@unknown(pass)`.",
  },
  "event.unknown-consent": {
    title: "The consent text is not in the contract's map",
    why: "`@consent(map = …)` gives levels for the texts it lists and has no `default`. Guessing what someone consented to is not strm's to do.",
    fix: 'Add the text to the map, or give the map a `default`. A `default = []` treats unknown texts as "no consent".',
  },
  "event.unknown-schema": {
    title: "The schema that the event was written with can't be had",
    why: "The message names its schema by an id. The registry has none of that id, or what it has is no Avro schema that can be read. Without it, the event's bytes mean nothing.",
    fix: "Check that `registry` is the one that the producers use. An id of zero or a very large one means that the message is not framed at all.",
  },
  "event.unknown-symbol": {
    title: "A value is not one of the enum's symbols",
    why: "The schema lists all values that the field may have.",
    fix: "Add the symbol to the schema, or correct the event.",
  },
  "event.wrong-type": {
    title: "A value has another type than the contract says",
    why: "A field that is not what the contract calls it can't be handled as the contract says. A personal field that holds a number or an object could not be sealed, and would leak.",
    fix: "Correct the event, or the field's type in the contract. `int` and `long` are written without a fraction or an exponent.",
    example: { wrong: '{"email":42}', right: '{"email":"a@mail.example"}' },
  },
} as const satisfies Record<string, CodePage>;

export type EventCode = keyof typeof eventCodes;
