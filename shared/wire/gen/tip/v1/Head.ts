// Original file: proto/tip/v1/link.proto

import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from '../../tip/v1/StreamId.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What the agent has: sent after the hellos and whenever the head moves.
 */
export interface Head {
  'stream'?: (_tip_v1_StreamId | null);
  /**
   * The newest version; 0 while the stream is empty.
   */
  'version'?: (number | string | Long);
  /**
   * The oldest version that can still be pulled, less one: versions floor+1 .. version are there.
   */
  'floor'?: (number | string | Long);
  /**
   * SHA-256 of the newest header; empty while the stream is empty.
   */
  'hash'?: (Buffer | Uint8Array | string);
}

/**
 * What the agent has: sent after the hellos and whenever the head moves.
 */
export interface Head__Output {
  'stream': (_tip_v1_StreamId__Output | null);
  /**
   * The newest version; 0 while the stream is empty.
   */
  'version': (number);
  /**
   * The oldest version that can still be pulled, less one: versions floor+1 .. version are there.
   */
  'floor': (number);
  /**
   * SHA-256 of the newest header; empty while the stream is empty.
   */
  'hash': (Buffer);
}
