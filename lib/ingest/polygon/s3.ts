/**
 * Option flat files on an S3-compatible server: what is there, and the bytes of one file from any offset on.
 *
 * @module
 */
import { AwsClient } from "aws4fetch";
import { XMLParser } from "fast-xml-parser";
import { z } from "zod";
import { WireError } from "../../base/mod.ts";
import { shown } from "../shown.ts";
import { quoted, send, textOf } from "./http.ts";

/** A server and what opens it. */
export interface S3Settings {
  /** Address, such as `https://files.massive.com`. */
  endpoint: string;
  /** Bucket. */
  bucket: string;
  /** Region that signatures name. */
  region: string;
  /** Access key id. */
  keyId: string;
  /** Its secret. */
  secret: string;
  /** Silence after which a request is broken off, milliseconds; defaults to the config's. */
  idleMs?: number;
}

/** A file in a bucket. */
export interface S3Object {
  /** Its key. */
  key: string;
  /** Its size. */
  bytes: number;
  /** Its entity tag, quotes included: another one, other bytes. */
  etag: string;
}

/** A file's bytes from somewhere on. */
export interface S3Bytes {
  /** Offset of the first byte: what was asked for, or 0 where the server knows no ranges. */
  from: number;
  /** Whether the entity tag may be the MD5 of the bytes; with some encryptions it looks like one and is not. */
  tagged: boolean;
  /** The bytes to the file's end. */
  chunks: AsyncIterable<Uint8Array>;
}

/** A bucket, ready to be asked. */
export interface S3Bucket {
  /** One page of the files whose keys begin with a text; `next` asks for the page after it. */
  list(prefix: string, next?: string): Promise<{ objects: S3Object[]; next: string | undefined }>;
  /** A file's bytes, provided it is still the one that was listed. */
  read(object: S3Object, from: number): Promise<S3Bytes>;
}

const PARSER = new XMLParser({ parseTagValue: false, isArray: (name) => name === "Contents" });

const LISTING = z.object({
  ListBucketResult: z.object({
    IsTruncated: z.enum(["true", "false"]),
    NextContinuationToken: z.string().optional(),
    Contents: z.array(z.object({ Key: z.string(), Size: z.string().regex(/^\d{1,15}$/), ETag: z.string() }))
      .default([]),
  }),
});

const REFUSAL = z.object({ Error: z.object({ Code: z.string(), Message: z.string().default("") }) });

/** A page has 1,000 keys of up to a kilobyte, and seldom a tenth of that. */
const LONGEST_LISTING = 1 << 22;

/**
 * Opens a bucket. Requests are signed (AWS Signature Version 4); neither key is in any address or message.
 *
 * @param settings See {@linkcode S3Settings}.
 * @returns The bucket; its methods throw {@linkcode WireError}.
 */
export function openBucket(settings: S3Settings): S3Bucket {
  const { endpoint, bucket, region, keyId, secret, idleMs } = settings;
  const client = new AwsClient({ accessKeyId: keyId, secretAccessKey: secret, region, service: "s3" });
  const base = `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  const get = async (url: string, headers: Record<string, string>) => {
    const request = await client.sign(url, { headers });
    return await send(request, {
      describe: refusalOf,
      secrets: [secret, keyId],
      ...(idleMs !== undefined && { idleMs }),
    });
  };
  return {
    async list(prefix, next) {
      const query = new URLSearchParams({
        "list-type": "2",
        prefix,
        ...(next !== undefined && { "continuation-token": next }),
      });
      // A space is %20 in what is signed, and "+" in what URLSearchParams writes.
      const url = `${base}?${query.toString().replaceAll("+", "%20")}`;
      const answer = await get(url, {});
      return listingOf(await textOf(answer.chunks, LONGEST_LISTING, url), url, [secret, keyId]);
    },
    async read({ key, bytes, etag }, from) {
      const url = `${base}/${key.split("/").map(encodeURIComponent).join("/")}`;
      const headers = { "if-match": etag, ...(from > 0 && { range: `bytes=${from}-` }) };
      // Identity also keeps fetch() from decompressing a file that is stored with a content encoding.
      const answer = await get(url, { "accept-encoding": "identity", ...headers });
      return {
        from: offsetOf(answer, bytes, url),
        tagged: /^(AES256)?$/.test(answer.headers.get("x-amz-server-side-encryption") ?? ""),
        chunks: answer.chunks,
      };
    },
  };
}

function listingOf(
  text: string,
  url: string,
  secrets: readonly string[],
): { objects: S3Object[]; next: string | undefined } {
  const found = LISTING.safeParse(parsed(text));
  if (!found.success) {
    throw new WireError(
      `found "${quoted(text.slice(0, 4096), secrets, 60)}", wanted a listing of a bucket; check the endpoint`,
      url,
    );
  }
  const { IsTruncated, NextContinuationToken, Contents } = found.data.ListBucketResult;
  if (IsTruncated === "true" && !NextContinuationToken) {
    throw new WireError("found a listing that is cut off and does not say how to go on", url);
  }
  return {
    objects: Contents.map(({ Key, Size, ETag }) => ({ key: Key, bytes: Number(Size), etag: ETag })),
    next: IsTruncated === "true" ? NextContinuationToken : undefined,
  };
}

function offsetOf(
  { status, headers }: { status: number; headers: Headers },
  bytes: number,
  url: string,
): number {
  if (status === 200) return 0;
  const range = headers.get("content-range") ?? "";
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? [];
  if (status !== 206 || Number(total) !== bytes) {
    throw new WireError(
      `found HTTP ${status} with content-range "${shown(range)}", wanted a part of ${bytes} bytes`,
      url,
    );
  }
  return Number(from);
}

function refusalOf(body: string): string | undefined {
  const found = REFUSAL.safeParse(parsed(body));
  return found.success ? `${found.data.Error.Code}, ${found.data.Error.Message}` : undefined;
}

function parsed(xml: string): unknown {
  try {
    return PARSER.parse(xml, true);
  } catch {
    return undefined;
  }
}
