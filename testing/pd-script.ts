import type { AdminRequest } from '../cluster/pd/admin.ts';
import type { Coordinator } from '../cluster/pd/coordinator.ts';
import type { RegionHeartbeatResponse } from '../cluster/pd/heartbeat.ts';
import type { Operator } from '../cluster/pd/operator.ts';
import { type ScheduleConfig, scheduleConfig } from '../cluster/pd/schedule-config.ts';
import type { PeerInfo, PeerRole } from '../cluster/tikv/request.ts';
import {
  type Args,
  type Command,
  type CommandRunner,
  ExpectedError,
  unknownCommand,
} from './golden-script.ts';
import type { ModelRegion, PdModel } from './pd-model.ts';
import { PdWorld } from './pd-world.ts';

const MIB = 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1_000_000,
  min: 60_000_000,
  h: 3_600_000_000,
};

/**
 * The vocabulary of `cluster/pd/testdata`: a coordinator, and a model of the cluster it has to do
 * with.
 *
 * config max_replicas=3 known_regions=0 … · defect pd.name · store 1 2 3 up|down|busy|removing ·
 * region 1 [a,b) on 1,2,3 leader 1 [size=96] [keys=] [epoch=1/1] [learner=4] [pending=4] ·
 * scheduler add|remove name · run 10ms (time passes) · heartbeat 1 · obey 1 (the leader does what
 * it was last told) · obeying (from now on all do, and report at once) · bump 1 conf_ver|version
 * (somebody else changes the region) · split 1 at m · admin transfer-leader 1 2 · operators ·
 * regions · stores · schedulers · counters · due
 *
 * Peer 12 is region 1's on store 2. Lines begin with the time.
 */
export class PdScript implements CommandRunner {
  private made: PdWorld | undefined;
  private quiet = false;
  private readonly bugs = new Set<string>();
  private readonly changes: Record<string, number | boolean> = {};
  private output: string[] = [];
  private readonly commands: Readonly<Record<string, (args: Args) => void>> = {
    config: (args) => this.configure(args),
    defect: (args) => this.bugs.add(args.next('the defect')),
    store: (args) => this.store(args),
    region: (args) => this.region(args),
    scheduler: (args) => this.scheduler(args),
    run: (args) => this.world.elapse(timeOf(args.next('how long'))),
    heartbeat: (args) => this.world.heartbeat(this.regionNamed(args)),
    obey: (args) => this.obey(this.regionNamed(args)),
    obeying: () => {
      this.world.obeys = true;
    },
    quiet: () => {
      this.quiet = true;
    },
    bump: (args) => this.bump(args),
    split: (args) => this.split(args),
    admin: (args) => this.admin(args),
    operators: () => this.show([...this.pd.operators.operators()].map(shownOperator)),
    regions: () => this.show(this.regionsByKey().map((region) => this.shownRegion(region))),
    stores: () => this.show(this.pd.cluster.stores.map((store) => this.shownStore(store.id))),
    schedulers: () => this.show(this.pd.schedulers()),
    counters: () => this.counters(),
    due: () => this.show([`next at ${shownTime(this.pd.nextDueUs)}`]),
  };

  run(command: Command): readonly string[] {
    const execute = this.commands[command.name];
    if (execute === undefined) return unknownCommand(command);
    this.output = [];
    execute(command.args);
    return this.output;
  }

  /** Made by the first command that needs it, with the configuration of those before. */
  private get world(): PdWorld {
    if (this.made !== undefined) return this.made;
    const { knownRegions = 0, ...changes } = this.changes;
    this.made = new PdWorld(
      {
        seed: '1',
        config: scheduleConfig(1, changes as Partial<ScheduleConfig>),
        knownRegions: Number(knownRegions),
        schedulers: [],
        bugs: this.bugs,
        observe: (operator, reason) => this.observe(operator, reason),
      },
      {
        told: (store, response) => this.say(`→ store ${store}: ${shownResponse(response)}`),
        refused: () => this.say('region is stale'),
      },
    );
    return this.made;
  }

  private get pd(): Coordinator {
    return this.world.pd;
  }

  private get model(): PdModel {
    return this.world.model;
  }

