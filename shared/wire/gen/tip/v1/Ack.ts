// Original file: proto/tip/v1/link.proto

import type { StreamId as _tip_v1_StreamId, StreamId__Output as _tip_v1_StreamId__Output } from '../../tip/v1/StreamId.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Versions up to this one are durable at the hub.
 */
export interface Ack {
  'stream'?: (_tip_v1_StreamId | null);
  'version'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
}

/**
 * Versions up to this one are durable at the hub.
 */
export interface Ack__Output {
  'stream': (_tip_v1_StreamId__Output | null);
  'version': (number);
  'hash': (Buffer);
}
