import { formatTime } from '../../log.ts';
import type { LimitSettings } from './limit-settings.ts';
import type { NodeMemory } from './node-memory.ts';
import { recordText } from './record-files.ts';
import { sourceOf } from './stack.ts';

/** What the alarm asks of the node around it. */
export interface AlarmHost {
  readonly settings: LimitSettings;
  /** The statements that run, as lines of `key: value`, with what they are to be sorted by. */
  running(): readonly RunningStatement[];
}

/** A statement as a record shows it. */
export interface RunningStatement {
  readonly memory: number;
  readonly sinceUs: number;
  readonly lines: readonly string[];
  /** Its trackers. */
  readonly tree: string;
}

/** v5.5: the alarm is raised again when it was silent for so long. */
const SILENCE_US = 10_000_000;
/** Since v6.4: after so long, or when so much of the limit came on top. */
const REPEAT_US = 60_000_000;
const GROWTH = 0.1;
/**
 * Where v5.5 leaves its records: below a folder named after the addresses that the node listens at,
 * `0.0.0.0:4000/0.0.0.0:10080` in base 64.
 */
const OLD_RECORD_PATH = '/tmp/1000_tidb/MC4wLjAuMDo0MDAwLzAuMC4wLjA6MTAwODA=/tmp-storage/record';
/** Records that v5.5 keeps. */
const KEPT = 5;

/**
 * Warns that a node may run out of memory, and writes down what it was doing. Ticked every 100 ms
 * by the controller. Source: TiDB `util/memoryusagealarm`.
 */
export class MemoryAlarm {
  private readonly node: NodeMemory;
  private readonly host: AlarmHost;
  /** v5.5: when it was over last. */
  private lastOverUs = -SILENCE_US - 1;
  private lastRecordUs = -REPEAT_US - 1;
  private lastRecordBytes = 0;

  constructor(node: NodeMemory, host: AlarmHost) {
    this.node = node;
    this.host = host;
  }

  /** Bytes at which it goes off; `Infinity` if it is switched off. */
  get threshold(): number {
    const { alarmRatio } = this.host.settings;
    if (alarmRatio <= 0 || alarmRatio >= 1) return Infinity;
    return alarmRatio * this.reference;
  }

  /** Looks once. True: it is over its threshold. */
  tick(): boolean {
    const used = this.node.heapInuse;
    if (used <= this.threshold) return false;
    const reason = this.due(used);
    this.lastOverUs = this.nowUs;
    if (reason !== undefined) {
      this.lastRecordUs = this.nowUs;
      this.lastRecordBytes = used;
      this.record(used, reason);
    }
    return true;
  }

  /** What the ratio is of: the limit, or the machine's memory where there is none. */
  private get reference(): number {
    const { limitBytes } = this.host.settings;
    return limitBytes > 0 ? limitBytes : this.node.parts.costs.memoryBytes;
  }

  private due(used: number): string | undefined {
    if (this.isOld) return this.nowUs - this.lastOverUs > SILENCE_US ? '' : undefined;
    if (this.nowUs - this.lastRecordUs > REPEAT_US) return 'memory usage exceeds alarm ratio';
    const grown = used - this.lastRecordBytes > GROWTH * this.reference;
    return grown ? 'memory usage grows too fast' : undefined;
  }

  private record(used: number, reason: string): void {
    const { log, profile, costs, process, files } = this.node.parts;
    const { limitBytes, alarmRatio, keepRecords } = this.host.settings;
    const because = this.isOld ? '' : ` because of ${reason}`;
    const path = this.isOld ? OLD_RECORD_PATH : 'oom_record';
    const set = this.isOld ? 'is server-memory-quota set' : 'is tidb_server_memory_limit set';
    const system: [string, number][] = [
      ['system memory total', costs.memoryBytes],
      ['system memory usage', used],
    ];
    const limited = !this.isOld && limitBytes > 0;
    log(
      'WARN',
      sourceOf(profile, this.isOld ? 'memory_usage_alarm.go' : 'memoryusagealarm.go', 141),
      `tidb-server has the risk of OOM${because}. ` +
        'Running SQLs and heap profile will be recorded in record path',
      [
        [set, String(limited)],
        ...(limited ? [['tidb_server_memory_limit', limitBytes] as const] : system),
        ['tidb-server memory usage', used],
        ['memory-usage-alarm-ratio', alarmRatio],
        ['record path', path],
      ],
    );
    const texts = recordText(this.host.running(), this.nowUs, this.node.tracker.toString());
    const stamp = `${formatRfc3339(process.wallMs())}`;
    if (this.isOld) files.keepEach(path, texts, stamp, KEPT);
    else files.keepTogether(path, texts, `record${stamp}`, keepRecords);
  }

  private get isOld(): boolean {
    return this.node.parts.profile.memory.serverLimit === 'none';
  }

  private get nowUs(): number {
    return this.node.parts.process.world.nowUs;
  }
}

/** `2022-02-22T20:00:00Z`. */
function formatRfc3339(wallMs: number): string {
  const [date, time] = formatTime(wallMs).split(' ') as [string, string];
  return `${date.replaceAll('/', '-')}T${time.slice(0, 8)}Z`;
}
