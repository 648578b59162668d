/**
 * A real S3 server on loopback, of the npm package `@20minutes/s3rver`, which checks Signature Version 4 itself.
 *
 * @module
 */
import { AwsClient } from "aws4fetch";
import S3rver from "s3rver";
import type { S3Settings } from "../../lib/ingest/mod.ts";

/** A running server with a bucket `flatfiles`. */
export interface S3Server {
  /** What opens it. */
  settings: S3Settings;
  /** Stores a file. */
  put(key: string, bytes: Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<void>;
  /** Stops it. */
  close(): Promise<void>;
}

/** The package's only key and secret. */
const KEY = "S3RVER";
const BUCKET = "flatfiles";

/** Starts a server on a free port, with its files in a temporary folder. */
export async function startS3(): Promise<S3Server> {
  const directory = await Deno.makeTempDir({ prefix: "tidemark-s3-" });
  const server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: BUCKET, configs: [] }],
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new AwsClient({
    accessKeyId: KEY,
    secretAccessKey: KEY,
    service: "s3",
    region: "us-east-1",
    retries: 0,
  });
  return {
    settings: { endpoint, bucket: BUCKET, region: "us-east-1", keyId: KEY, secret: KEY },
    async put(key, body, headers = {}) {
      const response = await client.fetch(`${endpoint}/${BUCKET}/${key}`, { method: "PUT", body, headers });
      if (!response.ok) throw new Error(`HTTP ${response.status} ${await response.text()}`);
      await response.body?.cancel();
    },
    async close() {
      await server.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
