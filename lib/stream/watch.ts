/**
 * Watching over a reader of a stream: whether it gets what the stream says it holds, and what to say when it does not.
 *
 * @module
 */
import { type Bus, nameOf, reasonOf } from "./bus.ts";
import { claimed, claimOf, REMEDY, unfound } from "./claims.ts";
import type { Metrics } from "./metrics.ts";
import { pause } from "./pause.ts";

/** Where a reader stands. */
export interface Standing {
  /** First sequence it wants. */
  from: number;
  /** Last sequence that the server has offered it; what comes after it is yet to come. */
  offered: number;
  /** Messages up to `offered` that it may not have taken in yet: on their way, or to be offered again. */
  underWay: number;
  /** Whether it is offered no more before it acknowledges some of them. */
  full: boolean;
  /** How many of the sequences `first` to `last` it has. */
  has(first: number, last: number): number;
}

/** One reader's watch. */
export class Watch {
  #empty = 0;
  #readBackMs = -Infinity;
  #unfound: number | undefined;
  #waiting: { offered: number; empty: number } | undefined;

  /**
   * @param bus The connection.
   * @param stream Name of the stream that it reads.
   * @param metrics Its numbers, where trouble is kept.
   * @param standing Where it stands.
   */
  constructor(
    readonly bus: Bus,
    readonly stream: string,
    readonly metrics: Metrics,
    readonly standing: () => Standing | Promise<Standing>,
  ) {}

  /** Hears that a request stood for its time and brought nothing. */
  readonly onEmpty = (): void => {
    this.#empty++;
    this.metrics.trouble("delivery", undefined);
  };

  /** Hears that messages come. */
  readonly onMessage = (): void => this.metrics.trouble("delivery", undefined);

  /** Hears that none can come. */
  readonly onFault = (reason: string): void =>
    this.metrics.trouble("delivery", `stream ${this.stream}: ${reason}`);

  /** Looks at once and then again and again, until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(1000 * this.bus.config.checkSeconds, signal)) await this.check();
  }

  /** Looks once. A server that does not answer says nothing about what it holds. */
  async check(): Promise<void> {
    try {
      this.#say(...await this.#missing());
    } catch (cause) {
      if (this.bus.connection.isClosed()) return;
      this.onFault(reasonOf(cause));
      if (await this.#isGone()) this.#say(1, "is gone");
    }
  }

  /** Whether the server answers, and says that it has no such stream. */
  async #isGone(): Promise<boolean> {
    try {
      await claimOf(this.bus, this.stream);
      return false;
    } catch (error) {
      return nameOf(error) === "StreamNotFoundError";
    }
  }

  /** How many messages are missing, and why they are said to be. */
  async #missing(): Promise<[number, string]> {
    const empty = this.#empty, { from, offered, underWay, full, has } = await this.standing();
    const claim = await claimOf(this.bus, this.stream), first = Math.max(from, claim.first);
    // Messages come in order: what was passed over does not come any more.
    const passed = claimed(claim, first, offered) - has(first, offered) - underWay;
    if (passed > 0) return [passed, `says it holds ${passed} messages that it passed over`];
    const waiting = claimed(claim, Math.max(first, offered + 1));
    this.metrics.set("pending_messages", waiting);
    if (waiting === 0 || full) this.#waiting = undefined;
    else if (this.#waiting?.offered !== offered) this.#waiting = { offered, empty };
    // The first of two requests may have been over as the message came.
    else if (empty - this.#waiting.empty >= 2) {
      return [waiting, `says it holds ${waiting} messages and does not deliver them`];
    }
    if (performance.now() - this.#readBackMs >= 1000 * this.bus.config.readBackSeconds) {
      this.#unfound = await unfound(this.bus, this.stream);
      this.#readBackMs = performance.now();
    }
    return this.#unfound === undefined
      ? [0, ""]
      : [Math.max(1, waiting), `says it holds message ${this.#unfound}, and does not have it`];
  }

  #say(missing: number, why: string): void {
    const { metrics, bus } = this, before = metrics.get("missing_messages");
    metrics.set("missing_messages", missing);
    metrics.trouble("claim", missing > 0 ? `stream ${this.stream} ${why}` : undefined);
    if (missing > 0 && before === 0) {
      bus.effects.warn(`${metrics.service}: stream ${this.stream} of ${bus.where} ${why}; ${REMEDY}`);
    } else if (missing === 0 && before > 0) {
      bus.effects.log(
        `${metrics.service}: stream ${this.stream} of ${bus.where} has what it says it holds again`,
      );
    }
  }
}
