import { type Faulty, withFault, withoutFault } from './faulty.ts';
import { type LinkFault, LinkFaultInForce } from './link-fault.ts';
import type { Rng } from './rng.ts';
import type { Call } from './rpc.ts';
import type { EventTarget } from './scheduler.ts';

/** Something on its way over a link; only a link with faults needs to look at it as a thing. */
export interface Parcel {
  readonly kind: number;
  /** The node that it happens to. */
  readonly node: number;
  readonly digest: number;
  readonly target: EventTarget;
  readonly payload: unknown;
  /** The call that it belongs to; undefined for a one-way message. */
  readonly call: Call | undefined;
}

/** A parcel that a blocked or clogged link has not let through yet. */
export interface HeldParcel {
  readonly parcel: Parcel;
  readonly sentUs: number;
  /** Held by a clog: it is not given up, however long that takes. */
  readonly patient: boolean;
  /** False once it has gone on, or was given up. */
  waiting: boolean;
}

/** What a link's faults make of one packet. */
export interface Fate {
  /** How often it is lost before it gets through. */
  readonly losses: number;
  /** On top of the link's own latency. */
  readonly delayUs: number;
}

/** One directed link: its own stream of chances, and what lies on it. */
export class Link implements Faulty<LinkFault> {
  readonly rng: Rng;
  /** Whether any fault is in force: all that a healthy delivery looks at. */
  faulty = false;
  /** When the last one-way message arrives: the next one may not overtake it. */
  lastMessageUs = 0;
  inForce: readonly LinkFaultInForce[] = [];
  /** In the order of sending. */
  held: HeldParcel[] = [];
  private readonly streamOf: (label: string) => Rng;
  private readonly onOpen: (link: Link) => void;

  /**
   * @param streamOf the stream of chances of a fault on this link
   * @param onOpen called when the link lets parcels through again that it has held
   */
  constructor(rng: Rng, streamOf: (label: string) => Rng, onOpen: (link: Link) => void) {
    this.rng = rng;
    this.streamOf = streamOf;
    this.onOpen = onOpen;
  }

  impose(label: string, fault: LinkFault): void {
    const added = new LinkFaultInForce(label, fault, this.streamOf(label));
    this.inForce = withFault(this.inForce, added);
    this.faulty = true;
  }

  lift(label: string): void {
    this.inForce = withoutFault(this.inForce, label);
    this.faulty = this.inForce.length > 0;
    if (this.held.length > 0 && this.barrier() === undefined) this.onOpen(this);
  }

  /** Whether nothing gets through for good. */
  get blocked(): boolean {
    return this.inForce.some(({ fault }) => fault.kind === 'block');
  }

  /** What keeps parcels from passing now: a block before a clog. */
  barrier(): LinkFaultInForce | undefined {
    const of = (kind: LinkFault['kind']): LinkFaultInForce | undefined =>
      this.inForce.find(({ fault }) => fault.kind === kind);
    return of('block') ?? of('clog');
  }

  /** Draws what becomes of a packet; at most `lossesMax` losses are drawn. */
  fate(lossesMax: number): Fate {
    let delayUs = 0;
    for (const fault of this.inForce) delayUs += fault.delayUs();
    let losses = 0;
    while (losses < lossesMax && this.loses()) losses++;
    return { losses, delayUs };
  }

  /** The first fault of a kind that strikes the next message; each of them draws. */
  struckBy(kind: 'duplicate' | 'reorder'): LinkFaultInForce | undefined {
    const striking = this.inForce.filter(({ fault }) => fault.kind === kind);
    return striking.filter((fault) => fault.strikes())[0];
  }

  private loses(): boolean {
    let lost = false;
    for (const force of this.inForce) {
      const { kind } = force.fault;
      if ((kind === 'loss' || kind === 'corrupt') && force.strikes()) lost = true;
    }
    return lost;
  }
}