  private get nowUs(): number {
    return this.world.nowUs;
  }

  private configure(args: Args): void {
    for (const [key, value] of args.pairs()) {
      const name = key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      if (value === 'true' || value === 'false') this.changes[name] = value === 'true';
      else this.changes[name] = /[a-z]/.test(value) ? timeOf(value) : Number(value);
    }
  }

  private store(args: Args): void {
    const words = args.rest();
    const state = words.pop();
    for (const id of words.map(Number)) {
      const store = this.model.stores.get(id);
      if (store === undefined) this.world.addStore(id);
      else if (state === 'up') this.model.restart(id, this.nowUs);
      if (state === 'down') this.model.kill(id, this.nowUs);
      else if (state === 'removing') this.pd.removeStore(id);
      else if (store !== undefined) store.busy = state === 'busy';
      if (this.model.isUp(id)) this.world.storeHeartbeat(id);
    }
  }

  private region(args: Args): void {
    const [id = '', range = '', , on = '', , leader = ''] = args.rest();
    const [, startKey = '', endKey = ''] = /^\[(.*),(.*)\)$/.exec(range) ?? [];
    const peerId = (store: number): number => Number(id) * 10 + store;
    const role = (store: number): PeerRole => (learners.includes(store) ? 'learner' : 'voter');
    const learners = storesIn(args.optionalText('learner'));
    const stores = [...storesIn(on), ...learners];
    const peers: PeerInfo[] = stores.map((store) => ({
      id: peerId(store),
      store,
      role: role(store),
    }));
    const pending = storesIn(args.optionalText('pending'));
    const behind = pending.map((store): [number, number] => [peerId(store), this.nowUs]);
    const [version = 1, confVer = 1] = (args.optionalText('epoch') ?? '1/1').split('/').map(Number);
    const region: ModelRegion = {
      info: { id: Number(id), startKey, endKey, epoch: { confVer, version }, peers },
      leader: peerId(Number(leader)),
      term: 5,
      bytes: (args.optionalInteger('size') ?? 96) * MIB,
      keys: args.optionalInteger('keys') ?? 1_000_000,
      behind: new Map(behind),
      merging: undefined,
    };
    this.model.regions.set(region.info.id, region);
    this.world.heartbeat(region);
  }

  private scheduler(args: Args): void {
    const verb = args.next('add or remove');
    const name = args.next('the scheduler');
    const done =
      verb === 'add' ? this.pd.addScheduler(name, this.nowUs) : this.pd.removeScheduler(name);
    if (!done) throw new ExpectedError(`cannot ${verb} ${name}`);
  }

  private obey(region: ModelRegion): void {
    const response = this.world.told.get(region.info.id);
    const changed = response === undefined ? [] : this.model.obey(response, this.nowUs);
    if (changed.length === 0) throw new ExpectedError('nothing is done');
    for (const one of changed) this.output.push(this.shownRegion(one));
  }

  private bump(args: Args): void {
    const region = this.regionNamed(args);
    const part = args.next('conf_ver or version');
    const { confVer, version } = region.info.epoch;
    const epoch =
      part === 'version' ? { confVer, version: version + 1 } : { confVer: confVer + 1, version };
    region.info = { ...region.info, epoch };
  }

  private split(args: Args): void {
    const region = this.regionNamed(args);
    args.flag('at');
    for (const part of this.model.split(region, args.next('the key'))) this.world.heartbeat(part);
  }

  private admin(args: Args): void {
    const kind = args.next('the verb');
    const [region = 0, first = 0, second = 0] = args.rest().map(Number);
    const refusal = this.pd.addOperator(decreeOf(kind, region, first, second), this.nowUs);
    if (refusal !== undefined) throw new ExpectedError(refusal);
  }

  private counters(): void {
    for (const [description, tally] of this.pd.counters.all()) {
      const parts = Object.entries(tally).filter(([, count]) => count > 0);
      this.output.push(
        `${description}: ${parts.map(([status, count]) => `${status} ${count}`).join(', ')}`,
      );
    }
  }

