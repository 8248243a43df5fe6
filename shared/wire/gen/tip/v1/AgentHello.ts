// Original file: proto/tip/v1/link.proto

import type { Tlp as _tip_v1_Tlp, Tlp__Output as _tip_v1_Tlp__Output } from '../../tip/v1/Tlp.ts';

/**
 * First on the stream. A side that shares no protocol number with the other ends it, naming which side to upgrade.
 */
export interface AgentHello {
  'release'?: (string);
  'protocolMin'?: (number);
  'protocolMax'?: (number);
  'tlp'?: (_tip_v1_Tlp);
}

/**
 * First on the stream. A side that shares no protocol number with the other ends it, naming which side to upgrade.
 */
export interface AgentHello__Output {
  'release': (string);
  'protocolMin': (number);
  'protocolMax': (number);
  'tlp': (_tip_v1_Tlp__Output);
}
