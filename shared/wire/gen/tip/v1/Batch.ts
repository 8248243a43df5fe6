// Original file: proto/tip/v1/batch.proto

import type { Section as _tip_v1_Section, Section__Output as _tip_v1_Section__Output } from '../../tip/v1/Section.ts';

/**
 * Observations under one version. The signature covers "TIP-batch-1\0" and the header's exact bytes;
 * the header holds the hash of every section, so a section may be absent and the rest still verifies.
 */
export interface Batch {
  'header'?: (Buffer | Uint8Array | string);
  'signature'?: (Buffer | Uint8Array | string);
  'sections'?: (_tip_v1_Section)[];
}

/**
 * Observations under one version. The signature covers "TIP-batch-1\0" and the header's exact bytes;
 * the header holds the hash of every section, so a section may be absent and the rest still verifies.
 */
export interface Batch__Output {
  'header': (Buffer);
  'signature': (Buffer);
  'sections': (_tip_v1_Section__Output)[];
}
