/** What the variables say about the memory of a whole node, at one moment. */
export interface LimitSettings {
  /** Another one when any of the others may have changed. */
  readonly version: number;
  /** `tidb_server_memory_limit`, bytes; 0 is none. */
  readonly limitBytes: number;
  /** `tidb_server_memory_limit_sess_min_size`: smaller sessions are spared. */
  readonly sessMinBytes: number;
  /** `tidb_server_memory_limit_gc_trigger`. */
  readonly gcTrigger: number;
  /** `tidb_memory_usage_alarm_ratio`; 0 and 1 are off. */
  readonly alarmRatio: number;
  /** `tidb_memory_usage_alarm_keep_record_num`. */
  readonly keepRecords: number;
}