  private observe(operator: Operator, reason: string | undefined): void {
    if (operator.status === 'created' && !this.quiet) {
      const steps = operator.steps.map((step) => step.describe()).join(' → ');
      this.say(`region ${operator.region}: ${operator.description}: ${steps}`);
    } else if (operator.status !== 'started' && operator.status !== 'created') {
      const why = reason === undefined ? '' : `: ${reason}`;
      this.say(`region ${operator.region}: ${operator.description} ${operator.status}${why}`);
    }
  }

  private say(line: string): void {
    if (!this.quiet) this.output.push(`${shownTime(this.nowUs)} ${line}`);
  }

  private show(lines: readonly string[]): void {
    this.output.push(...(lines.length === 0 ? ['none'] : lines));
  }

  private regionNamed(args: Args): ModelRegion {
    const id = Number(args.next('the region'));
    const region = this.model.regions.get(id);
    if (region === undefined) throw new Error(`there is no region ${id}`);
    return region;
  }

  private regionsByKey(): ModelRegion[] {
    return [...this.model.regions.values()].sort((a, b) =>
      a.info.startKey < b.info.startKey ? -1 : 1,
    );
  }

  private shownRegion(region: ModelRegion): string {
    const { info, leader, behind, merging } = region;
    const peers = info.peers.map(({ id, store, role }) => {
      const marks = [
        ...(id === leader ? ['leader'] : []),
        ...(role === 'voter' ? [] : [role]),
        ...(behind.has(id) ? ['behind'] : []),
      ];
      return marks.length === 0 ? `${store}` : `${store} (${marks.join(', ')})`;
    });
    const { version, confVer } = info.epoch;
    const merge = merging === undefined ? '' : `, merging into region ${merging.target.id}`;
    const range = `[${info.startKey},${info.endKey})`;
    return `region ${info.id} ${range} epoch ${version}/${confVer} on ${peers.join(', ')}${merge}`;
  }

  private shownStore(id: number): string {
    const store = this.pd.cluster.store(id);
    if (store === undefined) return `store ${id}`;
    const { leaders, followers, learners } = store;
    const mib = Math.round(store.regionBytes / MIB);
    const state = store.state(this.nowUs);
    const roles = [`leaders ${leaders.size}`, `followers ${followers.size}`];
    return `store ${id} ${state}: ${roles.join(', ')}, learners ${learners.size}, ${mib} MiB`;
  }
}

function decreeOf(kind: string, region: number, first: number, second: number): AdminRequest {
  switch (kind) {
    case 'transfer-leader':
      return { kind, region, store: first };
    case 'move-peer':
      return { kind, region, from: first, to: second };
    case 'merge-region':
      return { kind, region, target: first };
    case 'split-region':
      return { kind, region };
    default:
      throw new Error(`${kind} is no decree`);
  }
}

function shownOperator(operator: Operator): string {
  const { region, description, epoch, steps, step } = operator;
  const at = step === undefined ? steps.length : steps.indexOf(step) + 1;
  const doing = step === undefined ? 'done' : step.describe();
  const made = `made for epoch ${epoch.version}/${epoch.confVer}`;
  return `region ${region}: ${description}, step ${at} of ${steps.length}: ${doing}, ${made}`;
}

function shownResponse(response: RegionHeartbeatResponse): string {
  const { region, epoch } = response;
  const to = `region ${region} (epoch ${epoch.version}/${epoch.confVer})`;
  switch (response.kind) {
    case 'transfer-leader':
      return `${to} transfer leader to peer ${response.peer}`;
    case 'merge':
      return `${to} merge into region ${response.target.id}`;
    case 'split-region':
      return `${to} split`;
    case 'change-peer': {
      const wishes = response.wishes.map(
        ({ kind, peer }) => `${kind} ${peer.id} on store ${peer.store}`,
      );
      return `${to} change peers: ${wishes.length === 0 ? 'leave joint' : wishes.join(', ')}`;
    }
  }
}

function shownTime(us: number): string {
  return Number.isFinite(us) ? `${us / 1_000_000}s` : 'never';
}

function timeOf(text: string): number {
  const [, amount, unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  if (amount === undefined || factor === undefined) throw new Error(`${text} is no time`);
  return Number(amount) * factor;
}

function storesIn(list: string | undefined): number[] {
  return list === undefined || list === '' ? [] : list.split(',').map(Number);
}
