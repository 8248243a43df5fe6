// Original file: proto/tip/v1/batch.proto

import type { Tlp as _tip_v1_Tlp, Tlp__Output as _tip_v1_Tlp__Output } from '../../tip/v1/Tlp.ts';
import type { Codec as _tip_v1_Codec, Codec__Output as _tip_v1_Codec__Output } from '../../tip/v1/Codec.ts';

/**
 * The part of a batch that carries one TLP.
 */
export interface Section {
  'tlp'?: (_tip_v1_Tlp);
  'codec'?: (_tip_v1_Codec);
  /**
   * Compressed msgpack: an array of leaves, each [salt, leaf bytes], or [leaf hash] where a leaf was erased.
   */
  'body'?: (Buffer | Uint8Array | string);
}

/**
 * The part of a batch that carries one TLP.
 */
export interface Section__Output {
  'tlp': (_tip_v1_Tlp__Output);
  'codec': (_tip_v1_Codec__Output);
  /**
   * Compressed msgpack: an array of leaves, each [salt, leaf bytes], or [leaf hash] where a leaf was erased.
   */
  'body': (Buffer);
}
