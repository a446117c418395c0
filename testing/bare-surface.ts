import { type Clock, Disk, type Faulty, type LinkFault, World } from '../cluster/sim/index.ts';
import type {
  FaultSurface,
  NodeInfo,
  NodeKind,
  PdControl,
  Refusal,
  RegionOperationProgress,
  Scaling,
} from '../cluster/surface.ts';

/** Nodes that do nothing, in a real world: all that a fault can be done to, and nothing besides. */
export class BareSurface implements FaultSurface {
  readonly clientId = 0;
  /** The member of PD that leads; set by hand. */
  leader: number | undefined = undefined;
  /** Why PD refuses whatever it is asked; undefined: it does not. */
  refusal: Refusal | undefined = undefined;
  readonly world = new World('1', { minUs: 100, tailUs: 0 });
  readonly pdControl: PdControl;
  readonly scaling: Scaling;
  private names: string[] = ['client'];
  private readonly disks = new Map<number, Disk>();

  /** @param names of the nodes, which get the ids 1, 2, …: `tikv-0` */
  constructor(names: readonly string[]) {
    this.world.start(this.clientId, 'client');
    for (const name of names) this.add(name);
    this.pdControl = this.makePdControl();
    this.scaling = this.makeScaling();
  }

  nodes(): NodeInfo[] {
    return this.names.flatMap((name, id) =>
      id === this.clientId || name === ''
        ? []
        : [{ id, name, kind: kindOf(name), alive: this.isAlive(id) }],
    );
  }

  pdLeader(): number | undefined {
    return this.leader;
  }

  kill(id: number): void {
    this.world.kill(id);
  }

  powerCut(id: number): void {
    this.world.kill(id);
    this.disks.get(id)?.lostPower();
  }

  restart(id: number): void {
    if (!this.isAlive(id)) this.world.start(id, this.names[id] as string);
  }

  isAlive(id: number): boolean {
    return this.world.process(id)?.alive === true;
  }

  pause(id: number): void {
    this.world.pause(id);
  }

  resume(id: number): void {
    this.world.resume(id);
  }

  isPaused(id: number): boolean {
    return this.world.isPaused(id);
  }

  link(from: number, to: number): Faulty<LinkFault> & { readonly blocked: boolean } {
    return this.world.network.link(from, to);
  }

  clock(id: number): Clock {
    return this.world.clocks.of(id);
  }

  disk(id: number): Disk | undefined {
    return this.disks.get(id);
  }

  private add(name: string): number {
    const id = this.names.push(name) - 1;
    this.world.start(id, name);
    if (kindOf(name) !== 'tidb')
      this.disks.set(id, new Disk(this.world, id, { minUs: 1, tailUs: 0 }));
    return id;
  }

  private makePdControl(): PdControl {
    const running = new Set<string>();
    const asked = (act: () => void): Refusal | undefined => {
      if (this.refusal === undefined) act();
      return this.refusal;
    };
    return {
      addScheduler: (name) => asked(() => void running.add(name)),
      removeScheduler: (name) => asked(() => void running.delete(name)),
      schedulers: () => (this.refusal === undefined ? [...running] : undefined),
      operate: (operation, key): RegionOperationProgress | Refusal =>
        this.refusal ?? { description: `${operation} of ${key}`, status: () => 'finished' },
    };
  }

  private makeScaling(): Scaling {
    return {
      addNode: (kind) => this.refusal ?? this.add(`${kind}-${this.names.length}`),
      removeNode: (id) => {
        if (this.refusal === undefined) this.names[id] = '';
        return this.refusal;
      },
    };
  }
}

function kindOf(name: string): NodeKind {
  const kinds: readonly NodeKind[] = ['tidb', 'tikv', 'pd'];
  const kind = kinds.find((known) => name.startsWith(known));
  if (kind === undefined) throw new Error(`no kind of node has the name ${name}`);
  return kind;
}
