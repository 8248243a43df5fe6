// Original file: proto/tip/v1/link.proto

import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from '../../tip/v1/StreamId.ts';
import type { Tlp as _tip_v1_Tlp, Tlp__Output as _tip_v1_Tlp__Output } from '../../tip/v1/Tlp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Asks for the versions after `after`, of which the hub holds header hash `hash` (empty at 0).
 */
export interface Pull {
  'stream'?: (_tip_v1_StreamId | null);
  'after'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
  'sections'?: (_tip_v1_Tlp)[];
  /**
   * How many batches may be on their way before the next Ack; an Ack gives one back.
   */
  'credit'?: (number);
}

/**
 * Asks for the versions after `after`, of which the hub holds header hash `hash` (empty at 0).
 */
export interface Pull__Output {
  'stream': (_tip_v1_StreamId__Output | null);
  'after': (number);
  'hash': (Buffer);
  'sections': (_tip_v1_Tlp__Output)[];
  /**
   * How many batches may be on their way before the next Ack; an Ack gives one back.
   */
  'credit': (number);
}
