/**
 * A publisher to be killed: sends the sessions of a lake up to the share that a file allows, and begins again a little
 * before where it was killed.
 *
 * Run as `paced_publisher.ts LAKE URL FOLDER DATE…`; the folder holds `share` (0 to 1), it writes `sent` there.
 */
import { sessionOf, terminalEffects, TidemarkError } from "../../lib/base/mod.ts";
import { existingLake } from "../../lib/lake/mod.ts";
import { closeBus, type Message, replay, replayMessages } from "../../lib/stream/mod.ts";
import { disordered, FAST, testBus } from "../stream/_live.ts";

/** Messages that may have been on their way when it was killed. */
const AGAIN = 50;

const [root, url, folder, ...dates] = Deno.args;
const write = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text));
const effects = terminalEffects({ write, now: () => performance.now(), interactive: false });
const lake = await existingLake(root), messages: Message[] = [];
for (const date of dates) {
  for await (const message of disordered(replayMessages(lake, sessionOf(date), FAST))) messages.push(message);
}
const sentBefore = Number(await Deno.readTextFile(`${folder}/sent`).catch(() => "0"));
const first = Math.max(0, sentBefore - AGAIN);
let sent = first;

async function* paced(): AsyncGenerator<Message> {
  for (let n = first; n < messages.length; n++) {
    while (n >= messages.length * Number(await Deno.readTextFile(`${folder}/share`))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    yield messages[n];
  }
}

const stored = () => Deno.writeTextFileSync(`${folder}/sent`, String(++sent));
try {
  const bus = await testBus(url, FAST, effects);
  effects.log(`publisher: from message ${first} of ${messages.length}`);
  await replay(bus, paced(), { speed: 0, stored });
  await closeBus(bus);
} catch (error) {
  if (!(error instanceof TidemarkError)) throw error;
  write(`${error.message}\n`);
  Deno.exit(2);
}
Deno.exit();
