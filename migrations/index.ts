import { Catalogue1763700000001 } from './0001-catalogue.js';
import { HotPath1763700000002 } from './0002-hot-path.js';
import { EventBus1763700000003 } from './0003-event-bus.js';
import { OutsideWork1763700000004 } from './0004-outside-work.js';
import { AliasesAndMapRuns1763700000005 } from './0005-aliases-and-map-runs.js';
import { GroupCommit1763700000006 } from './0006-group-commit.js';
import { EventPlane1763700000008 } from './0008-event-plane.js';
import { ScheduleJitter1763700000009 } from './0009-schedule-jitter.js';
import { EventSources1763700000010 } from './0010-event-sources.js';
import { ForgottenReadings1763700000011 } from './0011-forgotten-readings.js';
import { Lineage1763700000012 } from './0012-lineage.js';
import { Payloads1763700000013 } from './0013-payloads.js';
import { InstancesAndUsage1763700000014 } from './0014-instances-and-usage.js';
import { Placement1763700000015 } from './0015-placement.js';
import { Calls1763700000016 } from './0016-calls.js';
import { Topics1763700000017 } from './0017-topics.js';
import { ObjectEvents1763700000018 } from './0018-object-events.js';
import { ResultCache1763700000019 } from './0019-result-cache.js';
import { OnePass1763700000020 } from './0020-one-pass.js';
import { EachValueOnce1763700000021 } from './0021-each-value-once.js';
import { ValuesInTheHistory1763700000022 } from './0022-values-in-the-history.js';
import { TemporaryObjects1763700000023 } from './0023-temporary-objects.js';
import { Builtins1763700000024 } from './0024-builtins.js';
import { AsynchronousCalls1763700000025 } from './0025-asynchronous-calls.js';
import { LargeEvents1763700000027 } from './0027-large-events.js';
import { ClientContext1763700000029 } from './0029-client-context.js';
import { Locality1763700000030 } from './0030-locality.js';
import { SameWorkAtOnce1763700000031 } from './0031-same-work-at-once.js';
import { Tombstones1763700000032 } from './0032-tombstones.js';
import { OrderOfKeys1763700000047 } from './0047-order-of-keys.js';
import { OrderOfConfiguration1763700000048 } from './0048-order-of-configuration.js';
import { PlainColumns1763700000049 } from './0049-plain-columns.js';
import { Meters1763700000052 } from './0052-meters.js';
import { Places1763700000053 } from './0053-places.js';

/** In order. Never edit one that was merged: add another. */
export const migrations = [
  Catalogue1763700000001,
  HotPath1763700000002,
  EventBus1763700000003,
  OutsideWork1763700000004,
  AliasesAndMapRuns1763700000005,
  GroupCommit1763700000006,
  EventPlane1763700000008,
  ScheduleJitter1763700000009,
  EventSources1763700000010,
  ForgottenReadings1763700000011,
  Lineage1763700000012,
  Payloads1763700000013,
  InstancesAndUsage1763700000014,
  Placement1763700000015,
  Calls1763700000016,
  Topics1763700000017,
  ObjectEvents1763700000018,
  ResultCache1763700000019,
  OnePass1763700000020,
  EachValueOnce1763700000021,
  ValuesInTheHistory1763700000022,
  TemporaryObjects1763700000023,
  Builtins1763700000024,
  AsynchronousCalls1763700000025,
  LargeEvents1763700000027,
  ClientContext1763700000029,
  Locality1763700000030,
  SameWorkAtOnce1763700000031,
  Tombstones1763700000032,
  OrderOfKeys1763700000047,
  OrderOfConfiguration1763700000048,
  PlainColumns1763700000049,
  Meters1763700000052,
  Places1763700000053,
] as const;
