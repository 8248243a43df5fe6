// Original file: proto/tip/v1/link.proto

import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from '../../tip/v1/StreamId.ts';
import type { Proof as _tip_v1_Proof, Proof__Output as _tip_v1_Proof__Output } from '../../tip/v1/Proof.ts';

/**
 * The hub stops this stream alone; the rest of the connection goes on.
 */
export interface Halt {
  'stream'?: (_tip_v1_StreamId | null);
  'reason'?: (string);
  /**
   * The headers and signatures that contradict each other.
   */
  'proof'?: (_tip_v1_Proof)[];
}

/**
 * The hub stops this stream alone; the rest of the connection goes on.
 */
export interface Halt__Output {
  'stream': (_tip_v1_StreamId__Output | null);
  'reason': (string);
  /**
   * The headers and signatures that contradict each other.
   */
  'proof': (_tip_v1_Proof__Output)[];
}
