// Original file: proto/tip/v1/link.proto

import type { AgentHello as _tip_v1_AgentHello, AgentHello__Output as _tip_v1_AgentHello__Output } from '../../tip/v1/AgentHello.ts';
import type { Head as _tip_v1_Head, Head__Output as _tip_v1_Head__Output } from '../../tip/v1/Head.ts';
import type { Batch as _tip_v1_Batch, Batch__Output as _tip_v1_Batch__Output } from '../../tip/v1/Batch.ts';
import type { Gap as _tip_v1_Gap, Gap__Output as _tip_v1_Gap__Output } from '../../tip/v1/Gap.ts';
import type { Health as _tip_v1_Health, Health__Output as _tip_v1_Health__Output } from '../../tip/v1/Health.ts';
import type { Halted as _tip_v1_Halted, Halted__Output as _tip_v1_Halted__Output } from '../../tip/v1/Halted.ts';

export interface AgentMessage {
  'hello'?: (_tip_v1_AgentHello | null);
  'head'?: (_tip_v1_Head | null);
  'batch'?: (_tip_v1_Batch | null);
  'gap'?: (_tip_v1_Gap | null);
  'health'?: (_tip_v1_Health | null);
  'halted'?: (_tip_v1_Halted | null);
  'message'?: "hello"|"head"|"batch"|"gap"|"health"|"halted";
}

export interface AgentMessage__Output {
  'hello'?: (_tip_v1_AgentHello__Output | null);
  'head'?: (_tip_v1_Head__Output | null);
  'batch'?: (_tip_v1_Batch__Output | null);
  'gap'?: (_tip_v1_Gap__Output | null);
  'health'?: (_tip_v1_Health__Output | null);
  'halted'?: (_tip_v1_Halted__Output | null);
  'message'?: "hello"|"head"|"batch"|"gap"|"health"|"halted";
}
