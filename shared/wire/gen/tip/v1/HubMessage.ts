// Original file: proto/tip/v1/link.proto

import type { HubHello as _tip_v1_HubHello, HubHello__Output as _tip_v1_HubHello__Output } from '../../tip/v1/HubHello.ts';
import type { Pull as _tip_v1_Pull, Pull__Output as _tip_v1_Pull__Output } from '../../tip/v1/Pull.ts';
import type { Ack as _tip_v1_Ack, Ack__Output as _tip_v1_Ack__Output } from '../../tip/v1/Ack.ts';
import type { Halt as _tip_v1_Halt, Halt__Output as _tip_v1_Halt__Output } from '../../tip/v1/Halt.ts';
import type { Notice as _tip_v1_Notice, Notice__Output as _tip_v1_Notice__Output } from '../../tip/v1/Notice.ts';

export interface HubMessage {
  'hello'?: (_tip_v1_HubHello | null);
  'pull'?: (_tip_v1_Pull | null);
  'ack'?: (_tip_v1_Ack | null);
  'halt'?: (_tip_v1_Halt | null);
  'notice'?: (_tip_v1_Notice | null);
  'message'?: "hello"|"pull"|"ack"|"halt"|"notice";
}

export interface HubMessage__Output {
  'hello'?: (_tip_v1_HubHello__Output | null);
  'pull'?: (_tip_v1_Pull__Output | null);
  'ack'?: (_tip_v1_Ack__Output | null);
  'halt'?: (_tip_v1_Halt__Output | null);
  'notice'?: (_tip_v1_Notice__Output | null);
  'message'?: "hello"|"pull"|"ack"|"halt"|"notice";
}
