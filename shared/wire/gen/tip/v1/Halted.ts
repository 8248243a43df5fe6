// Original file: proto/tip/v1/link.proto

import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from '../../tip/v1/StreamId.ts';
import type { Proof as _tip_v1_Proof, Proof__Output as _tip_v1_Proof__Output } from '../../tip/v1/Proof.ts';

/**
 * The agent found that the hub's history is not its own.
 */
export interface Halted {
  'stream'?: (_tip_v1_StreamId | null);
  'reason'?: (string);
  'proof'?: (_tip_v1_Proof)[];
}

/**
 * The agent found that the hub's history is not its own.
 */
export interface Halted__Output {
  'stream': (_tip_v1_StreamId__Output | null);
  'reason': (string);
  'proof': (_tip_v1_Proof__Output)[];
}
