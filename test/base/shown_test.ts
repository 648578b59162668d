import assert from "node:assert/strict";
import { shown, shownJson, terminalEffects } from "../../lib/base/mod.ts";

/** Every character that a terminal obeys, turns round by, or does not show. */
const STEERING = [
  ...Array.from({ length: 0x20 }, (_, i) => i),
  ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
  ...[0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff],
].map((code) => String.fromCharCode(code));

Deno.test("shown() writes out whatever steers a terminal, and leaves all other text as it is", () => {
  for (const c of STEERING) {
    assert.match(shown(`a${c}b`), /^a\\(n|r|t|x[0-9a-f]{2}|u[0-9a-f]{4})b$/, JSON.stringify(c));
    assert.equal(shown(shown(c)), shown(c));
  }
  const plain = 'O:SPY251216C00676000 – ünïcode ✓ 日本 \\ "quoted" <img> 😀';
  assert.equal(shown(plain), plain);
});

Deno.test("shownJson() means the same as the JSON it was given", () => {
  const value = { [STEERING.join("")]: STEERING, plain: "✓" };
  const text = shownJson(JSON.stringify(value));
  assert.deepEqual(JSON.parse(text), value);
  assert.equal(shown(text), text);
});

Deno.test("terminalEffects() shows text from outside on one line without effect, its own redrawing as it is", () => {
  let out = "", now = 0;
  const effects = terminalEffects({ write: (text) => out += text, now: () => now, interactive: true });
  effects.log("a\x1b]0;title\x07\nwarning: forged");
  effects.warn("\x9b31mserver says\r\n");
  const progress = effects.progress("file\x1b[2J", "rows", 100);
  now = 5000;
  progress.add(50);
  progress.done();
  assert.equal(
    out,
    "a\\x1b]0;title\\x07\\nwarning: forged\nwarning: \\x9b31mserver says\\r\\n\n" +
      "\r\x1b[Kfile\\x1b[2J: 50 of 100 (50 %) rows, 10/s, ETA 5 s\r\x1b[K",
  );
});
