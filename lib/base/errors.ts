/**
 * Typed errors. Each names what was being done, where, what was found and what was wanted.
 *
 * Data faults (bad input a person can mend) extend {@linkcode TidemarkError}; anything else is a fault of ours.
 *
 * @module
 */

/** An error a person can act on. Commands print its message in one line and exit with {@linkcode exitCode}. */
export class TidemarkError extends Error {
  /** Exit code of the command that meets it: 1 a check failed, 2 bad usage or input. */
  readonly exitCode: 1 | 2 = 2;
  /** Name of the class, in logs. */
  override name = "TidemarkError";
}

/** Bad usage of a command: an unknown option, a date that cannot be parsed. */
export class UsageError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "UsageError";
}

/** Bytes that are not what their format says, with the place where that was seen. */
export class DecodeError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "DecodeError";
  /**
   * An error with its facts.
   *
   * @param message One line: what could not be done, what was found, what was wanted, what to do.
   * @param path File or stream the bytes came from.
   * @param byteOffset Offset of the fault in the decoded (decompressed) bytes, from 0.
   */
  constructor(message: string, readonly path: string, readonly byteOffset: number, options?: ErrorOptions) {
    super(`Cannot decode "${path}" at byte ${byteOffset}: ${message}`, options);
  }
}

/** A row of a text file that cannot be read. */
export class RowError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "RowError";
  /**
   * An error with its facts.
   *
   * @param message One line: what was found, what was wanted, what to do.
   * @param path File the row came from.
   * @param row 1-based line number, the header being line 1.
   */
  constructor(message: string, readonly path: string, readonly row: number, options?: ErrorOptions) {
    super(`Cannot read "${path}" at line ${row}: ${message}`, options);
  }
}

/** A table that is not what its schema declares. */
export class SchemaError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "SchemaError";
  /**
   * An error with its facts.
   *
   * @param message One line: what differs and what to do.
   * @param table Schema id such as `futures.trades.v1`.
   * @param column The offending column, if one.
   */
  constructor(message: string, readonly table: string, readonly column?: string, options?: ErrorOptions) {
    super(`Cannot use table ${table}${column ? ` column "${column}"` : ""}: ${message}`, options);
  }
}

/** A server that cannot be reached, refuses, or answers with something else than was asked for. */
export class WireError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "WireError";
  /** Whether asking again may help. */
  readonly retryable: boolean;
  /** How long the server asks to wait before that, milliseconds; undefined where it does not say. */
  readonly afterMs: number | undefined;
  /**
   * An error with its facts.
   *
   * @param message One line: what was found, what was wanted, what to do; without keys.
   * @param url Address asked, without keys.
   * @param options Whether and when asking again may help; defaults to not.
   */
  constructor(
    message: string,
    readonly url: string,
    options: ErrorOptions & { retryable?: boolean; afterMs?: number | undefined } = {},
  ) {
    super(`Cannot fetch ${url}: ${message}`, options);
    this.retryable = options.retryable ?? false;
    this.afterMs = options.afterMs;
  }
}

/** A message bus that cannot be used, or a message on it that cannot be read. */
export class BusError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "BusError";
  /**
   * An error with its facts.
   *
   * @param message One line: what was found, what was wanted, what to do; without secrets.
   * @param where The server, stream, consumer or subject.
   */
  constructor(message: string, readonly where: string, options?: ErrorOptions) {
    super(`Cannot use ${where}: ${message}`, options);
  }
}

/** The lake cannot be read or written, or lacks what a stage needs. */
export class LakeError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "LakeError";
  /**
   * An error with its facts.
   *
   * @param message One line: what is wrong and what to do.
   * @param path File or folder concerned.
   */
  constructor(message: string, readonly path: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** What a piece of work saw of the lake is no longer so: another changed it meanwhile. */
export class ConflictError extends LakeError {
  /** Name of the class, in logs. */
  override name = "ConflictError";
  /**
   * An error with its facts.
   *
   * @param root Folder of the lake.
   * @param path Relative path of the file or folder that changed.
   */
  constructor(root: string, path: string, options?: ErrorOptions) {
    super(
      `Cannot finish: "${path}" of the lake "${root}" was changed by another run meanwhile; run it again`,
      path,
      options,
    );
  }
}

/** Data a model cannot be trained on, a model that cannot be read, or one that does not fit the data it is given. */
export class ModelError extends TidemarkError {
  /** Name of the class, in logs. */
  override name = "ModelError";
  /**
   * An error with its facts.
   *
   * @param message One line: what cannot be done, what was found, what was wanted.
   * @param subject The labels, feature, parameter or file concerned.
   */
  constructor(message: string, readonly subject: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A check that ran and failed: the command did its work, the answer is no. */
export class CheckError extends TidemarkError {
  /** A check that failed is an answer, not bad input. */
  override readonly exitCode = 1 as const;
  /** Name of the class, in logs. */
  override name = "CheckError";
  /**
   * An error with its facts.
   *
   * @param check Id of the check.
   * @param found What was found.
   * @param wanted What was wanted.
   */
  constructor(
    readonly check: string,
    readonly found: string,
    readonly wanted: string,
    options?: ErrorOptions,
  ) {
    super(`Check ${check} failed: found ${found}, wanted ${wanted}`, options);
  }
}
