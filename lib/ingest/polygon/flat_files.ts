/**
 * Option flat files over S3: one for each trading day, `us_options_opra/trades_v1/YYYY/MM/YYYY-MM-DD.csv.gz`.
 *
 * @module
 */
import { z } from "zod";
import { type Effects, TidemarkError, WireError } from "../../base/mod.ts";
import { type Clock, retried } from "./retry.ts";
import type { S3Bucket, S3Object } from "./s3.ts";
import { parsedNote, type Spool } from "./spool.ts";

/** A flat file on the server. */
export interface FlatFileObject extends S3Object {
  /** Its trading day. */
  date: string;
}

/** What a transfer needs from outside. */
export interface TransferOptions {
  /** Where to say what is going on. */
  effects: Effects;
  /** Clock; defaults to the machine's. */
  clock?: Clock;
}

/** More pages than the files of all years have. */
const MOST_PAGES = 100;
const FOLDER = "us_options_opra/trades_v1/";
const KEY = /^us_options_opra\/trades_v1\/(\d{4})\/(\d\d)\/(\1-\2-\d\d)\.csv\.gz$/;
const MD5 = /^"([0-9a-f]{32})"$/;

const NOTE = z.object({ etag: z.string(), bytes: z.number() });
const FETCHING = "fetching", FETCHED = "fetched";

/**
 * The flat files of some trading days, or all, by date.
 *
 * @param bucket The bucket.
 * @param dates Trading days; all when absent.
 * @param options See {@linkcode TransferOptions}.
 * @throws {WireError} If the bucket cannot be listed.
 */
export async function listFlatFiles(
  bucket: S3Bucket,
  dates: readonly string[] | undefined,
  options: TransferOptions,
): Promise<FlatFileObject[]> {
  const months = dates && new Set(dates.map((date) => `${date.slice(0, 4)}/${date.slice(5, 7)}/`));
  const found: FlatFileObject[] = [];
  for (const month of months ?? [""]) {
    let next: string | undefined, pages = 0;
    do {
      if (pages++ === MOST_PAGES) {
        throw new WireError(
          `found ${MOST_PAGES} pages of a listing, wanted fewer; the server goes in circles`,
          FOLDER + month,
        );
      }
      const page = await retried(() => bucket.list(FOLDER + month, next), {
        warn: options.effects.warn,
        ...(options.clock && { clock: options.clock }),
      });
      for (const object of page.objects) {
        const date = KEY.exec(object.key)?.[3];
        if (date !== undefined && (dates?.includes(date) ?? true)) found.push({ ...object, date });
      }
      next = page.next;
    } while (next !== undefined);
  }
  return found.sort((a, b) => (a.date < b.date ? -1 : 1));
}

/**
 * Fetches a file into a spool, from where an earlier attempt or process stopped; leaves alone one that is there.
 *
 * The size is checked, and the MD5 where the entity tag is one; where it is not, as with files uploaded in parts, the
 * checksum inside the gzip stream is what remains, and whoever reads the file checks that.
 *
 * @param bucket The bucket.
 * @param object The file, as listed.
 * @param spool Where it gathers.
 * @param options See {@linkcode TransferOptions}.
 * @returns Whether anything had to be fetched.
 * @throws {WireError} If the server keeps failing or refuses; what has come by then is kept.
 * @throws {TidemarkError} If the bytes are not those of the entity tag; they are dropped.
 */
export async function fetchFlatFile(
  bucket: S3Bucket,
  object: S3Object,
  spool: Spool,
  options: TransferOptions,
): Promise<boolean> {
  const { key, bytes, etag } = object, note = JSON.stringify({ etag, bytes });
  const noted = async (name: string) => {
    const read = await parsedNote(spool, name, NOTE);
    return read?.etag === etag && read.bytes === bytes;
  };
  if (spool.finished === bytes && await noted(FETCHED)) return false;
  if (!await noted(FETCHING) || spool.bytes > bytes) {
    await spool.truncate(0);
    await spool.keep(FETCHING, note);
  }
  const progress = options.effects.progress(key, "bytes", bytes);
  progress.add(spool.bytes);
  let tagged = true, come = 0;
  await retried(async () => {
    if (spool.bytes === bytes) return;
    const part = await bucket.read(object, spool.bytes);
    tagged = part.tagged;
    if (part.from > spool.bytes) {
      throw new WireError(`found bytes from ${part.from} on, wanted ${spool.bytes}`, key);
    }
    await spool.truncate(part.from);
    for await (const chunk of part.chunks) {
      await spool.append(chunk);
      progress.add(chunk.length);
      come += chunk.length;
    }
    if (spool.bytes < bytes) {
      throw new WireError(`it ended after ${spool.bytes} of ${bytes} bytes`, key, { retryable: true });
    }
  }, { warn: options.effects.warn, done: () => come, ...(options.clock && { clock: options.clock }) });
  progress.done();
  const wanted = tagged ? MD5.exec(etag)?.[1] : undefined;
  const found = wanted === undefined ? undefined : await spool.md5();
  if (spool.bytes !== bytes || found !== wanted) {
    const sizes = `${spool.bytes} bytes with MD5 ${found}, wanted ${bytes} with ${wanted}`;
    await spool.truncate(0);
    throw new TidemarkError(
      `Cannot use "${key}": found ${sizes}; it was dropped, run again to fetch it anew`,
    );
  }
  await spool.finish();
  await spool.keep(FETCHED, note);
  return true;
}
