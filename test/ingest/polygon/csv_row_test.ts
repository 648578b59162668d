import assert from "node:assert/strict";
import { Random } from "../../../lib/base/mod.ts";
import {
  decimalOf,
  integerOf,
  newFields,
  splitRow,
  textOf,
  writeNs,
} from "../../../lib/ingest/polygon/csv_row.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function split(line: string, room = 8): string[] | number {
  const fields = newFields(room), bytes = bytesOf(`..${line}..`);
  const count = splitRow(bytes, 2, 2 + line.length, fields);
  if (count < 0) return count;
  return Array.from({ length: count }, (_, i) => textOf(bytes, fields.start[i]!, fields.end[i]!));
}

Deno.test("splitRow() cuts at commas outside quotes", () => {
  assert.deepEqual(split("a,bc,,d"), ["a", "bc", "", "d"]);
  assert.deepEqual(split('a,"1,2,3",b'), ["a", "1,2,3", "b"]);
  assert.deepEqual(split('"",x'), ["", "x"]);
  assert.deepEqual(split('x,"y"'), ["x", "y"]);
  assert.deepEqual(split("x,"), ["x", ""]);
  assert.deepEqual(split(""), [""]);
});

Deno.test("splitRow() refuses quotes that are not closed or not around a whole field", () => {
  for (const line of ['a,"b', 'a"b,c', '"a"b,c', '"a""b",c']) assert.equal(split(line), -1, line);
});

Deno.test("splitRow() counts fields beyond its room", () => {
  assert.equal(splitRow(bytesOf("a,b,c,d"), 0, 7, newFields(2)), 4);
});

Deno.test("decimalOf() reads what Number() reads", () => {
  const random = new Random(3);
  for (let k = 0; k < 20_000; k++) {
    const text = (random.uniform() * 10 ** random.int(7)).toFixed(random.int(9));
    assert.equal(decimalOf(bytesOf(text), 0, text.length), Number(text), text);
  }
  for (
    const text of [".05", "5.", "007", "12345678901234567.25", "0.1234567890123456789", "0.000000000000001"]
  ) {
    assert.equal(decimalOf(bytesOf(text), 0, text.length), Number(text), text);
  }
});

Deno.test("decimalOf() and integerOf() give NaN for anything else", () => {
  for (const text of ["", ".", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "nan", "Infinity", "9".repeat(400)]) {
    assert.ok(Number.isNaN(decimalOf(bytesOf(text), 0, text.length)), text);
  }
  for (const text of ["", "1.0", "-1", "12a", "a12", "1234567890123456"]) {
    assert.ok(Number.isNaN(integerOf(bytesOf(text), 0, text.length)), text);
  }
  assert.equal(integerOf(bytesOf("00312"), 0, 5), 312);
});

Deno.test("writeNs() is exact for every 19-digit timestamp that int64 holds", () => {
  const column = new BigInt64Array(2), words = new Uint32Array(column.buffer), random = new Random(5);
  const edges = ["1000000000000000000", "1762957800867000001", "9223372036854775807", "4294967296999999999"];
  for (let k = 0; k < 5000; k++) {
    const text = edges[k] ??
      `${1 + random.int(8)}${Array.from({ length: 18 }, () => random.int(10)).join("")}`;
    assert.ok(writeNs(bytesOf(text), 0, 19, words, 1));
    assert.equal(column[1], BigInt(text));
  }
  const beyond = ["9223372036854775808", "9223372037000000000", "9999999999999999999"];
  for (const text of [...beyond, "176295780086700000", "17629578008670000011", "1762957800.67000001", ""]) {
    assert.equal(writeNs(bytesOf(text), 0, text.length, words, 0), false);
  }
  assert.equal(column[0], 0n);
});
