/**
 * Settings of the sources over the network: addresses and keys come from the environment, and go nowhere else.
 *
 * @module
 */
import { UsageError } from "../lib/base/mod.ts";
import type { RestSettings, S3Settings } from "../lib/ingest/mod.ts";

/** Variables of the environment, what they are and their defaults; the help shows them. */
export const VARIABLES: Record<string, { help: string; default?: string }> = {
  TIDEMARK_S3_ENDPOINT: { help: "address of the S3-compatible server", default: "https://files.massive.com" },
  TIDEMARK_S3_BUCKET: { help: "bucket of the flat files", default: "flatfiles" },
  TIDEMARK_S3_REGION: { help: "region named in signatures", default: "us-east-1" },
  TIDEMARK_S3_KEY_ID: { help: "access key id" },
  TIDEMARK_S3_SECRET: { help: "its secret" },
  TIDEMARK_REST_ENDPOINT: { help: "address of the REST service", default: "https://api.massive.com" },
  TIDEMARK_REST_KEY: { help: "API key" },
};

/**
 * The S3 server of the environment.
 *
 * @throws {UsageError} If a key is missing or the address is not one.
 */
export function s3Settings(): S3Settings {
  return {
    endpoint: addressFrom("TIDEMARK_S3_ENDPOINT", "--s3"),
    bucket: valueOf("TIDEMARK_S3_BUCKET", "--s3"),
    region: valueOf("TIDEMARK_S3_REGION", "--s3"),
    keyId: valueOf("TIDEMARK_S3_KEY_ID", "--s3"),
    secret: valueOf("TIDEMARK_S3_SECRET", "--s3"),
  };
}

/**
 * The REST service of the environment.
 *
 * @param requestsPerSecond Requests a second.
 * @throws {UsageError} If the key is missing, or the address is not one or would carry the key in the clear.
 */
export function restSettings(requestsPerSecond: number): RestSettings {
  const endpoint = addressFrom("TIDEMARK_REST_ENDPOINT", "--rest"),
    { protocol, hostname } = new URL(endpoint);
  if (protocol === "http:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) {
    throw new UsageError(
      `Cannot use TIDEMARK_REST_ENDPOINT "${endpoint}": http would carry the key in the clear; give an https address`,
    );
  }
  return { endpoint, key: valueOf("TIDEMARK_REST_KEY", "--rest"), requestsPerSecond };
}

function valueOf(name: string, option: string): string {
  const value = Deno.env.get(name)?.trim() || VARIABLES[name].default;
  if (value === undefined) {
    throw new UsageError(`Cannot use ${option}: ${name} is not set; export it (${VARIABLES[name].help})`);
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new UsageError(
      `Cannot use ${option}: ${name} has a character in it that cannot be sent; export it anew`,
    );
  }
  return value;
}

function addressFrom(name: string, option: string): string {
  const text = valueOf(name, option), url = URL.parse(text);
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `Cannot use ${option}: ${name} is not an address; wanted one like ${VARIABLES[name].default}`,
    );
  }
  return text;
}
